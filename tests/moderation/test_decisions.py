"""Decisions: taken once, by one moderator, with a reason to both sides, effective in the next response."""

import asyncio
from collections import Counter
from datetime import timedelta
from types import ModuleType

import httpx
import pytest

from community import Browser, Drain, MakeMember, code, mails
from films import film
from moderation.scenes import (
    REASON,
    comment,
    conversation,
    decide,
    my_decisions,
    playlist,
    queue,
    report,
    reported,
    state_of,
    told,
)


async def test_a_hidden_video_is_gone_for_all_but_its_owner_and_a_restored_one_is_back(
    member: MakeMember, client: httpx.AsyncClient, drain: Drain
) -> None:
    juno, ilse, marlow = await member("juno"), await member("ilse"), await member("marlow")
    tamsin = await member("tamsin", role="moderator")
    video_id = await film(juno.id)
    case_id = await reported(ilse, tamsin, "video", video_id)
    assert (await decide(tamsin, case_id, "hide")).status_code == 201
    address = f"/api/v1/videos/{video_id}"
    for each, status in ((client, 404), (marlow.client, 404), (tamsin.client, 404), (juno.client, 200)):
        assert (await each.get(address)).status_code == status
    assert (await client.get("/api/v1/people/juno/videos")).json()["items"] == []
    await drain()
    assert (await decide(tamsin, case_id, "restore", statement="It was a mistake.")).status_code == 201
    for each, status in ((client, 200), (marlow.client, 200), (juno.client, 200), (ilse.client, 404)):
        assert (await each.get(address)).status_code == status, "who reported it keeps it hidden"


async def test_both_sides_are_told_the_reason_and_neither_who_the_other_is(member: MakeMember, drain: Drain) -> None:
    juno, ilse, marlow = await member("juno"), await member("ilse"), await member("marlow")
    tamsin = await member("tamsin", role="moderator")
    video_id = await film(juno.id)
    await report(marlow, "video", video_id)
    case_id = await reported(ilse, tamsin, "video", video_id)
    await decide(tamsin, case_id, "hide")
    await drain()
    assert await told(juno.id) == [("decided", "owner", "hide")]
    assert await told(ilse.id) == await told(marlow.id) == [("decided", "reporter", "hide")]
    (mine,) = await my_decisions(juno)
    assert (mine["action"], mine["statement"], mine["rule"]["code"]) == ("hide", REASON, "privacy")
    assert mine["rule"]["sentence"]
    assert (mine["kind"], mine["subject_id"], mine["may_appeal"]) == ("video", str(video_id), True)
    assert "tamsin" not in str(mine)
    assert await my_decisions(ilse) == []


async def test_what_is_kept_is_answered_to_who_reported_it_and_to_nobody_else(member: MakeMember, drain: Drain) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    video_id = await film(juno.id)
    case_id = await reported(ilse, tamsin, "video", video_id)
    assert (await decide(tamsin, case_id, "keep")).status_code == 201
    await drain()
    assert await told(juno.id) == []
    assert await told(ilse.id) == [("decided", "reporter", "keep")]
    assert await my_decisions(juno) == []
    assert await queue(tamsin) == []
    (decided,) = await queue(tamsin, "decided")
    assert decided["id"] == case_id


async def test_a_new_report_of_what_was_kept_opens_a_new_case(member: MakeMember) -> None:
    juno, ilse, marlow = await member("juno"), await member("ilse"), await member("marlow")
    tamsin = await member("tamsin", role="moderator")
    video_id = await film(juno.id)
    first = await reported(ilse, tamsin, "video", video_id)
    await decide(tamsin, first, "keep")
    assert await reported(marlow, tamsin, "video", video_id) != first


