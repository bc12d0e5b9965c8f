"""What social does when a video or a person is gone, and what it forgets by the clock."""

from nonet.core import db, jobs
from nonet.social import removal, shares


@jobs.handler("video.deleted", attempts=10)
async def forget_video(job: jobs.Running) -> None:
    """Remove what people did with a video; a second run finds nothing left."""
    await removal.of_video(int(job.args["video_id"]))


@jobs.handler("account.deleted", attempts=10)
async def forget_person(job: jobs.Running) -> None:
    """Remove what a person did, wrote and kept; a second run finds nothing left."""
    await removal.of_person(int(job.args["account_id"]))


@jobs.handler("social.opens_due", every_s=24 * 3600, attempts=3)
async def forget_opens(job: jobs.Running) -> None:
    """Forget who opened which link before today."""
    async with db.transaction() as session:
        await shares.sweep(session)
        await job.finish(session)
