"""What social does when a video or a person is gone or someone is restricted, and what it forgets by the clock."""

from typing import Any

from nonet.core import db, jobs
from nonet.people import relations
from nonet.social import removal, shares, threads


@jobs.handler("video.deleted", attempts=10)
async def forget_video(job: jobs.Running) -> None:
    """Remove what people did with a video; a second run finds nothing left."""
    await removal.of_video(int(job.args["video_id"]))


@jobs.handler("account.deleted", attempts=10)
async def forget_person(job: jobs.Running) -> None:
    """Remove what a person did, wrote and kept; a second run finds nothing left."""
    await removal.of_person(int(job.args["account_id"]))


@jobs.reaction(relations.RESTRICTED)
async def hush(session: db.Session, args: dict[str, Any]) -> None:
    """Take what someone restricted wrote as known: it waits among the requests, and there nothing is news."""
    await threads.hush(session, int(args["restricter_id"]), int(args["restricted_id"]))


@jobs.handler("social.opens_due", every_s=24 * 3600, attempts=3)
async def forget_opens(job: jobs.Running) -> None:
    """Forget who opened which link before yesterday."""
    async with db.transaction() as session:
        await shares.sweep(session)
        await job.finish(session)
