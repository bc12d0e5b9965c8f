"""Two processes take in events about the same people and videos at once; nothing is lost or counted twice."""

import asyncio
import random

import msgspec
from watched import Watching, counters, events, kept, registered, views, watches

from community import MakeMember
from nonet.accounts import links
from nonet.core import clock, db
from nonet.signals import deltas, intake, moments, reading, service
from nonet.signals.flush import Sent
from nonet.signals.tables import Watch


async def test_a_batch_of_which_a_part_is_known_counts_the_rest(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await registered()
    whole = Watching(video_id, juno.id).whole()
    assert await kept(juno.client, *whole[:2]) == 2
    assert await kept(juno.client, *whole) == 4
    assert len(await events()) == 4
    assert await counters(video_id) == {"impressions": 1, "plays": 1, "views": 1, "finishes": 1, "played_ms": 8000}


async def test_whoever_sends_to_two_processes_at_once_is_counted_once(member: MakeMember) -> None:
    people = [await member(f"watcher{n}") for n in range(4)]
    videos = [await registered() for _ in range(6)]
    draw = random.Random(5)  # noqa: S311 - an order
    batches = []
    for person in people:
        hashed = links.token_hash(person.client.cookies["nonet"])
        for video_id in videos:
            body = msgspec.json.encode({"events": Watching(video_id, person.id).whole()})
            told = reading.tell(reading.batch(body), moments.of(clock.now()))
            batches += [Sent(told, hashed, None), Sent(told[:3], hashed, None), Sent(told[1:], hashed, None)]
    draw.shuffle(batches)
    parts = [batches[n::12] for n in range(12)]
    await asyncio.gather(*(intake._write(part) for part in parts))  # noqa: SLF001 - as a process of its own does
    assert len(await events()) == len(people) * len(videos) * 4
    assert await views() == sorted((video_id, person.id) for video_id in videos for person in people)
    for video_id in videos:
        counted = await counters(video_id)
        assert (counted["impressions"], counted["plays"], counted["views"], counted["finishes"]) == (4, 4, 4, 4)
        assert counted["played_ms"] <= 4 * 8000
    assert {watch.plays for watch in await watches()} == {1}


async def test_what_two_devices_say_at_once_of_the_same_seconds_is_played_once(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await registered()
    watching = Watching(video_id, juno.id)
    assert await kept(juno.client, watching.event("impression"), watching.event("start", 0.1)) == 2
    hashed = links.token_hash(juno.client.cookies["nonet"])

    def says(after_s: float) -> list[Sent]:
        body = msgspec.json.encode({"events": [watching.event("heartbeat", after_s, played_ms=4_000)]})
        return [Sent(reading.tell(reading.batch(body), moments.of(clock.now())), hashed, None)]

    async with (await db.pool()).acquire() as holder:
        held = holder.transaction()
        await held.start()
        await holder.execute("UPDATE watches SET skips = skips")
        both = asyncio.gather(*(intake._write(says(after_s)) for after_s in (4.1, 4.2)))  # noqa: SLF001 - as two processes
        await waiting(2)
        await held.rollback()
        await both
    (watch,) = await watches()
    assert watch.played_ms in {4_000, 4_100}  # nothing more is earned when the later is written first
    assert (await counters(video_id))["played_ms"] == watch.played_ms
    assert sum(event.value for event in await events()) == watch.played_ms


async def test_a_history_that_holds_more_than_there_was_time_for_stops_no_event(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await registered()
    watching = Watching(video_id, juno.id)
    async with db.transaction() as session:
        at = watching.began
        session.add(Watch(viewer=juno.id, video_id=video_id, plays=1, played_ms=9000, first_at=at, last_at=at))
    assert await kept(juno.client, watching.event("heartbeat", 3, played_ms=3000)) == 1
    (watch,) = await watches()
    assert (watch.played_ms, "played_ms" in await counters(video_id)) == (9000, False)


async def waiting(many: int) -> None:
    """Return when so many transactions wait for a lock."""
    async with (await db.pool()).acquire() as connection, asyncio.timeout(10):
        while many > await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):  # noqa: ASYNC110 - PostgreSQL tells nobody
            await asyncio.sleep(0.01)


async def test_a_video_that_is_forgotten_meanwhile_stops_no_flush(member: MakeMember) -> None:
    juno = await member("juno")
    videos = [await registered() for _ in range(8)]

    async def forget(video_id: int) -> None:
        async with db.transaction() as session:
            await service.act(session, "liked", viewer=juno.id, video_id=video_id, counter="likes")
            await service.forget(session, video_id)

    await asyncio.gather(
        *(kept(juno.client, *Watching(video_id, juno.id).whole()) for video_id in videos),
        *(forget(video_id) for video_id in videos[:4]),
        deltas.fold(),
    )
    assert len([e for e in await events() if e.kind < 32]) == 32
    for video_id in videos[4:]:
        assert (await counters(video_id))["views"] == 1
