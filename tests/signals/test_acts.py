"""What other slices tell the log, and what they read of it."""

from datetime import timedelta
from types import ModuleType

import pytest
from sqlalchemy import func, select
from watched import counters, registered

from nonet.core import db, ids
from nonet.signals import counts, deltas, service, tickets
from nonet.signals.tables import Count, CountDelta, Event, Subject


async def test_an_act_is_in_the_log_and_in_the_counter_with_the_transaction_of_the_act(database: str) -> None:
    _ = database
    video_id = await registered()
    async with db.transaction() as session:
        await service.act(session, "liked", viewer=5, video_id=video_id, counter="likes")
        assert await session.scalar(select(counts.totals(video_id).c.likes)) == 1
        joined = counts.totals(video_id)
        assert (await session.execute(select(joined.c.likes, joined.c.views))).one() == (1, 0)
        event = (await session.scalars(select(Event))).one()
        assert (event.kind, event.viewer, event.video_id, event.value, event.counted) == (32, 5, video_id, 1, True)
        await session.rollback()
    async with db.transaction() as session:
        assert await session.scalar(select(counts.totals(video_id).c.likes)) == 0
        assert await session.scalar(select(func.count()).select_from(Event)) == 0


async def test_an_act_finds_its_day_whatever_the_clock_says(database: str, frozen_clock: ModuleType) -> None:
    _ = database
    video_id = await registered()
    for jump in (0, 40, -90, 50):
        frozen_clock.advance(timedelta(days=jump))
        async with db.transaction() as session:
            await service.act(session, "saved", viewer=5, video_id=video_id, counter="saves")
    async with db.transaction() as session:
        days = set(await session.scalars(select(Event.day)))
    assert len(days) == 3


async def test_the_fold_changes_what_is_stored_and_nothing_that_is_read(database: str) -> None:
    _ = database
    video_id, other = await registered(), await registered()
    for kind, counter, delta in (("liked", "likes", 1), ("liked", "likes", 1), ("unliked", "likes", -1)):
        async with db.transaction() as session:
            await service.act(session, kind, viewer=5, video_id=video_id, counter=counter, delta=delta)
            await service.act(session, "refused", viewer=5, video_id=other, counter="hides")
    assert await counters(video_id) == {}
    assert await deltas.fold() == 6
    assert await deltas.fold() == 0
    assert (await counters(video_id), await counters(other)) == ({"likes": 1}, {"hides": 3})
    async with db.transaction() as session:
        assert await session.scalar(select(counts.totals(video_id).c.likes)) == 1
        assert await session.scalar(select(func.count()).select_from(CountDelta)) == 0


async def test_only_one_process_folds_at_a_time(database: str) -> None:
    _ = database
    video_id = await registered()
    async with db.transaction() as session:
        await service.act(session, "liked", viewer=5, video_id=video_id, counter="likes")
    async with (await db.pool()).acquire() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", deltas.LOCK)
        assert await deltas.fold() == 0
    assert await deltas.fold() == 1


async def test_an_act_on_a_counter_that_acts_cannot_change_is_a_fault_of_ours(session: db.Session) -> None:
    with pytest.raises(LookupError):
        await service.act(session, "liked", viewer=5, video_id=1, counter="views")


async def test_a_counter_of_a_video_that_nobody_registered_is_zero(session: db.Session) -> None:
    assert await session.scalar(select(counts.totals(404).c.likes)) == 0
    joined = counts.totals(404)
    assert (await session.execute(select(joined.c.likes))).one() == (0,)


async def test_a_forgotten_video_leaves_no_counter(database: str) -> None:
    _ = database
    video_id = await registered()
    async with db.transaction() as session:
        await service.act(session, "liked", viewer=5, video_id=video_id, counter="likes")
        await service.forget(session, video_id)
        for table in (Subject, Count, CountDelta):
            assert await session.scalar(select(func.count()).select_from(table)) == 0


def test_a_ticket_is_good_for_exactly_what_was_served() -> None:
    served = (ids.new(), 3, 88, 5)
    ticket = tickets.sign(*served)
    assert len(ticket) == 12
    assert tickets.valid(ticket, *served)
    for place in range(4):
        other = [*served]
        other[place] += 1
        assert not tickets.valid(ticket, *other)
    assert not tickets.valid("é" * 12, *served)
    assert not tickets.valid("", *served)