async def test_of_many_who_decide_at_once_one_does(member: MakeMember, drain: Drain) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    moderators = [await member(handle, role="moderator") for handle in ("tamsin", "odile", "wren")]
    case_id = await reported(ilse, moderators[0], "video", await film(juno.id))
    actions = ("hide", "suspend", "keep")
    answers = await asyncio.gather(*(decide(m, case_id, a) for m, a in zip(moderators, actions, strict=True)))
    assert Counter(each.status_code for each in answers) == {201: 1, 409: 2}
    assert {code(each) for each in answers if each.status_code == 409} == {"case_decided"}
    await drain()
    assert len(await told(ilse.id)) == 1


async def test_a_case_in_hand_is_nobody_elses_until_the_time_is_over(
    member: MakeMember, frozen_clock: ModuleType
) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    tamsin, odile = await member("tamsin", role="moderator"), await member("odile", role="operator")
    case_id = await reported(ilse, tamsin, "video", await film(juno.id))
    claim = f"/api/v1/moderation/cases/{case_id}/claim"
    answers = await asyncio.gather(tamsin.client.post(claim), odile.client.post(claim))
    assert Counter(each.status_code for each in answers) == {200: 1, 409: 1}
    has, other = (tamsin, odile) if answers[0].status_code == 200 else (odile, tamsin)
    assert code(await other.client.post(claim)) == "case_claimed"
    assert code(await decide(other, case_id, "keep")) == "case_claimed"
    (shown,) = await queue(other)
    assert shown["claimed_by"]["handle"] == has.handle
    frozen_clock.advance(timedelta(minutes=10))
    assert (await has.client.post(claim)).status_code == 200
    frozen_clock.advance(timedelta(minutes=14))
    assert code(await other.client.post(claim)) == "case_claimed"
    frozen_clock.advance(timedelta(minutes=2))
    assert (await queue(other))[0]["claimed_by"] is None
    assert (await decide(other, case_id, "keep")).status_code == 201
    assert code(await has.client.post(claim)) == "case_decided"


async def test_a_suspended_person_and_all_of_theirs_is_gone_and_they_read_why_appeal_and_leave_alone(
    member: MakeMember, client: httpx.AsyncClient, browser: Browser, drain: Drain
) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    video_id, other_id = await film(juno.id), await film(juno.id)
    case_id = await reported(ilse, tamsin, "video", video_id)
    assert (await decide(tamsin, case_id, "suspend")).status_code == 201
    for each in (video_id, other_id):
        assert (await client.get(f"/api/v1/videos/{each}")).status_code == 404
    assert (await client.get("/api/v1/people/juno")).status_code == 404
    assert code(await juno.client.get("/api/v1/me/sessions")) == "suspended"
    assert code(await juno.client.get(f"/api/v1/videos/{other_id}")) == "suspended"
    assert (await juno.client.get("/api/v1/me")).json()["handle"] == "juno"
    await drain()
    letter = (await mails(juno.email))[-1]
    assert REASON in letter.body
    assert "suspended" in letter.subject
    again = browser()
    form = {"login": "juno", "password": "violet harbour rain"}
    assert (await again.post("/api/v1/session", json=form)).status_code == 200
    assert [each["action"] for each in (await again.get("/api/v1/me/decisions")).json()["items"]] == ["suspend"]
    assert (await decide(tamsin, case_id, "reinstate")).status_code == 201
    assert await state_of(juno) == 200
    for each in (video_id, other_id):
        assert (await client.get(f"/api/v1/videos/{each}")).status_code == 200


async def test_of_two_suspensions_the_second_to_end_lets_go(member: MakeMember) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    first = await reported(ilse, tamsin, "video", await film(juno.id))
    second = await reported(ilse, tamsin, "person", juno.id)
    for case_id in (first, second):
        assert (await decide(tamsin, case_id, "suspend")).status_code == 201
    assert (await decide(tamsin, first, "reinstate")).status_code == 201
    assert await state_of(juno) == 403
    assert (await decide(tamsin, second, "reinstate")).status_code == 201
    assert await state_of(juno) == 200


