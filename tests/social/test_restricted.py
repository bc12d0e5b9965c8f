"""What a restricted person writes waits among the requests of who restricted them, and they notice nothing."""

from typing import Any

import pytest

from community import Drain, MakeMember, Member, code
from films import film
from social.talk import follow, heard, listed, open_thread, opened, say, send, told

LAST = str((1 << 63) - 1)


async def restrict(who: Member, whom: Member) -> None:
    assert (await who.client.put(f"/api/v1/people/{whom.handle}/restrict")).json()["restricted"]


async def end(who: Member, whom: Member) -> None:
    assert not (await who.client.delete(f"/api/v1/people/{whom.handle}/restrict")).json()["restricted"]


async def accept(who: Member, thread: str) -> None:
    assert (await who.client.put(f"/api/v1/threads/{thread}/accept")).json()["state"] == "in"


async def read(who: Member, thread: str) -> None:
    answer = await who.client.post(f"/api/v1/threads/{thread}/read", json={"up_to": LAST})
    assert answer.status_code == 204, answer.text


async def badge(who: Member) -> int:
    return int((await who.client.get("/api/v1/inbox/unread")).json()["messages"])


async def folders(who: Member) -> tuple[list[str], list[str]]:
    """The conversations someone has, and the requests to them."""
    return [each["id"] for each in await listed(who)], [each["id"] for each in await listed(who, "asked")]


async def as_seen_by(who: Member, thread: str) -> dict[str, Any]:
    shown = (await who.client.get(f"/api/v1/threads/{thread}")).json()
    (other,) = [each for each in shown["people"] if each["handle"] != who.handle]
    return {"state": shown["state"], "unread": shown["unread"], "other": other}


@pytest.fixture
async def pair(member: MakeMember) -> tuple[Member, Member, str, str]:
    """Juno wrote to Ines, who follows and has read; with the conversation and the message."""
    juno, ines = await member("juno"), await member("ines")
    await follow(ines, juno)
    thread = await open_thread(juno, ines)
    first = await say(juno, thread, "One")
    await read(ines, thread)
    return juno, ines, thread, str(first["id"])


async def test_what_someone_restricted_writes_waits_among_the_requests_and_is_not_told(
    pair: tuple[Member, Member, str, str],
) -> None:
    juno, ines, thread, _ = pair
    await restrict(ines, juno)
    for text in ("Two", "Three"):
        await say(juno, thread, text)
    assert await folders(ines) == ([], [thread])
    (request,) = await listed(ines, "asked")
    assert (request["state"], request["unread"], request["last"]["text"]) == ("asked", 0, "Three")
    assert (await told(ines), await badge(ines)) == ([], 0)
    assert await heard(ines, thread) == ["One", "Two", "Three"]
    assert code(await send(ines, thread, "No")) == "accept_first"


async def test_who_is_restricted_notices_nothing(pair: tuple[Member, Member, str, str]) -> None:
    juno, ines, thread, first = pair
    before = await as_seen_by(juno, thread)
    await restrict(ines, juno)
    assert await as_seen_by(juno, thread) == before
    for text in ("Two", "Three"):
        await say(juno, thread, text)
    await say(juno, thread, "", video_id=str(await film(juno.id)))
    await read(ines, thread)
    assert await as_seen_by(juno, thread) == before
    assert (before["other"]["state"], before["other"]["read_up_to"]) == ("in", first)


async def test_who_accepts_hears_of_a_restricted_person_again_and_is_seen_to_read(
    pair: tuple[Member, Member, str, str],
) -> None:
    juno, ines, thread, first = pair
    await restrict(ines, juno)
    held = await say(juno, thread, "Two")
    await accept(ines, thread)
    assert (await folders(ines), (await listed(ines))[0]["unread"]) == (([thread], []), 1)
    await read(ines, thread)
    assert (await as_seen_by(juno, thread))["other"]["read_up_to"] == held["id"] != first
    await say(ines, thread, "Yes")
    await say(juno, thread, "Three")
    assert (await told(ines), await badge(ines)) == (["message"], 1)


async def test_a_stranger_who_is_restricted_stays_a_request_that_nobody_is_told_of(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    thread = await open_thread(juno, ines)
    await restrict(ines, juno)
    await say(juno, thread, "Hello")
    assert code(await send(juno, thread, "Please")) == "request_waits"
    assert (await folders(ines), await told(ines), (await listed(ines, "asked"))[0]["unread"]) == (
        ([], [thread]),
        [],
        0,
    )
    await accept(ines, thread)
    await say(juno, thread, "Thank you")
    assert (await folders(ines), await told(ines)) == (([thread], []), ["message"])


async def test_a_restriction_holds_until_it_ends_and_anew_when_it_is_made_again(
    pair: tuple[Member, Member, str, str],
) -> None:
    juno, ines, thread, _ = pair
    await restrict(ines, juno)
    await say(juno, thread, "Two")
    await end(ines, juno)
    assert (await folders(ines), (await listed(ines))[0]["unread"]) == (([thread], []), 1)
    await restrict(ines, juno)
    assert await folders(ines) == ([], [thread])
    await accept(ines, thread)
    await end(ines, juno)
    await restrict(ines, juno)
    await say(juno, thread, "Three")
    assert (await folders(ines), await told(ines)) == (([], [thread]), [])


async def test_who_writes_first_to_someone_they_restricted_has_accepted_them(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    await follow(juno, ines)
    await restrict(ines, juno)
    thread = await open_thread(ines, juno)
    await say(ines, thread, "A question")
    await say(juno, thread, "An answer")
    assert (await folders(ines), await told(ines)) == (([thread], []), ["message"])
    await ines.client.delete(f"/api/v1/threads/{thread}")
    await end(ines, juno)
    await restrict(ines, juno)
    assert (await opened(ines, juno)).json()["state"] == "in"
    await say(ines, thread, "Another")


async def test_in_a_group_nobody_is_told_of_whom_they_restricted_and_nothing_else_changes(member: MakeMember) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    for each in (ines, oro):
        await follow(each, juno)
    thread = await open_thread(juno, ines, oro)
    await restrict(ines, juno)
    await say(juno, thread, "At six")
    assert (await told(ines), await told(oro)) == ([], ["message"])
    assert (await folders(ines), (await listed(ines))[0]["unread"]) == (([thread], []), 1)
    await read(ines, thread)
    people = (await juno.client.get(f"/api/v1/threads/{thread}")).json()["people"]
    assert [each["read_up_to"] is not None for each in people if each["handle"] == "ines"] == [True]
    await say(ines, thread, "Fine")


async def test_news_of_a_message_goes_when_its_writer_is_restricted(
    pair: tuple[Member, Member, str, str], drain: Drain
) -> None:
    juno, ines, thread, _ = pair
    await say(juno, thread, "Two")
    assert await badge(ines) == 1
    await restrict(ines, juno)
    await drain()
    assert (await badge(ines), await told(ines)) == (0, [])
