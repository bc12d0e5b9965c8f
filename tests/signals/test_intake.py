"""POST /api/v1/events, as a browser calls it."""

import asyncio
import json
from datetime import timedelta
from types import ModuleType

import asyncpg
import httpx
import pytest
from watched import Watching, counters, events, kept, other_kind_of_id, registered, send, views, watches

from community import MakeMember, code
from nonet.core import clock, db, ids, prefs
from nonet.signals import intake, moments


async def test_whoever_watches_a_video_is_counted_once_in_everything(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await registered()
    watching = Watching(video_id, juno.id)
    assert await kept(juno.client, *watching.whole()) == 4
    assert await counters(video_id) == {"impressions": 1, "plays": 1, "views": 1, "finishes": 1, "played_ms": 8000}
    assert await views() == [(video_id, juno.id)]
    (watch,) = await watches()
    assert (watch.viewer, watch.plays, watch.played_ms, watch.finishes) == (juno.id, 1, 8000, 1)
    assert [e.value for e in await events()] == [0, 0, 4000, 4000]
    assert all(e.counted for e in await events())


async def test_a_repeat_of_the_same_person_plays_longer_and_is_no_other_view(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await registered()
    await kept(juno.client, *Watching(video_id, juno.id).whole())
    again = Watching(video_id, juno.id, position=4)
    await kept(juno.client, again.event("start", 60), again.event("finish", 68, played_ms=8000))
    assert await counters(video_id) == {"impressions": 1, "plays": 1, "views": 1, "finishes": 1, "played_ms": 16000}


async def test_a_batch_that_is_sent_again_changes_nothing(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await registered()
    batch = Watching(video_id, juno.id).whole()
    assert await kept(juno.client, *batch) == 4
    before = await counters(video_id)
    assert await kept(juno.client, *batch) == 4
    assert await kept(juno.client, *batch, *batch) == 8
    assert await counters(video_id) == before
    assert len(await events()) == 4


async def test_the_owner_is_kept_and_not_counted(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await registered(owner_id=juno.id)
    assert await kept(juno.client, *Watching(video_id, juno.id).whole()) == 4
    assert await counters(video_id) == {}
    assert await watches() == []
    assert [e.counted for e in await events()] == [False] * 4


@pytest.mark.parametrize(
    "forged",
    [
        {"ticket": "AAAAAAAAAAAA"},
        {"ticket": ""},
        {"ticket": "ü"},
        {"position": 1},
        {"request_id": "77"},
        {"video_id": "77"},
    ],
)
async def test_what_was_never_served_is_kept_and_not_counted(member: MakeMember, forged: dict[str, str]) -> None:
    juno = await member("juno")
    video_id = await registered()
    assert await kept(juno.client, *(e | forged for e in Watching(video_id, juno.id).whole())) == 4
    assert await counters(video_id) == {}
    assert [e.counted for e in await events()] == [False] * 4


async def test_the_ticket_of_another_person_counts_for_nothing(member: MakeMember) -> None:
    juno, ivo = await member("juno"), await member("ivo")
    video_id = await registered()
    assert await kept(ivo.client, *Watching(video_id, juno.id).whole()) == 4
    assert await counters(video_id) == {}


async def test_what_is_opened_and_hidden_is_kept_and_changes_no_counter(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await registered()
    watching = Watching(video_id, juno.id)
    opened = [watching.event(kind, n) for n, kind in enumerate(("profile", "comments", "hide"))]
    assert await kept(juno.client, *opened) == 3
    assert [e.kind for e in await events()] == [8, 9, 10]
    assert await counters(video_id) == {}
    assert await watches() == []


async def test_a_page_of_last_month_counts_no_more(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await registered()
    old = Watching(video_id, juno.id, request_id=ids.new() - ((30 * 24 * 3600 * 1000) << 22))
    assert await kept(juno.client, *old.whole()) == 4
    assert await counters(video_id) == {}


async def test_played_time_is_worth_no_more_than_the_time_that_passed(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await registered()
    watching = Watching(video_id, juno.id)
    await kept(juno.client, watching.event("start"), watching.event("heartbeat", 1, played_ms=9000))
    assert await counters(video_id) == {"impressions": 1, "plays": 1, "played_ms": 1000}
    await kept(juno.client, watching.event("heartbeat", 2, ranges=[[0, 9000], [0, 9000]]))
    assert (await counters(video_id))["played_ms"] == 2000
    assert await views() == [(video_id, juno.id)]
    # What comes late has its time already spoken for.
    await kept(juno.client, watching.event("heartbeat", 1.5, played_ms=9000))
    assert (await counters(video_id))["played_ms"] == 2000


async def test_nobody_earns_more_than_has_passed_since_the_page_was_served(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await registered(duration_ms=500_000)
    just_now = Watching(video_id, juno.id, request_id=ids.new())
    await kept(juno.client, just_now.event("start"), just_now.event("heartbeat", 200, played_ms=200_000))
    assert (await counters(video_id)).get("played_ms", 0) < 60_000


async def test_loops_count_as_often_as_there_was_time_for_them(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await registered(duration_ms=3000)
    watching = Watching(video_id, juno.id)
    rounds = [watching.event("loop", 3.0 * n, played_ms=2950) for n in (1, 2, 3)]
    hurried = [watching.event("loop", 9 + n / 1000, played_ms=3000) for n in range(20)]
    await kept(juno.client, watching.event("start"), *rounds, *hurried)
    assert (await counters(video_id))["loops"] == 3


async def test_half_of_a_short_video_is_a_view(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await registered(duration_ms=1000)
    watching = Watching(video_id, juno.id)
    await kept(juno.client, watching.event("start"), watching.event("pause", 0.4, played_ms=400))
    assert await views() == []
    await kept(juno.client, watching.event("pause", 0.5, played_ms=100))
    assert await views() == [(video_id, juno.id)]


async def test_ids_out_of_their_time_are_refused_one_by_one(member: MakeMember, frozen_clock: ModuleType) -> None:
    _ = frozen_clock
    juno = await member("juno")
    watching = Watching(await registered(), juno.id)
    now_ms = moments.of(clock.now())

    def at(ms: int) -> dict[str, str]:
        return {"id": str(moments.new(now_ms + ms))}

    good = [watching.event("start", **at(ms)) for ms in (moments.AHEAD_MS, -moments.BEHIND_MS, 0)]
    ahead = watching.event("start", **at(moments.AHEAD_MS + 1))
    behind = watching.event("start", **at(-moments.BEHIND_MS - 1))
    random = watching.event("start", id=other_kind_of_id())
    answer = await send(juno.client, good[0], ahead, good[1], behind, random, good[2])
    assert answer.json() == {
        "kept": 3,
        "refused": [
            {"id": ahead["id"], "code": "event_from_future"},
            {"id": behind["id"], "code": "event_too_old"},
            {"id": random["id"], "code": "event_invalid"},
        ],
    }
    assert {str(e.id) for e in await events()} == {e["id"] for e in good}


async def test_a_retry_after_midnight_is_still_the_same_event(member: MakeMember, frozen_clock: ModuleType) -> None:
    juno = await member("juno")
    video_id = await registered()
    frozen_clock.advance(timedelta(hours=8, minutes=44))  # 00:04 on the 23rd: the watch began on the 22nd
    batch = Watching(video_id, juno.id).whole(120)
    await kept(juno.client, *batch)
    before = await counters(video_id)
    frozen_clock.advance(timedelta(hours=30))
    await kept(juno.client, *batch)
    assert len({e.day for e in await events()}) == 2
    assert len(await events()) == 4
    assert await counters(video_id) == before


async def test_a_clock_that_jumps_back_or_ahead_loses_and_doubles_nothing(
    member: MakeMember, frozen_clock: ModuleType
) -> None:
    juno = await member("juno")
    video_id = await registered()
    for jump_days in (0, 5, -3, 4):
        frozen_clock.advance(timedelta(days=jump_days))
        watching = Watching(video_id, juno.id)
        assert await kept(juno.client, *watching.whole()) == 4
    assert len(await events()) == 16
    assert (await counters(video_id))["views"] == 1


async def test_a_revoked_session_is_nobody_in_the_next_batch(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await registered()
    watching = Watching(video_id, juno.id)
    token = juno.client.cookies["nonet"]
    assert await kept(juno.client, watching.event("start")) == 1
    await juno.client.delete("/api/v1/session")
    juno.client.cookies.set("nonet", token, domain="localhost.local", path="/")
    assert await kept(juno.client, watching.event("heartbeat", 3, played_ms=3000)) == 0
    assert await counters(video_id) == {"impressions": 1, "plays": 1}


async def test_a_full_buffer_refuses_and_keeps_nothing(member: MakeMember, monkeypatch: pytest.MonkeyPatch) -> None:
    juno = await member("juno")
    watching = Watching(await registered(), juno.id)
    monkeypatch.setattr(intake, "BUFFER_MOST", 3)
    answer = await send(juno.client, *watching.whole())
    assert (answer.status_code, code(answer), answer.headers["retry-after"]) == (429, "events_full", "1")
    assert await events() == []
    assert await kept(juno.client, *watching.whole()[:3]) == 3


async def test_a_batch_of_a_beacon_is_read_whatever_it_calls_itself(member: MakeMember) -> None:
    juno = await member("juno")
    body = json.dumps({"events": Watching(await registered(), juno.id).whole()})
    answer = await juno.client.post("/api/v1/events", content=body, headers={"content-type": "text/plain"})
    assert answer.json() == {"kept": 4, "refused": []}


async def test_a_bad_event_costs_none_of_the_others(member: MakeMember) -> None:
    juno = await member("juno")
    watching = Watching(await registered(), juno.id)
    bad = [
        watching.event("liked"),
        watching.event("start", position=-1),
        watching.event("start", position=40_000),
        watching.event("start", video_id=12),
        watching.event("start", video_id="9" * 19),
        watching.event("start", request_id="-1"),
        watching.event("heartbeat", played_ms=-1),
        watching.event("heartbeat", played_ms=1.5),
        watching.event("heartbeat", played_ms=1 << 70),
        watching.event("heartbeat", ranges=[[0]]),
        watching.event("heartbeat", ranges=[[0, 1]] * 201),
        watching.event("start", ticket="x" * 65),
        watching.event("start", id="not an id"),
        {},
    ]
    answer = await send(juno.client, *bad, *watching.whole())
    assert answer.json()["kept"] == 4
    assert {r["code"] for r in answer.json()["refused"]} == {"event_invalid"}
    assert [r["id"] for r in answer.json()["refused"]] == [b.get("id", "") for b in [*bad[:4], *bad[5:], bad[4]]]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"events": 3}',
        b'{"events": [' + b"{}," * 200 + b"{}]}",
        b'{"events": ["\xff"]}',
        b"[" * 100_000,
        b'{"events":[' + b"[" * 50_000 + b"]" * 50_000 + b"]}",
    ],
)
async def test_a_body_that_is_no_batch_is_refused_whole(member: MakeMember, body: bytes) -> None:
    juno = await member("juno")
    answer = await juno.client.post("/api/v1/events", content=body)
    assert answer.status_code in {422, 200}
    if answer.status_code == 422:
        assert code(answer) == "invalid"
    else:
        assert answer.json()["kept"] == 0


async def test_an_empty_batch_is_answered(client: httpx.AsyncClient) -> None:
    assert (await send(client)).json() == {"kept": 0, "refused": []}


async def test_ranges_that_make_no_sense_are_worth_nothing(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await registered()
    watching = Watching(video_id, juno.id)
    backwards = watching.event("heartbeat", 5, ranges=[[5000, 1000], [20_000, 30_000]])
    assert await kept(juno.client, watching.event("start"), backwards) == 2
    assert "played_ms" not in await counters(video_id)


async def test_a_write_that_fails_acknowledges_nothing(member: MakeMember) -> None:
    juno = await member("juno")
    batch = Watching(await registered(), juno.id).whole()
    async with (await db.pool()).acquire() as connection:
        await connection.execute("ALTER TABLE watches RENAME TO watches_away")
        try:
            with pytest.raises(asyncpg.UndefinedTableError):  # the transport hands on what is answered by 500
                await send(juno.client, *batch)
        finally:
            await connection.execute("ALTER TABLE watches_away RENAME TO watches")
    assert await events() == []
    assert await kept(juno.client, *batch) == 4


async def test_a_flush_whose_connection_is_killed_says_that_the_database_is_away(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await registered()
    batch = Watching(video_id, juno.id).whole()
    async with (await db.pool()).acquire() as connection:
        await connection.execute(
            "CREATE FUNCTION pg_temp_kill() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;"
            " CREATE TRIGGER kill BEFORE INSERT ON watches FOR EACH ROW EXECUTE FUNCTION pg_temp_kill()"
        )
        try:
            answer = await send(juno.client, *batch)
        finally:
            await connection.execute("DROP FUNCTION pg_temp_kill CASCADE")
    assert (answer.status_code, code(answer)) == (503, "database_away")
    assert "retry-after" in answer.headers
    assert await events() == []
    assert await kept(juno.client, *batch) == 4
    assert (await counters(video_id))["views"] == 1


async def test_a_partition_that_is_gone_is_made_again(member: MakeMember) -> None:
    juno = await member("juno")
    watching = Watching(await registered(), juno.id)
    assert await kept(juno.client, watching.event("start")) == 1
    async with (await db.pool()).acquire() as connection:
        for row in await connection.fetch(
            "SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent='events'::regclass"
        ):
            await connection.execute(f"DROP TABLE {row[0]}")
    assert await kept(juno.client, watching.event("heartbeat", 3, played_ms=3000)) == 1
    assert [e.kind for e in await events()] == [3]


async def test_what_waits_when_the_process_ends_is_written_first(
    member: MakeMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    juno = await member("juno")
    watching = Watching(await registered(), juno.id)
    monkeypatch.setattr(intake, "GATHER_S", 60.0)
    sending = [asyncio.create_task(send(juno.client, watching.event("start", after))) for after in (0, 1, 2)]
    while (waiting := intake._intake) is None or len(waiting._waiting) < 3:  # noqa: ASYNC110, SLF001 - looked into
        await asyncio.sleep(0)
    await intake.stop()
    assert [(await each).json()["kept"] for each in sending] == [1, 1, 1]
    assert len(await events()) == 3


async def test_who_hangs_up_before_the_answer_has_sent_the_events_all_the_same(member: MakeMember) -> None:
    juno = await member("juno")
    watching = Watching(await registered(), juno.id)
    sending = asyncio.create_task(send(juno.client, watching.event("start")))
    while (waiting := intake._intake) is None or not waiting._waiting:  # noqa: ASYNC110, SLF001 - looked into
        await asyncio.sleep(0)
    sending.cancel()
    await intake.stop()
    assert len(await events()) == 1


async def test_a_visitor_gets_a_number_with_the_first_play_and_counts_once(client: httpx.AsyncClient) -> None:
    video_id = await registered()
    watching = Watching(video_id)
    answer = await send(client, watching.event("impression"))
    assert answer.json()["kept"] == 0
    assert not client.cookies
    answer = await send(client, *watching.whole())
    assert answer.json()["kept"] == 4
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("nonet-visitor=")
    assert "HttpOnly" in cookie
    assert "Max-Age=2592000" in cookie
    assert "set-cookie" not in (await send(client, *Watching(video_id).whole())).headers
    assert (await counters(video_id))["views"] == 1
    assert (await watches())[0].viewer < 0


@pytest.mark.parametrize("header", ["sec-gpc", "dnt"])
async def test_a_visitor_who_asks_not_to_be_followed_is_not(client: httpx.AsyncClient, header: str) -> None:
    video_id = await registered()
    answer = await send(client, *Watching(video_id).whole(), **{header: "1"})
    assert answer.json() == {"kept": 0, "refused": []}
    assert "set-cookie" not in answer.headers
    await send(client, *Watching(video_id).whole())
    assert client.cookies
    answer = await send(client, *Watching(video_id).whole(), **{header: "1"})
    assert answer.json()["kept"] == 0
    assert not client.cookies
    assert len(await events()) == 4


async def test_the_operator_can_count_no_visitors(client: httpx.AsyncClient) -> None:
    video_id = await registered()
    assert await kept(client, *Watching(video_id).whole()) == 4
    async with db.transaction() as session:
        await prefs.put(session, "visitors_counted", value=False)
    assert await kept(client, *Watching(video_id).whole()) == 0
    client.cookies.clear()
    answer = await send(client, *Watching(video_id).whole())
    assert answer.json()["kept"] == 0
    assert "set-cookie" not in answer.headers


async def test_a_number_that_we_did_not_make_is_no_visitor(client: httpx.AsyncClient) -> None:
    video_id = await registered()
    watching = Watching(video_id)
    for forged in ("12345.AAAAAAAAAAAAAAAA", "12345", "x.y", ".", "0.", "-5.AAAA", "9" * 40 + ".A"):
        client.cookies.set("nonet-visitor", forged, domain="localhost.local", path="/")
        assert await kept(client, watching.event("heartbeat", 3, played_ms=3000)) == 0
    assert await events() == []
