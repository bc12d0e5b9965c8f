import asyncio
from collections.abc import Iterator
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select, text, update

from nonet.core import clock, db, jobs, leases, runner
from nonet.core.jobs import Job

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture(autouse=True)
def handlers() -> Iterator[dict[str, dict[str, jobs.Handler]]]:
    known = dict(jobs.HANDLERS)
    yield jobs.HANDLERS
    jobs.HANDLERS.clear()
    jobs.HANDLERS.update(known)


async def enqueue(topic: str, **rest: Any) -> None:
    async with db.transaction() as session:
        await jobs.enqueue(session, topic, rest.pop("args", {}), **rest)


async def rows() -> list[Job]:
    async with db.transaction() as session:
        return list(await session.scalars(select(Job).where(Job.topic == "test.asked").order_by(Job.id)))


async def claim_one() -> jobs.Running:
    async with db.transaction() as session:
        (job,) = await leases.claim(session, "light", 1)
    return job


async def test_a_job_enqueued_in_a_transaction_that_fails_never_runs() -> None:
    ran: list[int] = []

    @jobs.handler("test.asked")
    async def run(job: jobs.Running) -> None:
        ran.append(job.id)

    async def fail_after_enqueuing() -> None:
        async with db.transaction() as session:
            await jobs.enqueue(session, "test.asked", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_after_enqueuing()
    assert await jobs.drain() == 0
    assert ran == []


async def test_a_topic_nothing_handles_is_a_mistake_told_at_once() -> None:
    async with db.transaction() as session:
        with pytest.raises(LookupError):
            await jobs.enqueue(session, "test.mistyped", {})


async def test_a_key_is_taken_once() -> None:
    @jobs.handler("test.asked")
    async def run(job: jobs.Running) -> None:
        del job

    for _ in range(3):
        await enqueue("test.asked", key="one")
    assert await jobs.drain() == 1
    await enqueue("test.asked", key="one")
    assert await jobs.drain() == 0


async def test_a_fault_is_tried_again_later_and_ends_as_failed_with_its_reason(frozen_clock: ModuleType) -> None:
    told: list[str] = []

    async def failed(session: db.Session, args: dict[str, Any], error: str) -> None:
        del session, args
        told.append(error)

    @jobs.handler("test.asked", attempts=3, backoff_s=10, failed=failed)
    async def run(job: jobs.Running) -> None:
        raise ValueError(f"attempt {job.attempt}")

    await enqueue("test.asked")
    for waits_s in (10, 20):
        assert await jobs.drain() == 1
        assert await jobs.drain() == 0
        frozen_clock.advance(timedelta(seconds=waits_s))
    assert await jobs.drain() == 1
    (row,) = await rows()
    assert (row.state, row.error) == ("failed", "ValueError: attempt 3")
    assert told == ["ValueError: attempt 3"]
    async with db.transaction() as session:
        assert await jobs.retry(session, row.id)
    assert await jobs.drain() == 1


async def test_later_does_not_count_as_an_attempt(frozen_clock: ModuleType) -> None:
    @jobs.handler("test.asked", attempts=1)
    async def run(job: jobs.Running) -> None:
        del job
        raise jobs.Later(60)

    await enqueue("test.asked")
    for _ in range(3):
        assert await jobs.drain() == 1
        frozen_clock.advance(timedelta(seconds=61))
    assert (await rows())[0].state == "waiting"


async def lose(job: jobs.Running) -> None:
    """Let a job's lease end, as when its process was killed."""
    async with db.transaction() as session:
        await session.execute(update(Job).where(Job.id == job.id).values(lease_until=clock.now() - timedelta(days=1)))


async def test_a_killed_workers_job_is_taken_over_and_its_late_effect_refused() -> None:
    effects: list[str] = []

    @jobs.handler("test.asked")
    async def run(job: jobs.Running) -> None:
        async with db.transaction() as session:
            await job.finish(session)
            effects.append("second")

    await enqueue("test.asked")
    first = await claim_one()
    assert await jobs.drain() == 0
    await lose(first)
    assert await jobs.drain() == 1
    with pytest.raises(jobs.LostLeaseError):
        async with db.transaction() as session:
            await first.finish(session)
    assert effects == ["second"]
    assert (await rows())[0].state == "done"


async def test_an_effect_and_the_end_of_its_job_are_one() -> None:
    tries: list[int] = []

    @jobs.reaction("test.asked")
    async def react(session: db.Session, args: dict[str, Any]) -> None:
        del args
        await session.execute(text("INSERT INTO prefs VALUES ('effect', '1')"))
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("after the effect, before the end")

    await enqueue("test.asked")
    with clock.frozen():
        await jobs.drain()
        clock.advance(timedelta(minutes=1))
        await jobs.drain()
    async with db.transaction() as session:
        assert await session.scalar(text("SELECT count(*) FROM prefs WHERE name='effect'")) == 1
    assert len(tries) == 2


async def test_a_job_that_kills_its_worker_each_time_ends_as_failed() -> None:
    @jobs.handler("test.asked", attempts=2)
    async def run(job: jobs.Running) -> None:
        del job

    await enqueue("test.asked")
    for _ in range(2 + runner.DEATHS_MOST):
        await lose(await claim_one())
    await jobs.drain()
    (row,) = await rows()
    assert row.state == "failed"
    assert "ended each time" in (row.error or "")


async def test_two_workers_never_hold_the_same_job() -> None:
    @jobs.handler("test.asked")
    async def run(job: jobs.Running) -> None:
        del job

    for _ in range(20):
        await enqueue("test.asked")

    async def take() -> list[int]:
        async with db.transaction() as session:
            return [j.id for j in await leases.claim(session, "light", 5)]

    taken = [i for batch in await asyncio.gather(*(take() for _ in range(6))) for i in batch]
    assert len(taken) == len(set(taken)) == 20


async def test_a_stopped_runner_hands_back_what_it_holds() -> None:
    began = asyncio.Event()

    @jobs.handler("test.asked", attempts=1)
    async def run(job: jobs.Running) -> None:
        del job
        began.set()
        await asyncio.Event().wait()

    await enqueue("test.asked")
    work = runner.Runner({"light": 1})
    running = asyncio.create_task(work.run())
    await began.wait()
    work.stop()
    await running
    (row,) = await rows()
    assert (row.state, row.attempts, row.lease) == ("waiting", 0, None)


async def test_nothing_is_notified_inside_a_business_transaction() -> None:
    @jobs.handler("test.asked")
    async def run(job: jobs.Running) -> None:
        del job

    async with db.transaction() as session:
        await jobs.enqueue(session, "test.asked", {})
        await session.flush()
        pending = await session.scalar(
            text("SELECT count(*) FROM pg_locks WHERE locktype='object' AND classid=1262 AND pid=pg_backend_pid()")
        )
        triggers = await session.scalar(
            text(
                "SELECT count(*) FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
                " WHERE NOT tgisinternal AND prosrc ILIKE '%notify%'"
            )
        )
    assert (pending, triggers) == (0, 0)
