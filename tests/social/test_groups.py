"""Groups that change while they talk: people are added and may come back, the name changes, and everyone sees it."""

import asyncio
from typing import Any

import httpx

from community import Drain, MakeMember, Member, code
from films import film
from nonet.core import db, jobs
from social.talk import follow, heard, listed, open_thread, say, send, told, young


async def add(who: Member, thread: str, *others: Member) -> httpx.Response:
    return await who.client.post(f"/api/v1/threads/{thread}/people", json={"handles": [each.handle for each in others]})


async def call(who: Member, thread: str, title: str) -> httpx.Response:
    return await who.client.patch(f"/api/v1/threads/{thread}", json={"title": title})


async def lines(who: Member, thread: str) -> list[tuple[str, Any, Any, str]]:
    """What stands between the messages: kind, by whom, about whom, text; the oldest first."""
    items = (await who.client.get(f"/api/v1/threads/{thread}/messages")).json()["items"]
    found = [each for each in items[::-1] if each["kind"] != "said"]
    handle = [(each["author"]["handle"], (each["about"] or {}).get("handle")) for each in found]
    return [(each["kind"], *names, each["text"]) for each, names in zip(found, handle, strict=True)]


async def seats(who: Member, thread: str) -> dict[str, str]:
    people = (await who.client.get(f"/api/v1/threads/{thread}")).json()["people"]
    return {each["handle"]: each["state"] for each in people}


async def trio(member: MakeMember) -> tuple[Member, Member, Member, str]:
    """Three who follow the first, and the group they are in."""
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    for each in (ines, oro):
        await follow(each, juno)
    return juno, ines, oro, await open_thread(juno, ines, oro)


async def test_anyone_in_a_group_adds_people_who_see_what_is_said_from_then_on(member: MakeMember) -> None:
    juno, ines, oro, thread = await trio(member)
    tove = await member("tove")
    await follow(tove, ines)
    await say(juno, thread, "Before")
    answer = await add(ines, thread, tove)
    assert answer.status_code == 200, answer.text
    assert await seats(oro, thread) == dict.fromkeys(("juno", "ines", "oro", "tove"), "in")
    for each in (juno, tove):
        assert await lines(each, thread) == [("added", "ines", "tove", "")]
    assert [each["id"] for each in await listed(tove)] == [thread]
    await say(oro, thread, "After")
    assert [text for text in await heard(tove, thread) if text] == ["After"]
    assert [text for text in await heard(juno, thread) if text] == ["Before", "After"]
    assert ((await listed(tove))[0]["last"]["text"], (await listed(tove))[0]["unread"]) == ("After", 1)
    await add(juno, thread, tove)
    assert len(await lines(juno, thread)) == 1


async def test_a_stranger_who_is_added_is_asked_by_the_next_message(member: MakeMember) -> None:
    juno, ines, _oro, thread = await trio(member)
    tove = await member("tove")
    await say(juno, thread, "Before")
    assert (await add(ines, thread, tove)).status_code == 200
    assert (await listed(tove, "asked"), await told(tove)) == ([], [])
    for text in ("First", "Second"):
        await say(juno, thread, text)
    assert await heard(tove, thread) == ["First"]
    assert (await told(tove), [each["id"] for each in await listed(tove, "asked")]) == (["message_requested"], [thread])
    assert code(await send(tove, thread)) == "accept_first"
    assert code(await add(tove, thread, ines)) == "accept_first"
    assert code(await call(tove, thread, "Mine")) == "accept_first"
    await tove.client.put(f"/api/v1/threads/{thread}/accept")
    assert [text for text in await heard(tove, thread) if text] == ["First", "Second"]


async def test_nobody_is_added_who_could_not_be_written_to(member: MakeMember) -> None:
    juno, ines, oro, thread = await trio(member)
    tove, milo, quin = await member("tove"), await young(await member("milo")), await member("quin")
    await tove.client.put("/api/v1/people/ines/block")
    await quin.client.patch("/api/v1/me/privacy", json={"messages_from": "nobody"})
    assert code(await add(ines, thread, tove)) == "not_found"
    assert code(await add(ines, thread, milo)) == "messages_closed"
    assert code(await add(ines, thread, quin)) == "messages_closed"
    assert code(await add(await young(oro), thread, await member("rue"))) == "follow_first"
    assert code(await ines.client.post(f"/api/v1/threads/{thread}/people", json={"handles": ["nobody"]})) == "not_found"
    assert set(await seats(juno, thread)) == {"juno", "ines", "oro"}


