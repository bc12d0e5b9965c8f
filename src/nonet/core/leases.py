"""How a job's row passes from hand to hand: claimed, renewed, handed back, failed, forgotten. The runner's business."""

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, text

from nonet.core import clock, db, ids, jobs, realtime


async def claim(session: db.Session, slot: str, most: int) -> list[jobs.Running]:
    """Lease up to ``most`` due rows of a pool to this process, the most urgent first, and return them.

    Leases are counted by the database's clock, the only one that every worker shares.
    """
    rows = await session.execute(
        text(
            "UPDATE jobs SET state='running', attempts=attempts+1, lease=:lease, started_at=:now,"
            " lease_until=clock_timestamp() + interval '15 seconds' WHERE id IN (SELECT id FROM jobs WHERE slot=:slot"
            " AND ((state='waiting' AND run_at<=:now) OR (state='running' AND lease_until<clock_timestamp()))"
            " ORDER BY priority DESC, run_at LIMIT :most FOR UPDATE SKIP LOCKED)"
            " RETURNING id, topic, handler, args, attempts, lease"
        ),
        {"lease": ids.new(), "slot": slot, "now": clock.now(), "most": most},
    )
    return [jobs.Running(r.id, r.topic, r.handler, r.args, r.attempts, r.lease) for r in rows]


async def renew(session: db.Session, job: jobs.Running, lease_s: int) -> bool:
    """Keep a job for ``lease_s`` more seconds; False when it was taken over."""
    result = await session.execute(
        text("UPDATE jobs SET lease_until=clock_timestamp() + make_interval(secs => :s) WHERE id=:id AND lease=:lease"),
        {"id": job.id, "lease": job.lease, "s": lease_s},
    )
    return cast("CursorResult[Any]", result).rowcount == 1


async def hand_back(session: db.Session, job: jobs.Running, *, after_s: float, error: str | None, counts: bool) -> None:
    """Return a job to the queue, due after ``after_s``; ``counts`` tells whether the attempt did."""
    await session.execute(
        text(
            "UPDATE jobs SET state='waiting', lease=NULL, lease_until=NULL, run_at=:at, error=COALESCE(:error, error),"
            " attempts=attempts - :back WHERE id=:id AND lease=:lease"
        ),
        {
            "id": job.id,
            "lease": job.lease,
            "at": clock.now() + timedelta(seconds=after_s),
            "error": error,
            "back": 0 if counts else 1,
        },
    )
    realtime.notify(session, jobs.WAKE, "")


async def fail(session: db.Session, job: jobs.Running, error: str) -> None:
    """End a job as failed, its reason kept, and let its handler record the consequence."""
    result = await session.execute(
        text(
            "UPDATE jobs SET state='failed', lease=NULL, lease_until=NULL, error=:error, finished_at=:now"
            " WHERE id=:id AND lease=:lease"
        ),
        {"id": job.id, "lease": job.lease, "error": error, "now": clock.now()},
    )
    known = jobs.find(job.topic, job.handler)
    if cast("CursorResult[Any]", result).rowcount == 1 and known and known.failed:
        await known.failed(session, job.args, error)


async def trim(session: db.Session) -> None:
    """Forget done rows older than jobs.KEEP_DONE; failed ones stay until someone looks."""
    await session.execute(
        text("DELETE FROM jobs WHERE state='done' AND finished_at < :before"), {"before": clock.now() - jobs.KEEP_DONE}
    )
