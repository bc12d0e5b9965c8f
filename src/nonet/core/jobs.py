"""Work that outlives a request: rows in the same database, enqueued in the caller's transaction.

A topic is declared by its handler; a lower slice tells a higher one by enqueuing a topic that the higher one handles.
A row is claimed with a lease, renewed while its handler runs and taken over when it ends unrenewed. ``Running.finish``
marks the row done inside the handler's own transaction and fails when the lease was lost, so an effect happens once.
docs/decisions/0003-jobs.md says why this is our own table.
"""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from sqlalchemy import CursorResult, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import clock, db, ids, realtime, statements

Slot = Literal["light", "first", "encode"]
SLOTS: tuple[Slot, ...] = ("first", "encode", "light")
"""Pools of a worker: short work, first versions (never behind a long encode), and the long encodes."""

WAKE = "nonet_jobs"
KEEP_DONE = timedelta(days=7)
"""How long a done row, and with it its key, is remembered."""


class Job(db.Base):
    """One piece of work; ``state`` is waiting, running, done or failed."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_due", "slot", "state", "priority", "run_at"),
        Index("uq_jobs_key", "topic", "handler", "key", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    topic: Mapped[str] = mapped_column(Text)
    handler: Mapped[str] = mapped_column(Text)
    key: Mapped[str | None] = mapped_column(Text)
    args: Mapped[dict[str, Any]]
    slot: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="waiting")
    priority: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[datetime]
    lease: Mapped[int | None]
    lease_until: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class LostLeaseError(Exception):
    """Another worker has taken this job over; nothing of this run may be recorded."""


class Later(Exception):  # noqa: N818 - not a fault: the work is not due yet
    """Raised by a handler that wants to run again after ``seconds``; it doesn't count as an attempt."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass
class Running:
    """A job in the hands of this process."""

    id: int
    topic: str
    handler: str
    args: dict[str, Any]
    attempt: int
    lease: int
    finished: bool = field(default=False)

    async def finish(self, session: db.Session) -> None:
        """Mark the job done in the handler's transaction; raise LostLeaseError when it is no longer ours."""
        result = await session.execute(
            text(
                "UPDATE jobs SET state='done', finished_at=:now, lease=NULL, lease_until=NULL, error=NULL"
                " WHERE id=:id AND lease=:lease"
            ),
            {"id": self.id, "lease": self.lease, "now": clock.now()},
        )
        if cast("CursorResult[Any]", result).rowcount != 1:
            raise LostLeaseError
        self.finished = True

    async def hold(self, session: db.Session) -> None:
        """Lock the job's row until the transaction ends; raise LostLeaseError when it is no longer ours."""
        row = await session.execute(
            text("SELECT 1 FROM jobs WHERE id=:id AND lease=:lease FOR UPDATE"), {"id": self.id, "lease": self.lease}
        )
        if row.first() is None:
            raise LostLeaseError


Run = Callable[[Running], Awaitable[None]]
Failed = Callable[[db.Session, dict[str, Any], str], Awaitable[None]]


@dataclass(frozen=True)
class Handler:
    """What runs for a topic: attempts and backoff in seconds, lease in seconds; ``failed`` records the end."""

    topic: str
    name: str
    run: Run
    attempts: int
    lease_s: int
    backoff_s: float
    every_s: int
    failed: Failed | None


HANDLERS: dict[str, dict[str, Handler]] = {}
"""Every declared handler, by topic and slice."""


def handler(
    topic: str,
    *,
    attempts: int = 5,
    lease_s: int = 15,
    backoff_s: float = 2.0,
    every_s: int = 0,
    failed: Failed | None = None,
) -> Callable[[Run], Run]:
    """Declare long work for a topic; with ``every_s`` a worker enqueues it once in each such period."""

    def declare(run: Run) -> Run:
        name = run.__module__.removeprefix("nonet.").split(".")[0]
        HANDLERS.setdefault(topic, {})[name] = Handler(topic, name, run, attempts, lease_s, backoff_s, every_s, failed)
        return run

    return declare


def reaction(topic: str) -> Callable[[Callable[[db.Session, dict[str, Any]], Awaitable[None]]], Run]:
    """Declare short work done in one transaction, together with the mark that it is done: exactly once."""

    def declare(react: Callable[[db.Session, dict[str, Any]], Awaitable[None]]) -> Run:
        async def run(job: Running) -> None:
            async with db.transaction() as session:
                await react(session, job.args)
                await job.finish(session)

        run.__module__ = react.__module__
        return handler(topic)(run)

    return declare


def find(topic: str, name: str) -> Handler | None:
    """Return the handler that a row names; None when this version of the program has none."""
    return HANDLERS.get(topic, {}).get(name)


def periodic() -> list[Handler]:
    """Return the handlers that run by the clock."""
    return [h for group in HANDLERS.values() for h in group.values() if h.every_s]


_ENQUEUE = statements.Statement(
    text(
        "INSERT INTO jobs (id, topic, handler, key, args, slot, state, priority, attempts, run_at, created_at)"
        " VALUES (:id, :topic, :handler, :key, CAST(:args AS jsonb), :slot, 'waiting', :priority, 0, :run_at, :now)"
        " ON CONFLICT (topic, handler, key) DO NOTHING"
    )
)


async def enqueue(
    session: db.Transaction,
    topic: str,
    args: dict[str, Any],
    *,
    key: str | None = None,
    run_at: datetime | None = None,
    priority: int = 0,
    slot: Slot = "light",
) -> None:
    """Add one row for each handler of the topic to a pool, durable with the caller's transaction.

    The same ``key`` is taken once in KEEP_DONE. Raises LookupError for a topic that nothing handles: a typing
    mistake, or a process whose root forgot to import the slice's jobs.
    """
    handlers = HANDLERS.get(topic)
    if not handlers:
        raise LookupError(f"nothing handles {topic}")
    for each in handlers.values():
        await _ENQUEUE.fetch(
            await statements.raw(session),
            id=ids.new(),
            topic=topic,
            handler=each.name,
            key=key,
            args=realtime.dump(args),
            slot=slot,
            priority=priority,
            run_at=run_at or clock.now(),
            now=clock.now(),
        )
    realtime.notify(session, WAKE, "")


async def publish(session: db.Transaction, topic: str, args: dict[str, Any], *, key: str | None = None) -> None:
    """Tell every slice that listens that something happened, as ``enqueue`` does; nobody has to."""
    if HANDLERS.get(topic):
        await enqueue(session, topic, args, key=key)


async def retry(session: db.Session, job_id: int) -> bool:
    """Make a failed or waiting job due at once, its attempts counted anew; False when there is none."""
    result = await session.execute(
        text("UPDATE jobs SET state='waiting', attempts=0, run_at=:now WHERE id=:id AND state IN ('failed','waiting')"),
        {"id": job_id, "now": clock.now()},
    )
    realtime.notify(session, WAKE, "")
    return cast("CursorResult[Any]", result).rowcount == 1


def reason(error: BaseException) -> str:
    """Name an exception in one line for the row and the operator's page."""
    first = (str(error).strip().splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}"[:500] if first else type(error).__name__


async def drain(most: int = 500) -> int:
    """Run every due job in this process until none is left; for tests and the command line. Returns how many ran."""
    from nonet.core import leases, runner  # noqa: PLC0415 - both import this module

    count = 0
    while count < most:
        async with db.transaction() as session:
            batch = [job for slot in SLOTS for job in await leases.claim(session, slot, 1)]
        if not batch:
            return count
        for job in batch:
            await runner.run_one(job)
        count += len(batch)
    sys.stderr.write(f"jobs: stopped after {most}\n")
    return count
