"""From videos to JSON for one viewer: one statement for any number of cards."""

from collections.abc import Sequence
from typing import Any

from prometheus_client import Counter

from nonet.cards import schemas, select, shape
from nonet.core import db, ids, statements
from nonet.media import service as media
from nonet.media import tables as media_tables
from nonet.signals import tickets
from nonet.videos.tables import Video

SERVED = Counter("nonet_cards_served_total", "Cards served, by the surface that showed them", ["surface"])


async def cards(
    connection: statements.Connection,
    viewer_id: int | None,
    video_ids: Sequence[int],
    *,
    surface: str,
    request_id: int | None = None,
) -> list[dict[str, Any]]:
    """Return the cards of these videos in their order, what the viewer may not see left out, in one statement.

    Each is served with a ticket for its place; without ``request_id`` a new one names this answer.
    """
    if not video_ids:
        return []
    rows = await select.STATEMENT.fetch(connection, ids=list(video_ids), viewer=viewer_id)
    return served(rows, viewer_id, surface=surface, request_id=request_id or ids.new())


def served(
    rows: Sequence[statements.Row], viewer_id: int | None, *, surface: str, request_id: int
) -> list[dict[str, Any]]:
    """Shape rows of ``select`` as the cards of one answer, each with the ticket of its place in it."""
    SERVED.labels(surface).inc(len(rows))
    return [shape.card(row, ticket(request_id, place, row["id"], viewer_id)) for place, row in enumerate(rows)]


def ticket(request_id: int, position: int, video_id: int, viewer_id: int | None) -> dict[str, Any]:
    """Return what a card carries so that events about it count."""
    signed = tickets.sign(request_id, position, video_id, viewer_id or 0)
    return {"request_id": str(request_id), "position": position, "ticket": signed}


async def one(
    connection: statements.Connection, viewer_id: int | None, video_id: int, *, surface: str
) -> dict[str, Any] | None:
    """Return the card of one video; None when the viewer may not see it or it doesn't play."""
    found = await cards(connection, viewer_id, [video_id], surface=surface)
    return found[0] if found else None


async def own(session: db.Session, owner_id: int, videos: Sequence[Video]) -> list[schemas.Video]:
    """Return a person's own videos with the progress of their uploads."""
    await session.flush()
    found = await cards(await statements.raw(session), owner_id, [v.id for v in videos], surface="own")
    shown = {card["id"]: card for card in found}
    progress = await media.progress(session, [v.asset_id for v in videos])
    return [_own(video, shown.get(str(video.id)), progress.get(video.asset_id)) for video in videos]


def _own(video: Video, card: dict[str, Any] | None, progress: media.Progress | None) -> schemas.Video:
    return schemas.Video(
        **{name: getattr(video, name) for name in schemas.SETTINGS},
        id=video.id,
        upload_id=video.asset_id,
        pinned=video.pinned_at is not None,
        state=video.state,
        published_at=video.published_at,
        created_at=video.created_at,
        share_url=shape.share_url(video.id),
        upload=schemas.Upload.model_validate(progress, from_attributes=True) if progress else None,
        card=schemas.Card.model_validate(card) if card else None,
    )


def caption(asset: media_tables.Asset, track: media_tables.Track) -> schemas.CaptionTrack:
    """Shape one caption track."""
    return schemas.CaptionTrack(
        language=track.language,
        label=track.label,
        source=track.source,
        url=media.address(asset, track.file) or "",
        updated_at=track.updated_at,
    )
