"""The look that is taken every few minutes, whether anybody has the page open or not."""

from nonet.core import db, jobs
from nonet.vitals import alerts, service, store


@jobs.handler("vitals.look_due", every_s=120, attempts=2)
async def look(job: jobs.Running) -> None:
    """Look at the server, and write to its operators what has begun to need them and what is over."""
    answers = await store.answers()
    async with db.transaction() as session:
        await alerts.look(session, await service.look(session, storage_answers=answers))
        await job.finish(session)
