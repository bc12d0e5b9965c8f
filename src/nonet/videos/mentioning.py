"""Telling people that a caption names them, once they may see the video, and taking it back when it is gone."""

from sqlalchemy import select

from nonet.core import db
from nonet.inbox import service as inbox
from nonet.inbox.tables import Notification
from nonet.videos import sight
from nonet.videos.tables import Video, VideoMention

EXCERPT_MOST = 80


async def tell(session: db.Session, video_id: int) -> None:
    """Tell each person named who may see the video and has not been told of it before."""
    video = await session.get(Video, video_id)
    if video is None or video.state != "published" or video.visibility == "private":
        return
    told = select(Notification.account_id).where(
        Notification.kind == "mentioned", Notification.subject_kind == "video", Notification.subject_id == video_id
    )
    named = (
        select(VideoMention.account_id)
        .join(Video, Video.id == VideoMention.video_id)
        .where(Video.id == video_id, VideoMention.account_id.not_in(told), sight.visible_to(VideoMention.account_id))
    )
    await inbox.notify_each(
        session,
        dict.fromkeys(await session.scalars(named), "mentioned"),
        actor_id=video.owner_id,
        subject_kind="video",
        subject_id=video_id,
        group_key=f"mentioned video {video_id}",
        details={"video_id": str(video_id), "excerpt": video.caption[:EXCERPT_MOST]},
    )


async def take_back(session: db.Session, video_id: int) -> None:
    """Forget what was told of a video that is gone."""
    await inbox.forget(session, "video", video_id)
