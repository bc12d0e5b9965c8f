"""Reports: what is reported is gone for who reports it, gathers in one case, and says nothing of who did."""

import asyncio

import httpx
import pytest

from community import MakeMember, code
from films import film
from moderation.scenes import comment, conversation, playlist, queue, report
from nonet.core import db
from nonet.moderation import rules
from nonet.moderation.tables import Case, Report
from nonet.videos import service as videos


async def test_a_reported_video_is_gone_for_the_reporter_in_the_next_response_and_for_nobody_else(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    video_id = await film(juno.id)
    assert (await report(ilse, "video", video_id, "hate")).status_code == 201
    assert (await ilse.client.get(f"/api/v1/videos/{video_id}")).status_code == 404
    assert (await ilse.client.get("/api/v1/people/juno/videos")).json()["items"] == []
    assert (await client.get(f"/api/v1/videos/{video_id}")).status_code == 200
    assert (await juno.client.get(f"/api/v1/videos/{video_id}")).status_code == 200


async def test_every_kind_can_be_reported_by_who_sees_it(member: MakeMember) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    video_id = await film(juno.id, caption="A harbour at night")
    async with db.transaction() as session:
        sound_id = (await videos.get_own(session, juno.id, video_id)).sound_id
    assert sound_id is not None
    comment_id = await comment(video_id, juno.id, "You all smell")
    (message_id,) = await conversation(juno.id, ilse.id, texts=["Give me your password"])
    playlist_id = await playlist(juno.id, "Worst people of the quay")
    things = {
        "comment": (comment_id, "You all smell"),
        "message": (message_id, ""),
        "playlist": (playlist_id, "Worst people of the quay"),
        "sound": (sound_id, ""),
        "video": (video_id, "A harbour at night"),
        "person": (juno.id, "@juno"),
    }
    for kind, (subject_id, _) in things.items():
        assert (await report(ilse, kind, subject_id)).status_code == 201, kind
    found = {each["kind"]: each for each in await queue(tamsin)}
    assert set(found) == {"video", "comment", "person", "message", "sound", "playlist"}
    for kind, (subject_id, excerpt) in things.items():
        assert found[kind]["subject_id"] == str(subject_id)
        assert found[kind]["owner"] == {"id": str(juno.id), "handle": "juno"}
        assert found[kind]["excerpt"] == excerpt, "what a private message says stands in the case alone"


async def test_what_someone_does_not_see_they_can_not_report(member: MakeMember) -> None:
    juno, ilse, marlow = await member("juno"), await member("ilse"), await member("marlow")
    private = await film(juno.id, visibility="private")
    (message_id,) = await conversation(juno.id, marlow.id, texts=["Between us"])
    hidden_list = await playlist(juno.id, "Mine alone", "private")
    said = await comment(private, juno.id, "To myself")
    tove = await member("tove")
    of_private = await playlist(tove.id, "For those I let in")
    await tove.client.patch("/api/v1/me/privacy", json={"private": True})
    for kind, subject_id in (
        ("video", private),
        ("message", message_id),
        ("playlist", hidden_list),
        ("playlist", of_private),
        ("comment", said),
        ("sound", 1),
        ("person", 1),
    ):
        assert code(await report(ilse, kind, subject_id)) == "not_found", kind


async def test_a_person_reported_is_muted_for_the_reporter_and_stays_visible(member: MakeMember) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    assert (await report(ilse, "person", juno.id)).status_code == 201
    assert (await ilse.client.get("/api/v1/people/juno")).json()["relation"]["muted"]
    assert (await juno.client.get("/api/v1/people/ilse")).status_code == 200


async def test_reports_of_one_thing_gather_in_one_case_with_the_most_urgent_category(member: MakeMember) -> None:
    juno, tamsin = await member("juno"), await member("tamsin", role="moderator")
    people = [await member(handle) for handle in ("ilse", "marlow", "pavo", "wren")]
    first, second = await film(juno.id), await film(juno.id)
    await report(people[0], "video", second, "fraud")
    answers = await asyncio.gather(
        *(report(each, "video", first, "child_safety" if n == 2 else "other") for n, each in enumerate(people))
    )
    assert {each.status_code for each in answers} == {201}
    found = await queue(tamsin)
    assert [(each["subject_id"], each["reports"], each["priority"]) for each in found] == [
        (str(first), 4, 100),
        (str(second), 1, 10),
    ]


async def test_a_second_report_by_the_same_person_changes_nothing(member: MakeMember) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    video_id = await film(juno.id)
    answers = await asyncio.gather(*(report(ilse, "video", video_id, "other") for _ in range(4)))
    answers.append(await report(ilse, "video", video_id, "child_safety"))
    assert {each.status_code for each in answers} == {201}
    (case,) = await queue(tamsin)
    assert (case["reports"], case["priority"]) == (1, 0)


async def test_one_does_not_report_what_is_ones_own(member: MakeMember) -> None:
    juno = await member("juno")
    assert code(await report(juno, "video", await film(juno.id))) == "report_own"
    assert code(await report(juno, "person", juno.id)) == "report_own"


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"category": "rudeness"}, "category_unknown"),
        ({"category": "x" * 41}, "invalid"),
        ({"category": "\0"}, "invalid"),
        ({"kind": "account"}, "invalid"),
        ({"id": "-1"}, "invalid"),
        ({"text": "x" * 2001}, "invalid"),
        ({"id": "9" * 19}, "invalid"),
        ({"id": 10**30}, "invalid"),
        ({"id": str((1 << 63) - 1)}, "not_found"),
    ],
)
async def test_a_report_takes_what_it_says(member: MakeMember, form: dict[str, str], expected: str) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    right = {"kind": "video", "id": str(await film(juno.id)), "category": "hate", "text": ""}
    assert code(await ilse.client.post("/api/v1/reports", json=right | form)) == expected