@pytest.mark.parametrize("kind", ["comment", "message"])
async def test_what_was_written_is_hidden_from_others(member: MakeMember, kind: str) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    video_id = await film(ilse.id)
    if kind == "comment":
        subject_id = await comment(video_id, juno.id, "You all smell")
        path = f"/api/v1/videos/{video_id}/comments"
    else:
        subject_id = (await conversation(juno.id, ilse.id, texts=["You all smell"]))[0]
        (thread,) = (await ilse.client.get("/api/v1/threads")).json()["items"]
        path = f"/api/v1/threads/{thread['id']}/messages"
    assert "smell" in (await tamsin.client.get(path)).text or kind == "message"
    case_id = await reported(ilse, tamsin, kind, subject_id)
    assert "smell" not in (await ilse.client.get(path)).text, "hidden at once for who reported it"
    assert (await decide(tamsin, case_id, "hide")).status_code == 201
    assert "smell" not in (await ilse.client.get(path)).text
    assert "smell" not in (await tamsin.client.get(path)).text


async def test_a_hidden_list_and_the_title_of_a_hidden_sound_are_gone_for_others(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    video_id = await film(juno.id)
    sound_id = int((await juno.client.get(f"/api/v1/videos/{video_id}")).json()["sound"]["id"])
    await juno.client.patch(f"/api/v1/sounds/{sound_id}", json={"title": "You all smell"})
    list_id = await playlist(juno.id, "You all smell")
    paths = {"sound": f"/api/v1/sounds/{sound_id}", "playlist": f"/api/v1/playlists/{list_id}"}
    for kind, number in (("sound", sound_id), ("playlist", list_id)):
        assert (await client.get(paths[kind])).json()["title"] == "You all smell"
        case_id = await reported(ilse, tamsin, kind, number)
        assert code(await ilse.client.get(paths[kind])) == "not_found", "hidden at once for who reported it"
        assert (await client.get(paths[kind])).status_code == 200
        assert (await decide(tamsin, case_id, "hide")).status_code == 201
        assert code(await client.get(paths[kind])) == "not_found"
    assert "smell" not in (await client.get(f"/api/v1/videos/{video_id}")).text
    assert (await client.get(f"/api/v1/videos/{video_id}")).json()["sound"]["title"] == ""


async def test_nobody_decides_about_themselves_and_about_operators_operators_do(member: MakeMember) -> None:
    ilse = await member("ilse")
    tamsin, wren = await member("tamsin", role="moderator"), await member("wren", role="moderator")
    odile, pavo = await member("odile", role="operator"), await member("pavo", role="operator")
    about_tamsin = await reported(ilse, wren, "person", tamsin.id)
    assert code(await decide(tamsin, about_tamsin, "keep")) == "case_own"
    assert code(await tamsin.client.post(f"/api/v1/moderation/cases/{about_tamsin}/claim")) == "case_own"
    assert (await decide(wren, about_tamsin, "keep")).status_code == 201
    about_odile = await reported(ilse, wren, "person", odile.id)
    assert code(await decide(wren, about_odile, "suspend")) == "case_of_operator"
    assert code(await wren.client.post(f"/api/v1/moderation/cases/{about_odile}/claim")) == "case_of_operator"
    assert code(await decide(odile, about_odile, "keep")) == "case_own"
    assert (await decide(pavo, about_odile, "suspend")).status_code == 201
    assert await state_of(odile) == 403


@pytest.mark.parametrize(
    ("action", "changes", "expected"),
    [
        ("hide", {"rule": "rudeness"}, "rule_unknown"),
        ("hide", {"statement": " \n"}, "statement_missing"),
        ("hide", {"statement": "\0"}, "statement_missing"),
        ("hide", {"statement": "x" * 2001}, "invalid"),
        ("burn", {}, "invalid"),
        ("restore", {}, "action_unfit"),
        ("reinstate", {}, "action_unfit"),
    ],
)
async def test_a_decision_that_does_not_fit_is_refused(
    member: MakeMember, action: str, changes: dict[str, str], expected: str
) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    case_id = await reported(ilse, tamsin, "video", await film(juno.id))
    assert code(await decide(tamsin, case_id, action, **changes)) == expected
    assert len(await queue(tamsin)) == 1


async def test_a_person_is_suspended_and_never_hidden(member: MakeMember) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    case_id = await reported(ilse, tamsin, "person", juno.id)
    assert code(await decide(tamsin, case_id, "hide")) == "action_unfit"


async def test_a_decision_is_taken_back_once_and_only_what_it_did(member: MakeMember) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    case_id = await reported(ilse, tamsin, "video", await film(juno.id))
    await decide(tamsin, case_id, "hide")
    assert code(await decide(tamsin, case_id, "reinstate")) == "case_decided"
    assert (await decide(tamsin, case_id, "restore")).status_code == 201
    assert code(await decide(tamsin, case_id, "restore")) == "case_decided"
    newest, oldest = await my_decisions(juno)
    assert (newest["action"], oldest["action"]) == ("restore", "hide")
    assert oldest["ended_at"] is not None
    assert (newest["may_appeal"], oldest["may_appeal"]) == (False, False)


async def test_many_who_reported_are_all_answered(member: MakeMember, drain: Drain) -> None:
    juno, tamsin = await member("juno"), await member("tamsin", role="moderator")
    video_id = await film(juno.id)
    people = [await member(f"person{n}") for n in range(5)]
    for each in people:
        await report(each, "video", video_id)
    (case,) = await queue(tamsin)
    await decide(tamsin, case["id"], "hide")
    await drain()
    for each in people:
        assert await told(each.id) == [("decided", "reporter", "hide")]


@pytest.mark.parametrize("role", [None, "person"])
async def test_the_queue_is_the_moderators(client: httpx.AsyncClient, member: MakeMember, role: str | None) -> None:
    who = client if role is None else (await member("juno", role=role)).client
    for method, path in (
        ("GET", "cases"),
        ("GET", "cases/1"),
        ("POST", "cases/1/claim"),
        ("POST", "cases/1/decisions"),
        ("GET", "appeals"),
        ("POST", "appeals/1/decision"),
        ("GET", "audit"),
    ):
        answer = await who.request(method, f"/api/v1/moderation/{path}", json={} if method == "POST" else None)
        assert code(answer) == ("sign_in_needed" if role is None else "not_allowed"), path


async def test_a_covered_video_says_so_and_is_previewed_nowhere_until_it_is_uncovered(
    member: MakeMember, client: httpx.AsyncClient, drain: Drain
) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    video_id = await film(juno.id)
    case_id = await reported(ilse, tamsin, "video", video_id)
    plain = (await client.get(f"/v/{video_id}")).text
    assert (await decide(tamsin, case_id, "cover")).status_code == 201
    await drain()
    for address in (f"/api/v1/videos?ids={video_id}", "/api/v1/people/juno/videos"):
        (card,) = (await client.get(address)).json()["items"]
        assert (card["sensitive"], card["poster_url"], card["preview_url"], card["sprite"]) == (True, None, None, None)
    assert (await juno.client.get(f"/api/v1/videos/{video_id}")).json()["poster_url"]
    covered = (await client.get(f"/v/{video_id}")).text
    for shown in ("og:image", "og:video", "twitter:player", "poster="):
        assert (shown in plain, shown in covered) == (True, False), shown
    assert 'preload="none"' in covered
    (mine,) = await my_decisions(juno)
    assert (mine["action"], mine["may_appeal"]) == ("cover", True)
    assert await told(juno.id) == [("decided", "owner", "cover")]
    assert (await decide(tamsin, case_id, "uncover")).status_code == 201
    assert not (await client.get(f"/api/v1/videos/{video_id}")).json()["sensitive"]


async def test_only_a_video_is_covered(member: MakeMember) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    for kind, subject_id in (("person", juno.id), ("playlist", await playlist(juno.id, "Worst of the quay"))):
        case_id = await reported(ilse, tamsin, kind, subject_id)
        assert code(await decide(tamsin, case_id, "cover")) == "action_unfit"
