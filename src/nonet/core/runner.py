"""The loop of a worker: claims jobs by pool, renews their leases, hands them back when the process must end."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError

from nonet.core import clock, db, jobs, leases, metrics, realtime

log: Any = structlog.get_logger("worker")

POLL_S = 0.2
BACKOFF_MOST_S = 300.0
DEATHS_MOST = 10
"""How many ends of its process a job outlives beyond its attempts: being killed is seldom its own fault."""


async def run_one(job: jobs.Running) -> None:
    """Run a claimed job to one of its ends: done, due again, or failed with its reason."""
    known = jobs.find(job.topic, job.handler)
    if known is None:
        await _fail(job, f"no handler {job.handler} for {job.topic} in this version")
        return
    if job.attempt > known.attempts + DEATHS_MOST:
        await _fail(job, "the process that ran it ended each time")
        return
    try:
        await known.run(job)
        if not job.finished:
            async with db.transaction() as session:
                await job.finish(session)
        metrics.JOBS.labels(job.topic, "done").inc()
    except jobs.LostLeaseError:
        log.warning("job.lost", topic=job.topic, job=job.id)
    except jobs.Later as later:
        async with db.transaction() as session:
            await leases.hand_back(session, job, after_s=later.seconds, error=None, counts=False)
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is recorded on its row
        await _again_or_failed(job, known, error)


async def _again_or_failed(job: jobs.Running, known: jobs.Handler, error: Exception) -> None:
    why = jobs.reason(error)
    log.warning("job.failed", topic=job.topic, job=job.id, attempt=job.attempt, error=why, exc_info=error)
    away = isinstance(error, DBAPIError) and error.connection_invalidated
    if job.attempt >= known.attempts and not away:
        await _fail(job, why)
        return
    wait_s = min(BACKOFF_MOST_S, known.backoff_s * 2 ** (job.attempt - 1))
    async with db.transaction() as session:
        await leases.hand_back(session, job, after_s=wait_s, error=why, counts=True)
    metrics.JOBS.labels(job.topic, "again").inc()


async def _fail(job: jobs.Running, why: str) -> None:
    async with db.transaction() as session:
        await leases.fail(session, job, why)
    metrics.JOBS.labels(job.topic, "failed").inc()


class Runner:
    """Runs pools of jobs until ``stop``; ``sizes`` says how many of each pool run at once.

    ``reached`` is called each ten seconds in which the database answered.
    """

    def __init__(self, sizes: dict[jobs.Slot, int], reached: Callable[[], None] = lambda: None) -> None:
        self._sizes = sizes
        self._reached = reached
        self._running: dict[asyncio.Task[None], tuple[jobs.Running, jobs.Slot]] = {}
        self._wake = asyncio.Event()
        self._stopping = False

    async def run(self) -> None:
        """Claim and run until stopped, then cancel what runs and hand every lease back."""
        beat = asyncio.create_task(self._beat())
        listening = asyncio.create_task(realtime.listen({jobs.WAKE: lambda _: self._wake.set()}))
        ticking = asyncio.create_task(self._tick())
        try:
            while not self._stopping:
                await self._fill()
                self._wake.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):
                        await self._wake.wait()
        finally:
            for task in (listening, ticking):
                task.cancel()
            await self._hand_back()
            beat.cancel()
            await asyncio.gather(beat, listening, ticking, return_exceptions=True)

    def stop(self) -> None:
        """Claim nothing more and end soon."""
        self._stopping = True
        self._wake.set()

    async def _fill(self) -> None:
        for slot, size in self._sizes.items():
            free = size - sum(1 for _, s in self._running.values() if s == slot)
            if free <= 0:
                continue
            try:
                async with db.transaction() as session:
                    batch = await leases.claim(session, slot, free)
            except (DBAPIError, OSError) as error:
                log.warning("worker.database_away", error=jobs.reason(error))
                return
            for job in batch:
                task = asyncio.create_task(self._guarded(job))
                self._running[task] = (job, slot)
                task.add_done_callback(self._ended)

    async def _guarded(self, job: jobs.Running) -> None:
        """Run a job; when the database is away at its end, the lease expires and the work is taken over."""
        try:
            await run_one(job)
        except (DBAPIError, OSError) as error:
            log.warning("worker.database_away", job=job.id, error=jobs.reason(error))

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self._wake.set()

    async def _beat(self) -> None:
        """Renew each lease well before it ends; cancel work that someone else has taken over."""
        while True:
            await asyncio.sleep(3)
            for task, (job, _) in list(self._running.items()):
                known = jobs.find(job.topic, job.handler)
                if known is None:
                    continue
                try:
                    async with db.transaction() as session:
                        mine = await leases.renew(session, job, known.lease_s)
                except (DBAPIError, OSError):
                    break
                if not mine and not job.finished:
                    task.cancel()

    async def _tick(self) -> None:
        """Enqueue what runs by the clock; the period's number is the key, so many workers enqueue it once."""
        while True:
            with contextlib.suppress(DBAPIError, OSError):
                async with db.transaction() as session:
                    for each in jobs.periodic():
                        period = int(clock.now().timestamp()) // each.every_s
                        await jobs.enqueue(session, each.topic, {}, key=f"period {period}")
                self._reached()
            await asyncio.sleep(10)

    async def _hand_back(self) -> None:
        held = dict(self._running)
        for task in held:
            task.cancel()
        await asyncio.gather(*held, return_exceptions=True)
        with contextlib.suppress(DBAPIError, OSError):
            async with db.transaction() as session:
                for job, _ in held.values():
                    if not job.finished:
                        await leases.hand_back(session, job, after_s=0, error=None, counts=False)
