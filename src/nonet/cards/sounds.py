"""What one viewer sees of a sound: shown while a video that they may open is made around it, and to its owner."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, false, func, not_, or_, select

from nonet.cards import lists
from nonet.core import db, errors
from nonet.media import service as media
from nonet.media.tables import Asset
from nonet.moderation import labels
from nonet.people import service as people
from nonet.sounds.tables import Sound
from nonet.videos import service as videos
from nonet.videos.tables import Video


def visible_to(viewer_id: int | None) -> ColumnElement[bool]:
    """Return whether a viewer may open a sound."""
    used = select(Video.id).where(Video.sound_id == Sound.id, videos.visible_to(viewer_id)).exists()
    own = false() if viewer_id is None else Sound.owner_id == viewer_id
    kept = not_(labels.hidden("sound", Sound.id)) & not_(labels.reported("sound", Sound.id, viewer_id))
    return or_(own, used & kept)


async def check_visible(session: db.Session, viewer_id: int | None, sound_id: int) -> None:
    """Raise NotFound for a sound that the viewer may not see."""
    if await session.scalar(select(Sound.id).where(Sound.id == sound_id, visible_to(viewer_id))) is None:
        raise errors.NotFound


async def page(session: db.Session, viewer_id: int | None, sound_id: int) -> dict[str, Any]:
    """Return the JSON of a sound; raises NotFound."""
    found = await shown(session, viewer_id, [sound_id])
    if not found:
        raise errors.NotFound
    return found[0]


async def shown(session: db.Session, viewer_id: int | None, sound_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Return the JSON of these sounds in their order, those that the viewer may not see left out; in two statements."""
    await session.flush()
    playable = select(Video.id).where(Video.asset_id == Sound.asset_id, videos.visible_to(viewer_id)).exists()
    listed = (
        select(Video.id)
        .where(Video.sound_id == Sound.id, videos.in_lists(viewer_id))
        .limit(lists.COUNTED_MOST)
        .correlate(Sound)
        .lateral("listed")
    )
    count = select(func.count()).select_from(listed).correlate(Sound).scalar_subquery()
    query = (
        select(Sound, Asset, playable.label("playable"), count.label("videos"))
        .outerjoin(Asset, Asset.id == Sound.asset_id)
        .where(Sound.id.in_(sound_ids), visible_to(viewer_id))
        .execution_options(populate_existing=True)
    )
    rows = {row.Sound.id: row for row in await session.execute(query)}
    authors = await people.authors(session, {row.Sound.owner_id for row in rows.values()})
    wanted = (rows[each] for each in sound_ids if each in rows)
    return [_shape(row, authors.get(row.Sound.owner_id), viewer_id) for row in wanted]


def _shape(row: Any, author: people.Author | None, viewer_id: int | None) -> dict[str, Any]:  # noqa: ANN401 - a row
    sound: Sound = row.Sound
    asset: Asset | None = row.Asset
    return {
        "id": str(sound.id),
        "title": sound.title,
        "author": asdict(author) | {"id": str(author.id)} if author else None,
        "duration_ms": sound.duration_ms,
        "waveform": (asset.waveform if asset else None) or sound.waveform,
        "video_count": row.videos,
        "audio_url": media.address(asset, asset.mp4) if asset and row.playable else None,
        "mine": sound.owner_id == viewer_id,
    }