async def test_a_visitor_signs_in_to_report(client: httpx.AsyncClient) -> None:
    form = {"kind": "video", "id": "1", "category": "hate"}
    assert code(await client.post("/api/v1/reports", json=form)) == "sign_in_needed"


async def test_what_a_report_says_is_kept_without_what_no_writing_needs(member: MakeMember) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    video_id = await film(juno.id)
    assert (await report(ilse, "video", video_id, text="He\0llo\x1b[2J\nthere")).status_code == 201
    async with db.transaction() as session:
        kept = await session.get_one(Report, (ilse.id, "video", video_id))
        assert kept.text == "Hello[2J\nthere"


async def test_no_answer_tells_who_reported(member: MakeMember) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    tamsin, odile = await member("tamsin", role="moderator"), await member("odile", role="operator")
    await report(ilse, "video", await film(juno.id), "hate", "It is about me")
    (case,) = await queue(tamsin)
    seen = ""
    for path in ("moderation/cases", f"moderation/cases/{case['id']}", "moderation/appeals", "moderation/audit"):
        seen += (await odile.client.get(f"/api/v1/{path}")).text
    assert "It is about me" in seen
    assert str(ilse.id) not in seen
    assert "ilse" not in seen


async def test_reports_are_bounded(member: MakeMember) -> None:
    ilse = await member("ilse")
    answers = [await report(ilse, "video", 1) for _ in range(61)]
    assert {code(each) for each in answers[:60]} == {"not_found"}
    assert code(answers[60]) == "too_often"


async def test_every_category_leads_to_a_rule_and_children_come_first(client: httpx.AsyncClient) -> None:
    told = (await client.get("/api/v1/rules")).json()
    known = {each["code"] for each in told["items"]}
    assert {each["rule"] for each in told["categories"]} <= known
    assert len(known) == len(rules.RULES)
    assert max(rules.CATEGORIES, key=lambda each: each.priority).rule == "minors"


async def test_the_pages_of_the_queue_neither_repeat_nor_skip(member: MakeMember) -> None:
    tamsin, juno = await member("tamsin", role="moderator"), await member("juno")
    async with db.transaction() as session:
        session.add_all([Case(kind="video", subject_id=n, owner_id=juno.id, priority=n % 3) for n in range(70)])
    seen: list[tuple[int, int]] = []
    cursor: str | None = None
    while True:
        params = {"cursor": cursor} if cursor else {}
        page = (await tamsin.client.get("/api/v1/moderation/cases", params=params)).json()
        seen += [(-each["priority"], int(each["id"])) for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == 70
    assert seen == sorted(seen)
    for damaged in ("nonsense", "W10"):
        answer = await tamsin.client.get("/api/v1/moderation/cases", params={"cursor": damaged})
        assert code(answer) == "cursor_invalid"