async def test_a_group_never_has_more_than_ten_however_many_add_at_once(member: MakeMember) -> None:
    juno, ines, oro, thread = await trio(member)
    others = [await member(f"player{number}") for number in range(12)]
    for each in others:
        await follow(each, juno)
        await follow(each, ines)
    assert code(await add(juno, thread, *others[:8])) == "too_many_people"
    tries = [add(juno if n % 2 else ines, thread, *others[n * 3 : n * 3 + 3]) for n in range(4)]
    answers = await asyncio.gather(*tries)
    assert sorted(each.status_code for each in answers) == [200, 200, 422, 422]
    assert len(await seats(oro, thread)) == 9


async def test_who_left_is_asked_before_they_are_in_again(member: MakeMember) -> None:
    juno, ines, oro, thread = await trio(member)
    await say(oro, thread, "Heard")
    await ines.client.delete(f"/api/v1/threads/{thread}")
    await say(oro, thread, "Missed")
    assert (await add(juno, thread, ines)).status_code == 200
    assert (await seats(juno, thread))["ines"] == "asked"
    await say(oro, thread, "Come back")
    assert await heard(ines, thread) == ["Come back"]
    assert set(await seats(oro, thread)) == {"juno", "ines", "oro"}


async def test_anyone_in_a_group_names_it_and_everyone_reads_who_did(member: MakeMember) -> None:
    juno, ines, oro, thread = await trio(member)
    assert (await call(oro, thread, "  Rehearsal \u2009 one ")).json()["title"] == "Rehearsal one"
    await call(ines, thread, "Rehearsal one")
    await call(ines, thread, "")
    assert await lines(juno, thread) == [("titled", "oro", None, "Rehearsal one"), ("titled", "ines", None, "")]
    assert code(await call(oro, thread, "x" * 61)) == "words_invalid"
    assert ((await listed(juno))[0]["last"], (await listed(juno))[0]["unread"]) == (None, 0)
    assert await told(juno) == []


async def test_two_people_stay_two_and_nobody_else_changes_a_group(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    juno, ines, _oro, thread = await trio(member)
    pair, tove = await open_thread(juno, ines), await member("tove")
    assert code(await add(juno, pair, tove)) == "not_a_group"
    assert code(await call(juno, pair, "Us")) == "not_a_group"
    for answer in (await add(tove, thread, tove), await call(tove, thread, "Mine")):
        assert code(answer) == "not_found"
    assert code(await client.patch(f"/api/v1/threads/{thread}", json={"title": "x"})) == "sign_in_needed"


async def test_a_line_of_the_group_is_neither_deleted_nor_reported_nor_seen_through_a_block(
    member: MakeMember,
) -> None:
    juno, ines, oro, thread = await trio(member)
    await call(oro, thread, "Rehearsal")
    [line] = (await oro.client.get(f"/api/v1/threads/{thread}/messages")).json()["items"]
    assert code(await oro.client.delete(f"/api/v1/messages/{line['id']}")) == "not_found"
    report = {"kind": "message", "id": line["id"], "category": "other"}
    assert code(await ines.client.post("/api/v1/reports", json=report)) == "not_found"
    await ines.client.put("/api/v1/people/oro/block")
    assert (await lines(ines, thread), len(await lines(juno, thread))) == ([], 1)


async def test_who_is_gone_is_named_in_no_line(member: MakeMember, drain: Drain) -> None:
    juno, ines, oro, thread = await trio(member)
    tove = await member("tove")
    await follow(tove, ines)
    await add(ines, thread, tove)
    await say(oro, thread, "", video_id=str(await film(oro.id)))
    async with db.transaction() as session:
        await jobs.publish(session, "account.deleted", {"account_id": str(tove.id)})
    await drain()
    assert await lines(juno, thread) == [("added", "ines", None, "")]
