"""What other slices tell the log, and what they read of it."""

from datetime import timedelta
from types import ModuleType

from sqlalchemy import func, select

from nonet.core import clock, db, ids
from nonet.signals import counts, service, tickets
from nonet.signals.tables import Count, CountDelta, Event, Subject


async def registered(owner_id: int = 7, duration_ms: int = 10_000) -> int:
    """Let the log know a video."""
    video_id = ids.new()
    async with db.transaction() as session:
        await service.register(
            session,
            video_id=video_id,
            owner_id=owner_id,
            duration_ms=duration_ms,
            tags=["harbour"],
            sound_id=None,
            language="en",
            listed=True,
            published_at=clock.now(),
        )
    return video_id


async def test_an_act_is_in_the_log_and_in_the_counter_with_the_transaction_of_the_act(database: str) -> None:
    _ = database
    video_id = await registered()
    async with db.transaction() as session:
        await service.act(session, "liked", viewer=5, video_id=video_id, counter="likes")
        assert await session.scalar(select(counts.total("likes", video_id))) == 1
        joined = counts.totals(video_id)
        assert (await session.execute(select(joined.c.likes, joined.c.views))).one() == (1, 0)
        event = (await session.scalars(select(Event))).one()
        assert (event.kind, event.viewer, event.video_id, event.value, event.counted) == (32, 5, video_id, 1, True)
        await session.rollback()
    async with db.transaction() as session:
        assert await session.scalar(select(counts.total("likes", video_id))) == 0
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


async def test_a_counter_of_a_video_that_nobody_registered_is_zero(session: db.Session) -> None:
    assert await session.scalar(select(counts.total("likes", 404))) == 0
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
