"""What an operator sees of the machine: work by state, preferences with their bounds."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from nonet.core import db, errors, jobs, prefs


async def work(session: db.Session, state: str | None, before: int | None, most: int) -> Sequence[jobs.Job]:
    """Return jobs, the newest first, older than ``before``; of one state or all."""
    query = select(jobs.Job).order_by(jobs.Job.id.desc()).limit(most)
    if state is not None:
        query = query.where(jobs.Job.state == state)
    if before is not None:
        query = query.where(jobs.Job.id < before)
    return (await session.scalars(query)).all()


async def work_counts(session: db.Session) -> dict[str, int]:
    """Return how many jobs are in each state."""
    rows = await session.execute(select(jobs.Job.state, func.count().label("many")).group_by(jobs.Job.state))
    return dict.fromkeys(("waiting", "running", "done", "failed"), 0) | {row.state: row.many for row in rows}


async def retry(session: db.Session, job_id: int) -> jobs.Job:
    """Make a failed or waiting job due now; raises NotFound when there is none."""
    if not await jobs.retry(session, job_id):
        raise errors.NotFound
    return await session.get_one(jobs.Job, job_id)


async def preferences(session: db.Session) -> list[tuple[prefs.Declared[Any], Any]]:
    """Return every preference with its value now, by name."""
    values = await prefs.get_all(session)
    return [(prefs.ALL[name], values[name]) for name in sorted(prefs.ALL)]


async def prefer(session: db.Session, changes: dict[str, Any]) -> None:
    """Change preferences, all of them or none; raises NotFound or PrefInvalid."""
    for name, value in changes.items():
        await prefs.put(session, name, value)
