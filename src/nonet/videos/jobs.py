"""What videos do when others tell: drafts and publication by media, who may see what by people and moderation."""

from typing import Any

from sqlalchemy import delete, select

from nonet.core import db, jobs
from nonet.media import service as media
from nonet.videos import mentioning, service, standing
from nonet.videos.tables import Video, VideoMention


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


@jobs.reaction(service.PUBLISHED)
async def tell_named(session: db.Session, args: dict[str, Any]) -> None:
    """Tell those whom a caption names."""
    await mentioning.tell(session, int(args["video_id"]))


@jobs.reaction(service.MENTIONED)
async def tell_named_anew(session: db.Session, args: dict[str, Any]) -> None:
    """Tell those whom a changed caption names, or who may see the video now."""
    await mentioning.tell(session, int(args["video_id"]))


@jobs.reaction(service.DELETED)
async def take_back(session: db.Session, args: dict[str, Any]) -> None:
    """Take back what was told of a video that is gone."""
    await mentioning.take_back(session, int(args["video_id"]))


@jobs.handler("people.closed")
async def closed(job: jobs.Running) -> None:
    """Close the files of a person who shows their videos to followers alone from now on."""
    await standing.settle_all(int(job.args["account_id"]))


@jobs.handler("people.opened")
async def opened(job: jobs.Running) -> None:
    """Open the files of a person who shows their videos to everybody again."""
    await standing.settle_all(int(job.args["account_id"]))


@jobs.handler("people.blocked")
async def blocked(job: jobs.Running) -> None:
    """Change the addresses that the blocked one may still have."""
    await standing.shut(int(job.args["blocker_id"]))


@jobs.handler("account.suspended")
async def suspended(job: jobs.Running) -> None:
    """Take a suspended person's videos out of feeds, and their files behind signed addresses."""
    await standing.settle_all(int(job.args["account_id"]))


@jobs.handler("account.reinstated")
async def reinstated(job: jobs.Running) -> None:
    """Let a person's videos stand where they stood."""
    await standing.settle_all(int(job.args["account_id"]))


@jobs.handler("account.left")
async def left(job: jobs.Running) -> None:
    """Take the videos of someone who leaves out of feeds, and their files behind signed addresses."""
    await standing.settle_all(int(job.args["account_id"]))


@jobs.handler("account.returned")
async def returned(job: jobs.Running) -> None:
    """Let the videos of someone who came back stand where they stood."""
    await standing.settle_all(int(job.args["account_id"]))


@jobs.handler("account.deleted")
async def remove_all(job: jobs.Running) -> None:
    """Delete every video of a person who is gone, and that others name them."""
    owner_id = int(job.args["account_id"])
    while True:
        async with db.transaction() as session:
            video_id = await session.scalar(select(Video.id).where(Video.owner_id == owner_id).limit(1))
            if video_id is None:
                await session.execute(delete(VideoMention).where(VideoMention.account_id == owner_id))
                return
            await service.delete(session, owner_id, video_id)


@jobs.reaction("moderation.labelled")
async def labelled(session: db.Session, args: dict[str, Any]) -> None:
    """Take a hidden video out of feeds, or a restored one back in."""
    if args["kind"] == "video":
        video = await session.get(Video, int(args["subject_id"]), with_for_update=True)
        if video is not None:
            await standing.settle(session, video)
            await standing.count(session, video.owner_id)
