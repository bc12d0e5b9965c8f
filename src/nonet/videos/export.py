"""What a person's archive holds of their videos: what they wrote and chose, and the captions in every language."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select

from nonet.core import db
from nonet.media.tables import Asset, Track
from nonet.videos.tables import Video, VideoTag

AT_ONCE, TEXTS_AT_ONCE = 200, 10
_COLUMNS = (
    *("asset_id", "caption", "visibility", "language", "alt_text", "comments_from", "duets", "stitches", "downloads"),
    *("ai_made", "is_ad", "state", "pinned_at", "published_at", "created_at", "updated_at"),
)


async def export(session: db.Session, account_id: int) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Give what videos know of a person, row by row, each with the name of its list."""
    mine = select(Video).where(Video.owner_id == account_id).order_by(Video.id).execution_options(yield_per=AT_ONCE)
    async for video in await session.stream_scalars(mine):
        row = {name: _value(getattr(video, name)) for name in _COLUMNS}
        yield "videos", {"id": str(video.id), **row}
    tags = select(VideoTag.video_id, VideoTag.name).join(Video, Video.id == VideoTag.video_id)
    named = tags.where(Video.owner_id == account_id).execution_options(yield_per=AT_ONCE)
    async for video_id, name in await session.stream(named):
        yield "hashtags", {"video_id": str(video_id), "name": name}
    tracks = select(Track.asset_id, Track.language, Track.label, Track.source, Track.vtt)
    written = tracks.join(Asset, Asset.id == Track.asset_id).where(Asset.owner_id == account_id)
    async for track in await session.stream(written.execution_options(yield_per=TEXTS_AT_ONCE)):
        told = track._asdict()
        yield "captions", told | {"asset_id": str(track.asset_id)}


def _value(value: Any) -> Any:  # noqa: ANN401 - a column's value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
