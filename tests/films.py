"""Videos of the tests: rows as the pipeline leaves them, published and listed, without running it."""

from typing import Any

from nonet import handlers
from nonet.core import clock, db, ids
from nonet.media import uploads
from nonet.media.tables import Asset, Upload
from nonet.videos import service as videos
from nonet.videos.tables import Video


async def asset(owner_id: int, *, duration_ms: int = 9000, audio: bool = True) -> int:
    """Put an asset that plays, and its upload, into the database; give its id."""
    made = Asset(id=ids.new(), owner_id=owner_id, folder_key=uploads.new_folder_key(), state="complete")
    made.master, made.mp4 = "master-0123456789ab.m3u8", "540-0123456789ab.mp4"
    made.poster, made.placeholder = "poster-0123456789ab.jpg", "#336699"
    made.duration_ms, made.width, made.height, made.playable_at = duration_ms, 540, 960, clock.now()
    made.waveform = [each * 4 for each in range(64)] if audio else None
    upload = Upload(id=made.id, owner_id=owner_id, filename="clip.mp4", size_bytes=9, offset_bytes=9, state="ended")
    upload.expires_at = clock.now()
    async with db.transaction() as session:
        session.add_all([made, upload])
    return made.id


async def film(
    owner_id: int,
    *,
    caption: str = "Filled by ear",
    duration_ms: int = 9000,
    audio: bool = True,
    publish: bool = True,
    **values: Any,
) -> int:
    """Publish a video that plays, through the service; ``values`` are its settings. Gives its id.

    What reacts to a publication waits as jobs: ``await drain()`` runs it.
    """
    handlers.load()
    asset_id = await asset(owner_id, duration_ms=duration_ms, audio=audio)
    async with db.transaction() as session:
        video = await videos.draft(session, owner_id, asset_id)
        await videos.edit(session, video, {"caption": caption, **values})
        if publish:
            await videos.publish(session, video)
    return video.id


async def row(video_id: int) -> Video:
    """Give a video's row as it stands."""
    async with db.transaction() as session:
        return await session.get_one(Video, video_id)
