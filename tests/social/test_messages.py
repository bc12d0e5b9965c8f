"""Conversations as transcripts: requests, pairs, groups, blocks, what is read and what is told."""

import asyncio
import json

import httpx
import pytest
from sqlalchemy import func, select

from community import Drain, MakeMember, code
from films import film
from nonet.core import db, jobs, limits
from nonet.moderation import labels
from nonet.social import messages, opening
from nonet.social.tables import Message, Thread
from social.talk import follow, heard, listed, open_thread, opened, say, send, told, young


async def test_two_people_have_one_conversation(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    await follow(ines, juno)
    ids = {await open_thread(juno, ines), await open_thread(ines, juno), await open_thread(juno, ines)}
    at_once = await asyncio.gather(
        *(opened(one, other) for one, other in ((juno, ines), (ines, juno)) for _ in range(3))
    )
    ids |= {answer.json()["id"] for answer in at_once}
    assert len(ids) == 1
    thread = ids.pop()
    await say(juno, thread, "Do you have the second part?")
    answer = await say(ines, thread, "Here")
    assert (answer["mine"], answer["author"]["handle"]) == (True, "ines")
    assert await heard(juno, thread) == await heard(ines, thread) == ["Do you have the second part?", "Here"]


async def test_a_strangers_request_is_one_message_until_it_is_accepted(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    thread = await open_thread(juno, ines)
    assert await listed(ines, "asked") == []
    video = await film(juno.id)
    assert code(await send(juno, thread, video_id=str(video))) == "request_text_only"
    await say(juno, thread, "May I use your tune?")
    assert code(await send(juno, thread, "Please")) == "request_waits"
    assert (await listed(ines), [each["id"] for each in await listed(ines, "asked")]) == ([], [thread])
    assert await told(ines) == ["message_requested"]
    assert code(await send(ines, thread, "Yes")) == "accept_first"
    assert (await ines.client.put(f"/api/v1/threads/{thread}/accept")).json()["state"] == "in"
    await say(ines, thread, "Yes")
    await say(juno, thread, "Thank you", video_id=str(video))
    assert await heard(ines, thread) == ["May I use your tune?", "Yes", "Thank you"]
    assert ([each["id"] for each in await listed(ines)], await listed(ines, "asked")) == ([thread], [])


async def test_many_requests_at_once_are_still_one_message(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    thread = await open_thread(juno, ines)
    answers = await asyncio.gather(*(send(juno, thread, f"{number}") for number in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert len(await heard(ines, thread)) == 1


async def test_who_declined_is_not_asked_again(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    thread = await open_thread(juno, ines)
    await say(juno, thread)
    assert (await ines.client.delete(f"/api/v1/threads/{thread}")).status_code == 204
    assert code(await ines.client.get(f"/api/v1/threads/{thread}")) == "not_found"
    assert code(await send(juno, thread)) == "messages_closed"
    assert await open_thread(juno, ines) == thread
    assert await listed(ines, "asked") == []
    await open_thread(ines, juno)
    await say(ines, thread, "After all")
    assert await heard(juno, thread) == ["Hello", "After all"]


@pytest.mark.parametrize(
    ("messages_from", "stranger", "followed"),
    [("everyone", True, True), ("followed", False, True), ("nobody", False, False)],
)
async def test_a_person_says_who_may_begin(
    member: MakeMember, messages_from: str, stranger: bool, followed: bool
) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    await follow(ines, oro)
    assert (await ines.client.patch("/api/v1/me/privacy", json={"messages_from": messages_from})).status_code == 200
    for writer, may in ((juno, stranger), (oro, followed)):
        answer = await opened(writer, ines)
        assert (answer.status_code == 200) == may, answer.text
        if not may:
            assert code(answer) == "messages_closed"


async def test_a_minor_hears_from_nobody_they_do_not_follow(member: MakeMember) -> None:
    juno, ines = await member("juno"), await young(await member("ines"))
    assert code(await opened(juno, ines)) == "messages_closed"
    assert code(await opened(ines, juno)) == "follow_first"
    await follow(ines, juno)
    thread = await open_thread(juno, ines)
    await say(juno, thread, "Welcome")
    await say(ines, thread, "Thanks")
    await ines.client.delete("/api/v1/people/juno/follow")
    assert code(await send(juno, thread, "Still there?")) == "messages_closed"
    assert code(await send(ines, thread, "Yes")) == "follow_first"


async def test_in_a_group_a_minor_hears_only_those_they_follow(member: MakeMember) -> None:
    juno, oro, ines = await member("juno"), await member("oro"), await young(await member("ines"))
    await follow(oro, juno)
    assert code(await opened(juno, oro, ines)) == "messages_closed"
    await follow(ines, juno)
    thread = await open_thread(juno, oro, ines, title="Rehearsal")
    await say(juno, thread, "At six")
    await say(oro, thread, "I know where you live")
    assert await heard(ines, thread) == ["At six"]
    assert (await listed(ines))[0]["last"]["text"] == "At six"
    assert (await listed(ines))[0]["unread"] == 1
    assert await heard(juno, thread) == ["At six", "I know where you live"]


async def test_a_block_closes_a_pair_on_both_sides_and_hides_in_groups(member: MakeMember) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    for one, other in ((ines, juno), (oro, juno)):
        await follow(one, other)
    pair, group = await open_thread(juno, ines), await open_thread(juno, ines, oro)
    await say(juno, pair)
    for each in (juno, ines, oro):
        await say(each, group, f"From {each.handle}")
    await ines.client.put("/api/v1/people/juno/block")
    for each, other in ((juno, ines), (ines, juno)):
        assert [shown["id"] for shown in await listed(each)] == [group]
        assert code(await each.client.get(f"/api/v1/threads/{pair}")) == "not_found"
        assert code(await each.client.get(f"/api/v1/threads/{pair}/messages")) == "not_found"
        assert code(await send(each, pair)) == "not_found"
        assert code(await opened(each, other)) == "not_found"
        assert code(await each.client.put(f"/api/v1/threads/{pair}/accept")) == "not_found"
    assert await heard(juno, group) == ["From juno", "From oro"]
    assert await heard(ines, group) == ["From ines", "From oro"]
    assert len(await heard(oro, group)) == 3
    await ines.client.delete("/api/v1/people/juno/block")
    assert await heard(juno, pair) == ["Hello"]


async def test_who_was_asked_into_a_group_sees_its_first_message_alone(member: MakeMember) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    await follow(ines, juno)
    thread = await open_thread(juno, ines, oro, title="  Trio  ")
    for text in ("Shall we?", "Tonight"):
        await say(juno, thread, text)
    assert await heard(oro, thread) == ["Shall we?"]
    (request,) = await listed(oro, "asked")
    assert (request["title"], request["group"], request["unread"], request["last"]["text"]) == (
        "Trio",
        True,
        1,
        "Shall we?",
    )
    assert (await told(oro), await told(ines)) == (["message_requested"], ["message"])
    await oro.client.put(f"/api/v1/threads/{thread}/accept")
    assert await heard(oro, thread) == ["Shall we?", "Tonight"]


async def test_what_is_not_read_is_counted_until_it_is(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    await follow(ines, juno)
    thread = await open_thread(juno, ines)
    sent = [await say(juno, thread, f"{number}") for number in range(3)]
    assert ((await listed(ines))[0]["unread"], (await listed(juno))[0]["unread"]) == (3, 0)
    for up_to, left in ((sent[1]["id"], 1), (sent[0]["id"], 1), (str((1 << 63) - 1), 0)):
        answer = await ines.client.post(f"/api/v1/threads/{thread}/read", json={"up_to": up_to})
        assert answer.status_code == 204, answer.text
        assert (await listed(ines))[0]["unread"] == left
    (seen,) = [each for each in (await listed(juno))[0]["people"] if each["handle"] == "ines"]
    assert seen["read_up_to"] == sent[2]["id"]
    assert await told(ines) == []
    await say(juno, thread, "And now")
    assert ((await listed(ines))[0]["unread"], await told(ines)) == (1, ["message"])


async def test_a_deleted_message_is_empty_for_everyone(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    await follow(ines, juno)
    thread = await open_thread(juno, ines)
    sent = await say(juno, thread, "Wrong", video_id=str(await film(juno.id)))
    assert code(await ines.client.delete(f"/api/v1/messages/{sent['id']}")) == "not_found"
    assert (await juno.client.delete(f"/api/v1/messages/{sent['id']}")).status_code == 204
    assert code(await juno.client.delete(f"/api/v1/messages/{sent['id']}")) == "not_found"
    (shown,) = (await ines.client.get(f"/api/v1/threads/{thread}/messages")).json()["items"]
    assert (shown["text"], shown["video_id"], shown["deleted"]) == ("", None, True)
    assert (await listed(ines))[0]["unread"] == 0


async def test_nobody_else_finds_a_conversation(member: MakeMember, client: httpx.AsyncClient) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    await follow(ines, juno)
    thread = await open_thread(juno, ines)
    sent = await say(juno, thread)
    form = {"text": "x", "up_to": "1", "handles": ["juno"]}
    routes = [
        ("GET", f"/threads/{thread}"),
        ("GET", f"/threads/{thread}/messages"),
        ("POST", f"/threads/{thread}/messages"),
        ("POST", f"/threads/{thread}/read"),
        ("PUT", f"/threads/{thread}/accept"),
        ("PUT", f"/threads/{thread}/mute"),
        ("DELETE", f"/threads/{thread}/mute"),
        ("DELETE", f"/threads/{thread}"),
        ("DELETE", f"/messages/{sent['id']}"),
    ]
    for method, path in routes:
        body = form if method == "POST" else None
        assert code(await oro.client.request(method, f"/api/v1{path}", json=body)) == "not_found", path
        assert code(await client.request(method, f"/api/v1{path}", json=body)) == "sign_in_needed", path
    assert await heard(ines, thread) == ["Hello"]


async def test_a_muted_conversation_is_shown_and_not_told(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    await follow(ines, juno)
    thread = await open_thread(juno, ines)
    assert (await ines.client.put(f"/api/v1/threads/{thread}/mute")).json()["muted"]
    await say(juno, thread)
    assert (await told(ines), (await listed(ines))[0]["unread"]) == ([], 1)
    assert not (await ines.client.delete(f"/api/v1/threads/{thread}/mute")).json()["muted"]
    await say(juno, thread)
    assert await told(ines) == ["message"]


async def test_a_conversation_that_everyone_left_is_gone(member: MakeMember) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    await follow(ines, juno)
    await follow(oro, juno)
    thread = await open_thread(juno, ines, oro)
    await say(juno, thread)
    for each in (juno, ines, oro):
        assert (await each.client.delete(f"/api/v1/threads/{thread}")).status_code == 204
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Thread)) == 0
        assert await session.scalar(select(func.count()).select_from(Message)) == 0


async def test_a_group_takes_ten_and_refuses_whom_it_cannot_reach(member: MakeMember) -> None:
    juno = await member("juno")
    others = [await member(f"player{number}") for number in range(10)]
    assert (await opened(juno, *others)).status_code == 422
    assert len((await opened(juno, *others[:9])).json()["people"]) == 10
    assert code(await juno.client.post("/api/v1/threads", json={"handles": ["juno"]})) == "not_yourself"
    assert code(await juno.client.post("/api/v1/threads", json={"handles": ["nobody.here"]})) == "not_found"
    await others[0].client.put("/api/v1/people/juno/block")
    assert code(await opened(juno, others[0], others[1])) == "not_found"


async def test_only_a_video_that_its_sender_sees_is_sent(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    await follow(ines, juno)
    thread = await open_thread(juno, ines)
    assert code(await send(juno, thread, video_id=str(await film(ines.id, visibility="private")))) == "not_found"
    assert code(await send(juno, thread, "")) == "words_invalid"
    sent = await say(juno, thread, "", video_id=str(await film(juno.id)))
    assert (sent["text"], sent["video_id"] is not None) == ("", True)


async def test_messages_come_in_pages_that_neither_repeat_nor_skip(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    await follow(ines, juno)
    thread = await open_thread(juno, ines)
    async with db.transaction() as session:
        session.add_all(
            Message(thread_id=int(thread), author_id=juno.id, text=f"{number}")
            for number in range(messages.PAGE * 2 + 5)
        )
    assert await heard(ines, thread) == [f"{number}" for number in range(messages.PAGE * 2 + 5)]


async def test_reported_and_hidden_messages_are_gone(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    await follow(ines, juno)
    thread = await open_thread(juno, ines)
    sent = await say(juno, thread, "Rude")
    async with db.transaction() as session:
        await labels.put(session, "message", int(sent["id"]), "hidden", 1)
    assert await heard(ines, thread) == []
    assert (await listed(ines))[0]["last"] is None


async def test_members_are_told_by_their_streams(member: MakeMember, served: str) -> None:
    juno, ines = await member("juno"), await member("ines")
    await follow(ines, juno)
    thread = await open_thread(juno, ines)
    cookie = {"cookie": f"nonet={ines.client.cookies['nonet']}", "host": str(ines.client.base_url.netloc.decode())}
    async with httpx.AsyncClient() as plain, plain.stream("GET", f"{served}/api/v1/stream", headers=cookie) as stream:
        lines = stream.aiter_lines()
        async with asyncio.timeout(10):
            async for line in lines:
                if line == "event: hello":
                    break
            await say(juno, thread)
            async for line in lines:
                if line == "event: message":
                    break
            assert json.loads((await anext(lines)).removeprefix("data: ")) == {"thread_id": thread}


async def test_what_a_removed_person_wrote_goes_and_what_others_wrote_stays(member: MakeMember, drain: Drain) -> None:
    juno, ines = await member("juno"), await member("ines")
    await follow(ines, juno)
    thread = await open_thread(juno, ines)
    await say(juno, thread, "Mine")
    await say(ines, thread, "Yours")
    async with db.transaction() as session:
        await jobs.publish(session, "account.deleted", {"account_id": str(juno.id)})
    await drain()
    assert await heard(ines, thread) == ["Yours"]
    assert [each["handle"] for each in (await listed(ines))[0]["people"]] == ["ines"]
    assert code(await send(ines, thread)) == "nobody_left"


async def test_too_many_messages_and_conversations_are_refused_until_later(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    await follow(ines, juno)
    thread = await open_thread(juno, ines)
    burst = messages.MESSAGES_BURST
    await limits.take(f"messages:{juno.id}", rate_per_h=messages.MESSAGES_PER_H, burst=burst, cost=burst)
    assert code(await send(juno, thread)) == "too_often"
    left = opening.THREADS_BURST - 1
    await limits.take(f"threads:{juno.id}", rate_per_h=opening.THREADS_PER_H, burst=opening.THREADS_BURST, cost=left)
    assert (await opened(juno, ines)).status_code == 200
    assert code(await opened(juno, await member("oro"))) == "too_often"
