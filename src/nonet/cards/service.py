"""From videos to JSON for one viewer: five queries for any number of them."""

from collections.abc import Sequence

from nonet.cards import schemas
from nonet.core import db, settings
from nonet.core.cursors import CursorInvalid, read_id_cursor, read_time_cursor, write_cursor
from nonet.media import service as media
from nonet.media import tables as media_tables
from nonet.media import tracks
from nonet.people import service as people
from nonet.videos.tables import Video

__all__ = ["CursorInvalid", "read_id_cursor", "read_time_cursor", "write_cursor"]


async def cards(session: db.Session, viewer_id: int | None, videos: Sequence[Video]) -> dict[int, schemas.Card]:
    """Return the card of each video that plays, by video id. The caller has checked that the viewer may see them."""
    asset_ids = [v.asset_id for v in videos]
    assets = await media.assets(session, asset_ids)
    captions = await tracks.of(session, asset_ids)
    authors = await people.authors(session, list({v.owner_id for v in videos}))
    found: dict[int, schemas.Card] = {}
    for video in videos:
        asset, author = assets.get(video.asset_id), authors.get(video.owner_id)
        if asset is not None and author is not None and asset.master and asset.mp4:
            shown = schemas.Author(id=author.id, handle=author.handle, name=author.name, avatar_url=author.avatar_url)
            found[video.id] = _card(video, asset, shown, captions.get(asset.id, []), viewer_id)
    return found


def _card(
    video: Video,
    asset: media_tables.Asset,
    author: schemas.Author,
    captions: list[media_tables.Track],
    viewer_id: int | None,
) -> schemas.Card:
    return schemas.Card(
        id=video.id,
        share_url=share_url(video.id),
        caption=video.caption,
        author=author,
        created_at=video.created_at,
        published_at=video.published_at,
        visibility=video.visibility,
        language=video.language,
        alt_text=video.alt_text,
        duration_ms=asset.duration_ms,
        width=asset.width,
        height=asset.height,
        placeholder=asset.placeholder,
        poster_url=media.address(asset, asset.poster),
        preview_url=media.address(asset, asset.preview),
        sprite=_sprite(asset),
        waveform=asset.waveform,
        hls_url=media.address(asset, asset.master) or "",
        mp4_url=media.address(asset, asset.mp4) or "",
        captions=[caption(asset, t) for t in captions],
        mine=viewer_id == video.owner_id,
    )


def _sprite(asset: media_tables.Asset) -> schemas.Sprite | None:
    if not asset.sprite:
        return None
    shape = {k: v for k, v in asset.sprite.items() if k != "file"}
    return schemas.Sprite(url=media.address(asset, asset.sprite["file"]) or "", **shape)


def caption(asset: media_tables.Asset, track: media_tables.Track) -> schemas.CaptionTrack:
    """Shape one caption track."""
    return schemas.CaptionTrack(
        language=track.language,
        label=track.label,
        source=track.source,
        url=media.address(asset, track.file) or "",
        updated_at=track.updated_at,
    )


async def own(session: db.Session, owner_id: int, videos: Sequence[Video]) -> list[schemas.Video]:
    """Return a person's own videos with the progress of their uploads."""
    shown = await cards(session, owner_id, videos)
    progress = await media.progress(session, [v.asset_id for v in videos])
    return [_own(video, shown.get(video.id), progress.get(video.asset_id)) for video in videos]


def _own(video: Video, card: schemas.Card | None, progress: media.Progress | None) -> schemas.Video:
    return schemas.Video(
        id=video.id,
        upload_id=video.asset_id,
        caption=video.caption,
        visibility=video.visibility,
        language=video.language,
        alt_text=video.alt_text,
        state=video.state,
        published_at=video.published_at,
        created_at=video.created_at,
        share_url=share_url(video.id),
        upload=schemas.Upload.model_validate(progress, from_attributes=True) if progress else None,
        card=card,
    )


def share_url(video_id: int) -> str:
    """Return the address that a person sends to a friend."""
    return f"{settings.load().origin}/v/{video_id}"
