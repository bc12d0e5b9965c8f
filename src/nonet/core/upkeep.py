"""What core's own tables need now and then: done jobs, full buckets and old mails are forgotten."""

from nonet.core import db, jobs, leases, limits, mail


@jobs.handler("core.upkeep_due", every_s=3600, attempts=2)
async def tidy(job: jobs.Running) -> None:
    """Forget what has served its time."""
    async with db.transaction() as session:
        await leases.trim(session)
        await limits.sweep(session)
        await mail.sweep(session)
        await job.finish(session)
