"""What is kept for how long, whose it is, and how it goes: days, histories, exports, removal."""

import json
from datetime import date, timedelta
from types import ModuleType

import pytest
from sqlalchemy import func, select
from watched import Watching, counters, events, kept, registered, send, views, watches

from community import Drain, MakeMember
from nonet.core import clock, db, ids, jobs, prefs
from nonet.signals import days, history, moments
from nonet.signals.tables import Event, Slate

PAGE = 10


async def existing() -> list[date]:
    async with (await db.pool()).acquire() as connection:
        return await days.kept(connection)


async def turn(drain: Drain) -> None:
    async with db.transaction() as session:
        await jobs.enqueue(session, "signals.days_due", {})
    await drain()


async def test_days_are_made_ahead_and_dropped_when_they_are_kept_no_longer(
    member: MakeMember, drain: Drain, frozen_clock: ModuleType
) -> None:
    juno = await member("juno")
    video_id = await registered()
    await kept(juno.client, *Watching(video_id, juno.id).whole())
    before = await counters(video_id)
    async with db.transaction() as session:
        await prefs.put(session, "events_kept_days", value=30)
    await turn(drain)
    today = clock.now().date()
    assert {today, today + timedelta(days=1), today + timedelta(days=2)} <= set(await existing())
    assert len(await events()) == 4
    frozen_clock.advance(timedelta(days=32))
    await turn(drain)
    assert min(await existing()) >= clock.now().date() - timedelta(days=30)
    assert await events() == []
    assert await counters(video_id) == before
    assert len(await watches()) == 1


async def test_visitors_of_a_month_ago_are_forgotten_and_people_are_not(
    client: object, member: MakeMember, drain: Drain, frozen_clock: ModuleType
) -> None:
    juno = await member("juno")
    visitor = client
    video_id = await registered()
    await kept(juno.client, *Watching(video_id, juno.id).whole())
    assert (await send(visitor, *Watching(video_id).whole())).json()["kept"] == 4  # type: ignore[arg-type]
    assert len(await views()) == 2
    frozen_clock.advance(timedelta(days=31))
    await turn(drain)
    assert [w.viewer for w in await watches()] == [juno.id]
    assert await views() == [(video_id, juno.id)]
    assert (await counters(video_id))["views"] == 2


async def test_a_watch_history_is_paged_from_the_last_and_cleared(member: MakeMember) -> None:
    juno = await member("juno")
    videos = [await registered() for _ in range(5)]
    for at, video_id in enumerate(videos):
        await kept(juno.client, Watching(video_id, juno.id).event("start", at))
    await kept(juno.client, Watching(await registered(), juno.id).event("impression"))
    async with db.transaction() as session:
        first = await history.page(session, juno.id, None, 3)
        rest = await history.page(session, juno.id, (first[-1][1], first[-1][0]), 3)
        assert [video_id for video_id, _ in first + rest] == videos[::-1]
        await history.clear(session, juno.id, videos[0])
        assert len(await history.page(session, juno.id, None, PAGE)) == 4
        await history.clear(session, juno.id)
        assert await history.page(session, juno.id, None, PAGE) == []


async def test_who_clears_their_history_and_watches_again_is_no_second_view(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await registered()
    await kept(juno.client, *Watching(video_id, juno.id).whole())
    async with db.transaction() as session:
        await history.clear(session, juno.id)
    await kept(juno.client, *Watching(video_id, juno.id).whole())
    assert (await counters(video_id))["views"] == 1


async def test_an_export_holds_all_of_a_person_and_nothing_of_others(member: MakeMember) -> None:
    juno, ivo = await member("juno"), await member("ivo")
    video_id = await registered()
    for person in (juno, ivo):
        await kept(person.client, *Watching(video_id, person.id).whole())
    async with db.transaction() as session:
        session.add(
            Slate(
                id=ids.new(), session_id=1, parent=None, viewer=juno.id, surface="for_you", seed=1, before=[],
                video_ids=[video_id], sources=["fresh"], propensities=[1.0], terms=[{}],
            )
        )  # fmt: skip
    async with db.transaction() as session:
        rows = [row async for row in history.export(session, juno.id)]
    assert [name for name, _ in rows] == ["watched", *["events"] * 4, "pages"]
    assert {row["video_id"] for _, row in rows[:5]} == {str(video_id)}
    assert [row["kind"] for name, row in rows if name == "events"] == ["impression", "start", "heartbeat", "finish"]
    assert str(ivo.id) not in json.dumps(rows, default=str)


async def test_a_removed_person_is_in_no_row_of_the_log_and_still_in_the_counters(
    member: MakeMember, drain: Drain
) -> None:
    juno, ivo = await member("juno"), await member("ivo")
    video_id = await registered()
    for person in (juno, ivo):
        await kept(person.client, *Watching(video_id, person.id).whole())
    async with db.transaction() as session:
        await history.clear(session, juno.id)
        await jobs.enqueue(session, "account.deleted", {"account_id": str(juno.id)})
    await drain()
    assert {e.viewer for e in await events()} == {ivo.id}
    assert [w.viewer for w in await watches()] == [ivo.id]
    assert await views() == [(video_id, ivo.id)]
    assert (await counters(video_id))["views"] == 2


@pytest.mark.parametrize("hours", [0, 9, 48])
async def test_a_day_is_made_when_an_event_asks_for_it(
    member: MakeMember, frozen_clock: ModuleType, hours: int
) -> None:
    juno = await member("juno")
    async with (await db.pool()).acquire() as connection:
        for day in await days.kept(connection):
            await connection.execute(f"DROP TABLE days.{days.name(day)}")
    days.forget()
    frozen_clock.advance(timedelta(hours=hours))
    watching = Watching(await registered(), juno.id)
    week_ago = moments.new(moments.of(clock.now()) - moments.BEHIND_MS)
    assert await kept(juno.client, *watching.whole(), watching.event("start", id=str(week_ago))) == 5
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Event)) == 5
