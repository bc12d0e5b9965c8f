"""The feed by its public door."""

import asyncio
import json
from datetime import timedelta
from types import ModuleType
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from community import Drain, MakeMember, Member, code
from films import film
from nonet.core import clock, db, jobs
from nonet.core.ids import floor
from nonet.core.statements import Statement
from nonet.feed import jobs as feed_jobs
from nonet.feed import service, stock
from nonet.signals import moments
from nonet.signals.kinds import Kind
from nonet.signals.tables import Event, Slate, Subject


async def ask(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/feed", json={"kind": "for_you", **body})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ids(page: dict[str, Any]) -> list[str]:
    return [card["id"] for card in page["items"]]


async def to_the_end(client: httpx.AsyncClient, **body: Any) -> list[str]:
    page = await ask(client, **body)
    found = ids(page)
    while page["next"]:
        page = await ask(client, kind=body.get("kind", "for_you"), cursor=page["next"])
        found += ids(page)
    assert page["ended"]
    return found


async def some(owner: Member, count: int, **values: Any) -> list[str]:
    return [str(await film(owner.id, **values)) for _ in range(count)]


def seen(card: dict[str, Any], kind: str, ms: int = 0, **told: Any) -> dict[str, Any]:
    made = moments.new(moments.of(clock.now()) + ms)
    return {"id": str(made), "kind": kind, "video_id": card["id"], **card["served"], **told}


def finished(card: dict[str, Any]) -> list[dict[str, Any]]:
    return [seen(card, "impression", -9000), seen(card, "start", -8990), seen(card, "finish", 0, played_ms=9000)]


def skipped(card: dict[str, Any]) -> list[dict[str, Any]]:
    return [seen(card, "impression", -900), seen(card, "start", -890), seen(card, "skip", 0, played_ms=800)]


async def test_a_server_without_videos_says_that_it_is_empty(client: httpx.AsyncClient) -> None:
    page = await ask(client)
    assert page["items"] == []
    assert page["ended"]
    assert page["empty"]
    assert not page["may_begin_again"]
    assert page["next"] is None


async def test_two_videos_and_one_person_work(member: MakeMember) -> None:
    juno, mara = await member("juno"), await member("mara")
    videos = await some(juno, 2)
    page = await ask(mara.client)
    assert sorted(ids(page)) == sorted(videos)
    assert page["ended"]
    assert page["may_begin_again"]
    assert all(card["reason"]["code"] for card in page["items"])
    assert [card["served"]["position"] for card in page["items"]] == [0, 1]
    assert {card["served"]["request_id"] for card in page["items"]} == {page["request_id"]}
    own = await ask(juno.client)
    assert sorted(ids(own)) == sorted(videos)


async def test_every_video_comes_exactly_once_and_the_feed_begins_again_when_asked(member: MakeMember) -> None:
    juno, mara = await member("juno"), await member("mara")
    videos = await some(juno, 15)
    found = await to_the_end(mara.client)
    assert sorted(found) == sorted(videos)
    assert len(found) == 15
    assert sorted(await to_the_end(mara.client, again=True)) == sorted(videos)


async def test_a_feed_of_which_everything_was_seen_begins_again_by_itself(member: MakeMember) -> None:
    juno, mara = await member("juno"), await member("mara")
    await some(juno, 3)
    page = await ask(mara.client)
    events = [event for card in page["items"] for event in finished(card)]
    again = await ask(mara.client, events=events)
    assert sorted(ids(again)) == sorted(ids(page))
    assert {card["reason"]["code"] for card in again["items"]} == {"seen_before"}


async def test_what_was_watched_does_not_come_again_while_there_is_something_else(member: MakeMember) -> None:
    juno, mara = await member("juno"), await member("mara")
    await some(juno, 9)
    first = await ask(mara.client)
    page = await ask(mara.client, events=[event for card in first["items"] for event in finished(card)])
    assert not set(ids(page)) & set(ids(first))
    assert len(ids(page)) == 3


async def test_the_same_cursor_gives_the_same_bytes(member: MakeMember) -> None:
    juno, mara = await member("juno"), await member("mara")
    await some(juno, 14)
    page = await ask(mara.client)
    body = {"kind": "for_you", "cursor": page["next"]}
    once = await mara.client.post("/api/v1/feed", json=body)
    await some(juno, 2)
    again = await mara.client.post("/api/v1/feed", json=body)
    assert once.content == again.content


async def test_one_cursor_asked_by_many_at_once_gives_one_page(member: MakeMember) -> None:
    juno, mara = await member("juno"), await member("mara")
    await some(juno, 14)
    page = await ask(mara.client)
    pages = await asyncio.gather(*(ask(mara.client, cursor=page["next"]) for _ in range(6)))
    assert len({json.dumps(each) for each in pages}) == 1


async def test_asking_after_an_item_in_the_middle_keeps_out_what_stood_before_it(member: MakeMember) -> None:
    juno, mara = await member("juno"), await member("mara")
    videos = await some(juno, 12)
    page = await ask(mara.client)
    after_two = await ask(mara.client, cursor=page["cursors"][1])
    assert not set(ids(after_two)) & set(ids(page)[:2])
    rest = await to_the_end(mara.client, cursor=page["cursors"][1])
    assert sorted(rest + ids(page)[:2]) == sorted(videos)


async def test_a_watch_that_comes_with_the_question_changes_the_answer(member: MakeMember) -> None:
    people = [await member(f"maker{n}") for n in range(8)]
    mara = await member("mara")
    for person in people:
        await some(person, 2, caption="in the #garden")
        await some(person, 6, caption="on the #sea")
    page = await ask(mara.client)
    while not any(card["tags"][0]["tag"] == "garden" for card in page["items"]):
        page = await ask(mara.client, cursor=page["next"])
    garden = next(card for card in page["items"] if card["tags"][0]["tag"] == "garden")
    sea = [card for card in page["items"] if card["tags"][0]["tag"] == "sea"]
    events = [*(event for card in sea for event in skipped(card)), *finished(garden)]
    after = await ask(mara.client, cursor=page["next"], events=events)
    names = [card["tags"][0]["tag"] for card in after["items"] if card["reason"]["code"] != "tried_out"]
    assert names[0] == "garden"
    assert names.count("garden") >= 2
    assert {"code": "finished_tag", "tag": "garden"} in [card["reason"] for card in after["items"]]


async def test_a_like_alone_changes_the_very_next_page(member: MakeMember) -> None:
    people = [await member(f"maker{n}") for n in range(8)]
    mara = await member("mara")
    for person in people:
        await some(person, 2, caption="in the #garden")
        await some(person, 6, caption="on the #sea")
    liked = await film(people[0].id, caption="in the #garden")
    before = await ask(mara.client)
    assert "finished_tag" not in {card["reason"]["code"] for card in before["items"]}
    assert (await mara.client.put(f"/api/v1/videos/{liked}/like")).status_code == 200
    after = await ask(mara.client, cursor=before["cursors"][0])
    assert {"code": "finished_tag", "tag": "garden"} in [card["reason"] for card in after["items"]]


async def test_what_was_published_a_moment_ago_can_stand_on_the_next_page(member: MakeMember) -> None:
    juno, mara = await member("juno"), await member("mara")
    await some(juno, 3)
    assert len(ids(await ask(mara.client))) == 3
    new = str(await film(juno.id))
    assert new in ids(await ask(mara.client))


async def test_deleted_and_private_videos_are_gone_at_once(member: MakeMember) -> None:
    juno, mara = await member("juno"), await member("mara")
    videos = await some(juno, 4)
    page = await ask(mara.client)
    await juno.client.delete(f"/api/v1/videos/{videos[0]}")
    await juno.client.patch(f"/api/v1/videos/{videos[1]}", json={"visibility": "private"})
    assert sorted(ids(await ask(mara.client))) == sorted(videos[2:])
    assert len(ids(page)) == 4


async def test_a_block_and_a_report_hold_in_the_very_next_answer_even_of_an_old_page(member: MakeMember) -> None:
    juno, bram, mara = await member("juno"), await member("bram"), await member("mara")
    of_juno, of_bram = await some(juno, 8), await some(bram, 8)
    page = await ask(mara.client)
    second = await ask(mara.client, cursor=page["next"])
    assert set(ids(second)) & set(of_juno)
    reported = next(each for each in ids(second) if each in of_bram)
    answer = await mara.client.post("/api/v1/reports", json={"kind": "video", "id": reported, "category": "harassment"})
    assert answer.status_code == 201, answer.text
    await mara.client.put("/api/v1/people/juno/block")
    same = await ask(mara.client, cursor=page["next"])
    assert ids(same) == [each for each in ids(second) if each in of_bram and each != reported]
    kept = {card["id"]: card["served"] for card in second["items"]}
    assert all(card["served"] == kept[card["id"]] for card in same["items"])
    assert set(await to_the_end(mara.client)) == set(of_bram) - {reported}
    assert set(await to_the_end(juno.client)) == set(of_juno) | set(of_bram)


async def test_not_interested_holds_from_the_next_page_on_and_can_be_taken_back(member: MakeMember) -> None:
    juno, bram, mara = await member("juno"), await member("bram"), await member("mara")
    video, other = str(await film(juno.id)), str(await film(bram.id))
    refused = {"kind": "video", "id": video}
    assert (await mara.client.post("/api/v1/feed/refused", json=refused)).status_code == 204
    assert (await mara.client.post("/api/v1/feed/refused", json=refused)).status_code == 204
    assert ids(await ask(mara.client)) == [other]
    assert (await mara.client.request("DELETE", "/api/v1/feed/refused", json=refused)).status_code == 204
    assert sorted(ids(await ask(mara.client))) == sorted([video, other])
    hidden = {"kind": "person", "id": str(bram.id)}
    assert (await mara.client.post("/api/v1/feed/refused", json=hidden)).status_code == 204
    assert ids(await ask(mara.client)) == [video]
    own = {"kind": "person", "id": str(mara.id)}
    assert code(await mara.client.post("/api/v1/feed/refused", json=own)) == "not_yourself"
    assert code(await mara.client.post("/api/v1/feed/refused", json={"kind": "video", "id": "5"})) == "not_found"


@pytest.mark.parametrize(
    ("kind", "value", "hides"),
    [("word", "harbour", True), ("word", "harb", False), ("tag", "boats", True), ("word", "猫", True)],
)
async def test_muted_words_and_hashtags_stay_out(member: MakeMember, kind: str, value: str, hides: bool) -> None:
    juno, mara = await member("juno"), await member("mara")
    muted = await some(juno, 9, caption="Evening in the HARBOUR 黒猫だ #boats")
    plain = await some(juno, 2, caption="Evening at home")
    assert (await mara.client.put(f"/api/v1/me/mutes/{kind}/{value}")).status_code in {200, 204}
    found = await to_the_end(mara.client)
    assert sorted(found) == sorted(plain if hides else plain + muted)


async def test_a_muted_sound_stays_out(member: MakeMember) -> None:
    juno, mara = await member("juno"), await member("mara")
    videos = await some(juno, 3)
    card = (await ask(mara.client))["items"][0]
    assert (await mara.client.put(f"/api/v1/me/mutes/sound/{card['sound']['id']}")).status_code in {200, 204}
    assert sorted(await to_the_end(mara.client)) == sorted(set(videos) - {card["id"]})


async def test_a_feed_that_was_left_for_half_an_hour_has_ended(member: MakeMember, frozen_clock: ModuleType) -> None:
    juno, mara = await member("juno"), await member("mara")
    await some(juno, 14)
    page = await ask(mara.client)
    frozen_clock.advance(timedelta(minutes=29))
    page = await ask(mara.client, cursor=page["next"])
    frozen_clock.advance(timedelta(minutes=31))
    answer = await mara.client.post("/api/v1/feed", json={"kind": "for_you", "cursor": page["next"]})
    assert answer.status_code == 410
    assert code(answer) == "feed_ended"


async def test_a_cursor_of_someone_else_leads_nowhere_and_a_damaged_one_says_so(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    juno, mara = await member("juno"), await member("mara")
    await some(juno, 14)
    page = await ask(mara.client)
    for other in (juno.client, client):
        answer = await other.post("/api/v1/feed", json={"kind": "for_you", "cursor": page["next"]})
        assert code(answer) == "feed_ended"
    for damaged in (
        "x",
        page["next"][:-1],
        "B" + page["next"][1:],
        page["next"] + "9",
        "é.1",
        page["next"][:24] + ".7",
    ):
        answer = await mara.client.post("/api/v1/feed", json={"kind": "for_you", "cursor": damaged})
        assert answer.status_code == 422, damaged
        assert code(answer) == "cursor_invalid"


async def test_what_is_no_question_is_answered_so(client: httpx.AsyncClient) -> None:
    for body in (b"", b"[]", b"{}", b'{"kind":"other"}', b'{"kind":"for_you","events":5}', b"\xff"):
        answer = await client.post("/api/v1/feed", content=body)
        assert answer.status_code == 422
        assert code(answer) == "invalid"


async def test_a_visitor_has_a_feed_and_keeps_their_place_when_their_number_is_made(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    juno = await member("juno")
    videos = await some(juno, 14)
    page = await ask(client)
    assert not any(card["mine"] for card in page["items"])
    more = await ask(client, cursor=page["next"], events=finished(page["items"][0]))
    assert "nonet-visitor" in client.cookies
    assert not set(ids(more)) & set(ids(page))
    anew = await to_the_end(client)
    assert sorted([*anew, ids(page)[0]]) == sorted(videos)


async def test_a_visitor_who_gets_a_number_is_shown_the_page_they_had_again(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    await some(await member("juno"), 14)
    page = await ask(client)
    once = await ask(client, cursor=page["next"])
    await client.post("/api/v1/events", json={"events": finished(page["items"][0])})
    assert "nonet-visitor" in client.cookies
    assert await ask(client, cursor=page["next"]) == once


@pytest.mark.parametrize("header", ["sec-gpc", "dnt"])
async def test_a_visitor_who_asks_not_to_be_followed_is_nobody_to_the_feed(
    member: MakeMember, client: httpx.AsyncClient, header: str
) -> None:
    await some(await member("juno"), 3)
    page = await ask(client)
    client.headers[header] = "1"
    again = await ask(client, events=finished(page["items"][0]))
    assert not client.cookies
    assert sorted(ids(again)) == sorted(ids(page))
    async with db.transaction() as session:
        assert set(await session.scalars(select(Slate.viewer))) == {0}
        assert list(await session.scalars(select(Event))) == []
    del client.headers[header]
    await ask(client, events=finished(again["items"][0]))
    assert client.cookies
    await client.post("/api/v1/feed", json={"kind": "for_you"}, headers={header: "1"})
    assert not client.cookies


async def test_a_report_of_a_video_stands_in_the_log_once(member: MakeMember) -> None:
    juno, mara = await member("juno"), await member("mara")
    reported = {"kind": "video", "id": str(await film(juno.id)), "category": "harassment"}
    for _ in range(2):
        assert (await mara.client.post("/api/v1/reports", json=reported)).status_code == 201
    async with db.transaction() as session:
        (event,) = await session.scalars(select(Event))
    assert (event.kind, event.viewer, str(event.video_id)) == (Kind.REPORTED, mara.id, reported["id"])


async def test_following_shows_what_followed_people_published_each_once_while_others_publish_and_delete(
    member: MakeMember,
) -> None:
    juno, bram, mara, ines = [await member(name) for name in ("juno", "bram", "mara", "ines")]
    for other in (juno, bram):
        await mara.client.put(f"/api/v1/people/{other.handle}/follow")
    wanted = [*await some(juno, 5), *await some(bram, 5, visibility="followers"), *await some(juno, 4)]
    await some(ines, 3)
    page = await ask(mara.client, kind="following")
    assert ids(page) == wanted[:-7:-1]
    await some(juno, 1)
    await juno.client.delete(f"/api/v1/videos/{ids(page)[-1]}")
    gone = wanted[6]
    await bram.client.delete(f"/api/v1/videos/{gone}")
    found = ids(page) + await to_the_end(mara.client, kind="following", cursor=page["next"])
    assert found == [each for each in reversed(wanted) if each != gone]
    assert {card["reason"]["code"] for card in page["items"]} == {"follows"}
    assert {card["reason"]["handle"] for card in page["items"]} == {"juno", "bram"}


async def test_following_many_people_shows_the_newest_of_all_in_their_order(member: MakeMember) -> None:
    people = [await member(f"maker{n}") for n in range(9)]
    mara = await member("mara")
    for person in people:
        await mara.client.put(f"/api/v1/people/{person.handle}/follow")
    published = [await some(person, 1 + n % 3) for _ in range(2) for n, person in enumerate(people)]
    for person in people[::2]:
        await some(person, 2, visibility="private")
    found = await to_the_end(mara.client, kind="following")
    assert found == [each for part in published for each in part][::-1]


async def test_following_needs_an_account_and_is_empty_for_who_follows_nobody(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    await some(await member("juno"), 2)
    assert code(await client.post("/api/v1/feed", json={"kind": "following"})) == "sign_in_needed"
    page = await ask((await member("mara")).client, kind="following")
    assert page["items"] == []
    assert page["ended"]
    assert page["empty"]


async def test_a_page_is_recorded_as_it_was_shown(member: MakeMember) -> None:
    juno, mara = await member("juno"), await member("mara")
    await some(juno, 14)
    page = await ask(mara.client)
    more = await ask(mara.client, cursor=page["cursors"][3])
    async with db.transaction() as session:
        first = await session.get_one(Slate, int(page["request_id"]))
        second = await session.get_one(Slate, int(more["request_id"]))
    assert [str(each) for each in first.video_ids] == ids(page)
    assert [str(each) for each in second.video_ids] == ids(more)
    assert (first.viewer, first.surface, first.parent, first.cut, first.before) == (mara.id, "for_you", None, 0, [])
    assert (second.parent, second.cut, second.session_id) == (first.id, 4, first.session_id)
    assert [str(each) for each in second.before] == ids(page)[:4]
    assert second.seed == first.seed
    for slate in (first, second):
        assert len(slate.sources) == len(slate.propensities) == len(slate.terms) == len(slate.video_ids)
        assert all(0 < each <= 1 for each in slate.propensities)


async def test_why_is_told_to_whom_it_was_shown_alone(member: MakeMember, client: httpx.AsyncClient) -> None:
    juno, mara = await member("juno"), await member("mara")
    await mara.client.put("/api/v1/people/juno/follow")
    await some(juno, 3)
    page = await ask(mara.client)
    address = f"/api/v1/feed/why/{page['request_id']}/0"
    told = (await mara.client.get(address)).json()
    assert told["personal"]
    assert {"code": "follows", "handle": "juno"}.items() <= told["reasons"][0].items()
    assert abs(sum(each["weight"] for each in told["reasons"]) - 1) < 0.01
    assert code(await juno.client.get(address)) == "not_found"
    assert code(await client.get(address)) == "not_found"
    assert code(await mara.client.get(address.replace("/0", "/3"))) == "not_found"
    assert code(await mara.client.get("/api/v1/feed/why/5/0")) == "not_found"
    assert code(await mara.client.get("/api/v1/feed/why/x/0")) == "not_found"


async def test_a_feed_can_be_had_without_ones_taste_and_ones_taste_can_begin_anew(member: MakeMember) -> None:
    juno, mara = await member("juno"), await member("mara")
    await some(juno, 20, caption="in the #garden")
    assert (await mara.client.get("/api/v1/me/feed")).json() == {"personal": True, "reset_at": None}
    page = await ask(mara.client)
    events = [event for card in page["items"] for event in finished(card)]
    assert "finished_tag" in [card["reason"]["code"] for card in (await ask(mara.client, events=events))["items"]]
    changed = await mara.client.patch("/api/v1/me/feed", json={"personal": False})
    assert changed.json()["personal"] is False
    page = await ask(mara.client)
    assert not {card["reason"]["code"] for card in page["items"]} & {"finished_tag", "finished_creator", "follows"}
    assert (await mara.client.get(f"/api/v1/feed/why/{page['request_id']}/0")).json()["personal"] is False
    changed = await mara.client.patch("/api/v1/me/feed", json={"personal": True, "reset": True})
    assert changed.json()["reset_at"]
    page = await ask(mara.client)
    assert not {card["reason"]["code"] for card in page["items"]} & {"finished_tag", "finished_creator"}
    assert len(await to_the_end(mara.client)) == 14


async def test_a_page_takes_two_statements(member: MakeMember, monkeypatch: pytest.MonkeyPatch) -> None:
    juno, mara = await member("juno"), await member("mara")
    await some(juno, 14)
    page = await ask(mara.client)
    asked: list[str] = []
    fetch = Statement.fetch
    # The catalogue looks for what is new once a second, whoever asks meanwhile.
    keeping = [each for each in vars(stock).values() if isinstance(each, Statement)]

    async def counting(self: Statement, connection: Any, **given: Any) -> Any:
        if self not in keeping:
            asked.append(self.sql)
        return await fetch(self, connection, **given)

    monkeypatch.setattr(Statement, "fetch", counting)
    for _ in range(2):
        asked.clear()
        await ask(mara.client, cursor=page["next"])
        assert len(asked) == 2


async def test_what_led_to_a_page_is_forgotten_once_its_session_is_over(drain: Drain) -> None:
    ages_min = (0, 40, 90, 600)
    async with db.transaction() as session:
        for age_min in ages_min:
            at = clock.now() - timedelta(minutes=age_min)
            slate = Slate(id=floor(at), session_id=5, viewer=7, surface="for_you", seed=1, before=[1, 2], created_at=at)
            slate.video_ids, slate.sources, slate.propensities, slate.terms = [3], ["tag"], [1.0], [[]]
            session.add(slate)
        await jobs.enqueue(session, "feed.sessions_due", {})
    await drain()
    async with db.transaction() as session:
        found = list(await session.scalars(select(Slate).order_by(Slate.id.desc())))
    assert [len(each.before) for each in found] == [2, 2, 0, 0]
    assert [each.video_ids for each in found] == [[3]] * 4
    assert timedelta(minutes=40) < feed_jobs.OVER > service.IDLE


async def test_a_restart_serves_what_is_there(member: MakeMember) -> None:
    juno, mara = await member("juno"), await member("mara")
    videos = await some(juno, 5)
    await ask(mara.client)
    await stock.stop()
    async with db.transaction() as session:
        await session.execute(text("UPDATE subjects SET listed = false WHERE video_id = :id"), {"id": int(videos[0])})
        assert len((await session.scalars(select(Subject))).all()) == 5
    assert sorted(ids(await ask(mara.client))) == sorted(videos[1:])
