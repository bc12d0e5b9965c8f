"""Comments on two levels: who writes, who sees, what is counted, and that nobody waits for anybody."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from community import Drain, MakeMember, Member, code
from films import film
from moderation.scenes import report
from nonet.core import db, jobs, limits
from nonet.inbox.tables import Notification
from nonet.moderation import labels
from nonet.people import relations
from nonet.social import comment_pages, comments
from nonet.social.tables import Comment

Said = dict[str, Any]


async def say(who: Member, video: int, text: str = "Well played", parent: str | None = None) -> Said:
    form = {"text": text} | ({"parent_id": parent} if parent else {})
    answer = await who.client.post(f"/api/v1/videos/{video}/comments", json=form)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def listed(who: httpx.AsyncClient, address: str, **query: str) -> list[Said]:
    found: list[Said] = []
    while True:
        answer = await who.get(address, params=query)
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        if answer.json()["next"] is None:
            return found
        query["cursor"] = answer.json()["next"]


async def on(video: int, who: Member | httpx.AsyncClient, order: str = "top") -> list[Said]:
    client = who if isinstance(who, httpx.AsyncClient) else who.client
    return await listed(client, f"/api/v1/videos/{video}/comments", order=order)


async def under(comment: Said, who: Member) -> list[Said]:
    return await listed(who.client, f"/api/v1/comments/{comment['id']}/replies")


async def count(video: int, who: Member) -> int:
    return int((await who.client.get(f"/api/v1/videos/{video}")).json()["counts"]["comments"])


async def told(who: Member) -> list[str]:
    async with db.transaction() as session:
        query = select(Notification.kind).where(Notification.account_id == who.id).order_by(Notification.id)
        return list(await session.scalars(query))


async def test_a_comment_is_read_as_it_was_written(member: MakeMember, client: httpx.AsyncClient) -> None:
    juno, ines = await member("juno"), await member("ines")
    video = await film(juno.id)
    made = await say(
        ines, video, "  Cafe\u0301 \U0001f468\u200d\U0001f469\u200d\U0001f466\r\n\r\n\r\n\r\n@juno plays\u200b  "
    )
    assert made["text"] == "Caf\u00e9 \U0001f468\u200d\U0001f469\u200d\U0001f466\n\n@juno plays"
    assert made["mentions"] == [{"handle": "juno", "id": str(juno.id)}]
    (seen,) = await on(video, ines)
    assert seen == made
    assert (made["mine"], made["may_delete"], made["by_creator"], made["parent_id"]) == (True, True, False, None)
    (visited,) = await on(video, client)
    assert visited == made | {"mine": False, "may_delete": False}
    assert (await on(video, juno, "new"))[0]["may_delete"]
    assert await count(video, juno) == 1
    assert await told(juno) == ["mentioned"]


@pytest.mark.parametrize("text", ["", " \n\u200b ", "a" * 1001, "bell \x07", "turned \u202e round", "null \x00"])
async def test_a_comment_that_nobody_could_read_is_refused(member: MakeMember, text: str) -> None:
    juno = await member("juno")
    video = await film(juno.id)
    assert code(await juno.client.post(f"/api/v1/videos/{video}/comments", json={"text": text})) == "words_invalid"
    assert await on(video, juno) == []


async def test_an_answer_to_an_answer_stands_under_the_first_and_names_whom_it_answers(member: MakeMember) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    video = await film(juno.id)
    top = await say(ines, video)
    first = await say(oro, video, "Yes", top["id"])
    second = await say(juno, video, "No", first["id"])
    third = await say(juno, video, "But @oro, no", first["id"])
    assert [each["parent_id"] for each in (first, second, third)] == [top["id"]] * 3
    assert (second["text"], third["text"]) == ("@oro No", "But @oro, no")
    assert second["by_creator"]
    assert [each["id"] for each in await under(top, ines)] == [first["id"], second["id"], third["id"]]
    (shown,) = await on(video, ines)
    assert shown["replies"] == 3
    assert await count(video, juno) == 4
    assert (await told(ines), await told(oro), await told(juno)) == (["replied"], ["replied"] * 2, ["commented"] * 2)


async def test_answers_come_in_pages_the_oldest_first(member: MakeMember) -> None:
    juno = await member("juno")
    video = await film(juno.id)
    top = await say(juno, video)
    made = [(await say(juno, video, f"{number}", top["id"]))["id"] for number in range(45)]
    assert [each["id"] for each in await under(top, juno)] == made


async def test_sixty_four_people_comment_at_once_and_none_fails(member: MakeMember) -> None:
    juno = await member("juno")
    video = await film(juno.id)
    people = [await member(f"fan{number}") for number in range(64)]
    top = await say(juno, video)
    asked = [each.client.post(f"/api/v1/videos/{video}/comments", json={"text": "First"}) for each in people]
    form = {"text": "Second", "parent_id": top["id"]}
    asked += [each.client.post(f"/api/v1/videos/{video}/comments", json=form) for each in people[:32]]
    answers = await asyncio.gather(*asked)
    assert {answer.status_code for answer in answers} == {201}
    assert await count(video, juno) == 97
    assert len(await on(video, juno)) == 65
    assert (await on(video, juno))[-1]["replies"] == 32


async def test_the_best_stand_first_and_each_comment_is_shown_once_while_people_like(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    video = await film(juno.id)
    made = [(await say(juno, video, f"{number}"))["id"] for number in range(50)]
    for each in made[:25]:
        await ines.client.put(f"/api/v1/comments/{each}/like")
    for each in made[:3]:
        await juno.client.put(f"/api/v1/comments/{each}/like")
    await juno.client.put(f"/api/v1/comments/{made[7]}/pin")
    address = f"/api/v1/videos/{video}/comments"
    seen, cursor = [], None
    while True:
        page = (await ines.client.get(address, params={"cursor": cursor} if cursor else {})).json()
        seen += [each["id"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
        for each in (made[4], made[40], made[45]):  # what is liked between two pages moves nothing
            await juno.client.put(f"/api/v1/comments/{each}/like")
        await say(ines, video, "Later")
    rest = [each for each in made[:25][::-1] if each not in {made[7], *made[:3]}]
    assert seen[:25] == [made[7], *made[:3][::-1], *rest]
    assert [each for each in seen[25:] if each in made] == made[25:][::-1]
    assert len(set(seen)) == len(seen)


async def test_the_newest_come_in_pages_that_neither_repeat_nor_skip(member: MakeMember) -> None:
    juno = await member("juno")
    video = await film(juno.id)
    made = [(await say(juno, video, f"{number}"))["id"] for number in range(41)]
    assert [each["id"] for each in await on(video, juno, "new")] == made[::-1]
    for cursor in ("x", "AAAA", "W10", "ﬀ", "A" * 900):
        for order in ("top", "new"):
            query = {"cursor": cursor, "order": order}
            assert code(await juno.client.get(f"/api/v1/videos/{video}/comments", params=query)) == "cursor_invalid"


async def test_a_like_of_a_comment_counts_once_and_the_creators_is_shown(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    video = await film(juno.id)
    comment = await say(ines, video)
    address = f"/api/v1/comments/{comment['id']}/like"
    for _ in range(2):
        liked = (await juno.client.put(address)).json()
    assert (liked["likes"], liked["liked"], liked["liked_by_creator"]) == (1, True, True)
    assert (await on(video, ines))[0]["liked_by_creator"]
    assert await told(ines) == ["comment_liked"]
    for _ in range(2):
        liked = (await juno.client.delete(address)).json()
    assert (liked["likes"], liked["liked"], liked["liked_by_creator"]) == (0, False, False)
    assert await told(ines) == []


async def test_one_comment_a_video_is_pinned_by_its_author(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    video = await film(juno.id)
    first, second = await say(ines, video), await say(ines, video)
    reply = await say(ines, video, "Yes", first["id"])
    assert code(await ines.client.put(f"/api/v1/comments/{first['id']}/pin")) == "not_found"
    assert code(await juno.client.put(f"/api/v1/comments/{reply['id']}/pin")) == "not_for_pins"
    answers = await asyncio.gather(*(juno.client.put(f"/api/v1/comments/{each['id']}/pin") for each in (first, second)))
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(each["pinned"] for each in await on(video, ines)) == [False, True]
    await juno.client.put(f"/api/v1/comments/{first['id']}/pin")
    assert [each["id"] for each in await on(video, ines)] == [first["id"], second["id"]]
    assert not (await juno.client.delete(f"/api/v1/comments/{first['id']}/pin")).json()["pinned"]


async def test_a_deleted_comment_with_answers_leaves_an_empty_place_until_they_go(member: MakeMember) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    video = await film(juno.id)
    top = await say(ines, video)
    reply = await say(oro, video, "Yes", top["id"])
    assert code(await oro.client.delete(f"/api/v1/comments/{top['id']}")) == "not_found"
    assert (await ines.client.delete(f"/api/v1/comments/{top['id']}")).status_code == 204
    assert code(await ines.client.delete(f"/api/v1/comments/{top['id']}")) == "not_found"
    (shell,) = await on(video, juno)
    assert (shell["state"], shell["text"], shell["author"], shell["may_delete"]) == ("deleted", "", None, False)
    assert (
        code(await juno.client.post(f"/api/v1/videos/{video}/comments", json={"text": "x", "parent_id": top["id"]}))
        == "not_found"
    )
    assert code(await juno.client.put(f"/api/v1/comments/{top['id']}/like")) == "not_found"
    assert [each["id"] for each in await under(top, juno)] == [reply["id"]]
    assert await count(video, juno) == 1
    assert (await juno.client.delete(f"/api/v1/comments/{reply['id']}")).status_code == 204
    assert (await on(video, juno), await count(video, juno), await told(juno)) == ([], 0, [])


async def test_a_filtered_word_or_a_restricted_writer_is_held_and_not_told(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    video = await film(juno.id)
    async with db.transaction() as session:
        await relations.mute(session, juno.id, "word", "Ras")
        await relations.restrict(session, juno.id, oro.id)
    grass, held, restricted = (
        await say(ines, video, "grass"),
        await say(ines, video, "What RAS, he"),
        await say(oro, video),
    )
    assert [each["state"] for each in (grass, held, restricted)] == ["shown"] * 3
    assert [each["id"] for each in await on(video, ines)] == [held["id"], grass["id"]]
    assert [each["id"] for each in await on(video, oro)] == [restricted["id"], grass["id"]]
    assert [each["id"] for each in await on(video, client)] == [grass["id"]]
    seen = {each["id"]: each["state"] for each in await on(video, juno)}
    assert seen == {grass["id"]: "shown", held["id"]: "held", restricted["id"]: "held"}
    assert (await count(video, juno), await told(juno)) == (1, ["commented"])
    assert code(await oro.client.post(f"/api/v1/comments/{restricted['id']}/show")) == "not_found"
    assert (await juno.client.post(f"/api/v1/comments/{held['id']}/show")).json()["state"] == "shown"
    assert (await juno.client.post(f"/api/v1/comments/{held['id']}/show")).json()["state"] == "shown"
    assert [each["id"] for each in await on(video, client)] == [held["id"], grass["id"]]
    assert await count(video, juno) == 2


async def test_a_held_answer_is_counted_and_told_once_it_is_shown(member: MakeMember) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    video = await film(juno.id)
    top = await say(ines, video)
    async with db.transaction() as session:
        await relations.restrict(session, juno.id, oro.id)
    reply = await say(oro, video, "Yes", top["id"])
    assert ((await on(video, ines))[0]["replies"], await under(top, ines), await told(ines)) == (0, [], [])
    await juno.client.post(f"/api/v1/comments/{reply['id']}/show")
    assert ((await on(video, ines))[0]["replies"], len(await under(top, ines)), await told(ines)) == (1, 1, ["replied"])


async def test_neither_of_two_who_are_blocked_sees_the_others_comments(member: MakeMember) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    video = await film(juno.id)
    mine, theirs = await say(ines, video), await say(oro, video)
    await ines.client.put("/api/v1/people/oro/block")
    assert [each["id"] for each in await on(video, ines)] == [mine["id"]]
    assert [each["id"] for each in await on(video, oro)] == [theirs["id"]]
    assert len(await on(video, juno)) == 2
    assert code(await oro.client.get(f"/api/v1/comments/{mine['id']}/replies")) == "not_found"
    form = {"text": "x", "parent_id": mine["id"]}
    assert code(await oro.client.post(f"/api/v1/videos/{video}/comments", json=form)) == "not_found"


async def test_who_mutes_someone_meets_no_comment_of_theirs_and_everyone_else_does(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    video = await film(juno.id)
    mine, theirs = await say(ines, video), await say(oro, video)
    reply, answer = await say(oro, video, "Yes", mine["id"]), await say(juno, video, "Thank you", theirs["id"])
    await juno.client.put(f"/api/v1/comments/{theirs['id']}/like")
    assert (await ines.client.put("/api/v1/people/oro/mute")).json()["muted"]
    for order in ("top", "new"):
        (shown,) = await on(video, ines, order)
        assert (shown["id"], shown["replies"]) == (mine["id"], 1)
        for each in (juno, oro, client):
            assert {one["id"] for one in await on(video, each, order)} == {mine["id"], theirs["id"]}
    assert (await under(mine, ines), [each["id"] for each in await under(mine, oro)]) == ([], [reply["id"]])
    assert [each["id"] for each in await under(theirs, ines)] == [answer["id"]]
    assert await count(video, ines) == 4
    await ines.client.delete("/api/v1/people/oro/mute")
    assert [each["id"] for each in await on(video, ines)] == [theirs["id"], mine["id"]]
    assert [each["id"] for each in await under(mine, ines)] == [reply["id"]]


async def test_a_mute_between_two_pages_of_the_best_holds_in_the_second(
    member: MakeMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comment_pages, "PAGE", 1)
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    video = await film(juno.id)
    first, muted = await say(ines, video), await say(oro, video)
    await juno.client.put(f"/api/v1/comments/{first['id']}/pin")
    await juno.client.put(f"/api/v1/comments/{muted['id']}/like")
    address = f"/api/v1/videos/{video}/comments"
    page = (await ines.client.get(address)).json()
    assert [each["id"] for each in page["items"]] == [first["id"]]
    await ines.client.put("/api/v1/people/oro/mute")
    assert await listed(ines.client, address, cursor=page["next"]) == []


async def test_under_ones_own_video_one_meets_whoever_wrote_there(member: MakeMember) -> None:
    juno, oro = await member("juno"), await member("oro")
    video = await film(juno.id)
    comment = await say(oro, video)
    await juno.client.put("/api/v1/people/oro/mute")
    assert [each["id"] for each in await on(video, juno)] == [comment["id"]]


async def test_a_comment_of_someone_muted_is_still_reported(member: MakeMember) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    comment = await say(oro, await film(juno.id))
    await ines.client.put("/api/v1/people/oro/mute")
    assert (await report(ines, "comment", int(comment["id"]))).status_code == 201


async def test_a_comment_that_moderators_hid_is_gone(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    video = await film(juno.id)
    comment = await say(ines, video)
    async with db.transaction() as session:
        await labels.put(session, "comment", int(comment["id"]), "hidden", 1)
    assert await on(video, juno) == []


@pytest.mark.parametrize(("comments_from", "may"), [("everyone", True), ("followers", False), ("nobody", False)])
async def test_a_videos_author_says_who_comments(member: MakeMember, comments_from: str, may: bool) -> None:
    juno, ines = await member("juno"), await member("ines")
    video = await film(juno.id, comments_from=comments_from)
    answer = await ines.client.post(f"/api/v1/videos/{video}/comments", json={"text": "Hello"})
    assert (answer.status_code == 201) == may
    if not may:
        assert code(answer) == "comments_closed"
    if comments_from == "followers":
        await ines.client.put("/api/v1/people/juno/follow")
        await say(ines, video)
        await say(juno, video)


async def test_a_mention_reaches_only_who_may_see_the_video(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    hidden, shown = await film(juno.id, visibility="private"), await film(juno.id)
    await say(juno, hidden, "For @ines")
    assert await told(ines) == []
    await say(juno, shown, "For @ines, @nobody.here and @juno")
    assert await told(ines) == ["mentioned"]


async def test_who_may_not_see_the_video_finds_nothing_of_its_comments(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    juno, ines = await member("juno"), await member("ines")
    video = await film(juno.id)
    comment = await say(ines, video)
    await juno.client.patch(f"/api/v1/videos/{video}", json={"visibility": "private"})
    comment_address = f"/api/v1/comments/{comment['id']}"
    assert code(await ines.client.get(f"/api/v1/videos/{video}/comments")) == "not_found"
    assert code(await ines.client.get(f"{comment_address}/replies")) == "not_found"
    assert code(await ines.client.put(f"{comment_address}/like")) == "not_found"
    assert code(await ines.client.post(f"/api/v1/videos/{video}/comments", json={"text": "x"})) == "not_found"
    for method, address in (("DELETE", ""), ("PUT", "/like"), ("DELETE", "/like"), ("PUT", "/pin"), ("POST", "/show")):
        assert code(await client.request(method, comment_address + address)) == "sign_in_needed"


async def test_comments_of_a_removed_person_go_and_the_counts_with_them(member: MakeMember, drain: Drain) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    video = await film(juno.id)
    top, lone = await say(ines, video), await say(ines, video, "Alone")
    await say(oro, video, "Yes", top["id"])
    await say(ines, video, "Also", top["id"])
    await ines.client.put(f"/api/v1/videos/{video}/like")
    other = await say(juno, video, "Mine")
    await ines.client.put(f"/api/v1/comments/{other['id']}/like")
    async with db.transaction() as session:
        await jobs.publish(session, "account.deleted", {"account_id": str(ines.id)})
    await drain()
    left = await on(video, juno)
    assert [(each["state"], each["replies"], each["likes"]) for each in left] == [("shown", 0, 0), ("deleted", 1, 0)]
    assert lone["id"] not in {each["id"] for each in left}
    counts = (await juno.client.get(f"/api/v1/videos/{video}")).json()["counts"]
    assert (counts["comments"], counts["likes"]) == (2, 0)
    async with db.transaction() as session:
        assert list(await session.scalars(select(Comment).where(Comment.author_id == ines.id))) == []


async def test_too_many_comments_are_refused_until_later(member: MakeMember) -> None:
    juno = await member("juno")
    video = await film(juno.id)
    burst = comments.COMMENTS_BURST
    await limits.take(f"comments:{juno.id}", rate_per_h=comments.COMMENTS_PER_H, burst=burst, cost=burst)
    assert code(await juno.client.post(f"/api/v1/videos/{video}/comments", json={"text": "x"})) == "too_often"
