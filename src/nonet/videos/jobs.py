"""What videos do when media tells: a begun upload gets its draft, a waiting video is published once it plays."""

from typing import Any

from sqlalchemy import select

from nonet.core import db, jobs
from nonet.media import service as media
from nonet.videos import service
from nonet.videos.tables import Video


@jobs.reaction("media.begun")
async def draft(session: db.Session, args: dict[str, Any]) -> None:
    """Give an upload its draft, should its sender be gone before asking for one."""
    asset_id = int(args["asset_id"])
    if asset_id in await media.assets(session, [asset_id]):
        await service.draft(session, int(args["owner_id"]), asset_id)


@jobs.reaction("media.ready")
async def publish(session: db.Session, args: dict[str, Any]) -> None:
    """Publish the video that waited for its first version."""
    video = await session.scalar(select(Video).where(Video.asset_id == int(args["asset_id"])).with_for_update())
    if video is not None:
        await service.publish_if_playable(session, video)
