"""Appeals: once by the owner, decided by another moderator, undoing what was wrong."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from community import Drain, MakeMember, Member, code
from films import film
from moderation.scenes import appeal, decide, judge, my_decisions, reported, state_of, told


async def appealed(member: MakeMember, action: str = "hide") -> tuple[Member, Member, Member, int, str, str]:
    """Report, decide and appeal: gives owner, moderator, reporter, the video, its case, the appeal."""
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    video_id = await film(juno.id)
    case_id = await reported(ilse, tamsin, "video", video_id)
    decision = (await decide(tamsin, case_id, action)).json()
    made = await appeal(juno, decision["id"])
    assert made.status_code == 201, made.text
    return juno, tamsin, ilse, video_id, case_id, made.json()["id"]


async def open_appeals(moderator: Member, state: str = "open") -> list[dict[str, Any]]:
    answer = await moderator.client.get("/api/v1/moderation/appeals", params={"state": state})
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_an_overturned_decision_is_undone_and_both_sides_are_told(member: MakeMember, drain: Drain) -> None:
    juno, _, ilse, video_id, _, appeal_id = await appealed(member)
    wren, marlow = await member("wren", role="moderator"), await member("marlow")
    (waiting,) = await open_appeals(wren)
    assert (waiting["id"], waiting["text"], waiting["mine"]) == (appeal_id, "It is my own address.", False)
    assert waiting["decision"]["moderator"]["handle"] == "tamsin"
    assert (await marlow.client.get(f"/api/v1/videos/{video_id}")).status_code == 404
    assert (await judge(wren, appeal_id, uphold=False)).json()["state"] == "overturned"
    assert (await marlow.client.get(f"/api/v1/videos/{video_id}")).status_code == 200
    await drain()
    assert await told(juno.id) == [("decided", "owner", "hide"), ("appealed", "owner", "hide")]
    assert await told(ilse.id) == [("decided", "reporter", "hide"), ("appealed", "reporter", "hide")]
    (mine,) = await my_decisions(juno)
    assert mine["ended_at"] is not None
    assert (mine["appeal"]["state"], mine["appeal"]["statement"]) == ("overturned", "Looked at again.")
    assert await open_appeals(wren) == []
    assert len(await open_appeals(wren, "decided")) == 1


async def test_an_upheld_decision_stays_and_the_reporter_is_not_troubled(member: MakeMember, drain: Drain) -> None:
    juno, _, ilse, video_id, _, appeal_id = await appealed(member)
    wren, marlow = await member("wren", role="moderator"), await member("marlow")
    assert (await judge(wren, appeal_id, uphold=True)).json()["state"] == "upheld"
    assert (await marlow.client.get(f"/api/v1/videos/{video_id}")).status_code == 404
    await drain()
    assert await told(juno.id) == [("decided", "owner", "hide"), ("appealed", "owner", "hide")]
    assert await told(ilse.id) == [("decided", "reporter", "hide")]


async def test_a_suspended_person_appeals_and_gets_the_account_back(member: MakeMember) -> None:
    juno, _, _, video_id, _, appeal_id = await appealed(member, "suspend")
    wren = await member("wren", role="moderator")
    assert await state_of(juno) == 403
    await judge(wren, appeal_id, uphold=False)
    assert await state_of(juno) == 200
    assert (await wren.client.get(f"/api/v1/videos/{video_id}")).status_code == 200


async def test_who_decided_does_not_decide_the_appeal(member: MakeMember) -> None:
    _, tamsin, _, _, case_id, appeal_id = await appealed(member)
    assert [each["mine"] for each in await open_appeals(tamsin)] == [True]
    assert code(await judge(tamsin, appeal_id, uphold=True)) == "appeal_own"
    assert code(await decide(tamsin, case_id, "restore")) == "appeal_waits"


async def test_who_is_concerned_does_not_decide_the_appeal(member: MakeMember) -> None:
    ilse, odile = await member("ilse"), await member("odile", role="operator")
    tamsin = await member("tamsin", role="moderator")
    case_id = await reported(ilse, odile, "video", await film(tamsin.id))
    decision = (await decide(odile, case_id, "hide")).json()
    appeal_id = (await appeal(tamsin, decision["id"])).json()["id"]
    assert code(await judge(tamsin, appeal_id, uphold=False)) == "case_own"


async def test_there_is_one_appeal_and_it_is_decided_once(member: MakeMember) -> None:
    juno, _, _, _, _, appeal_id = await appealed(member)
    (mine,) = await my_decisions(juno)
    assert not mine["may_appeal"]
    assert code(await appeal(juno, mine["id"])) == "appeal_made"
    moderators = [await member(handle, role="moderator") for handle in ("wren", "odile")]
    answers = await asyncio.gather(*(judge(each, appeal_id, uphold=n == 0) for n, each in enumerate(moderators)))
    assert Counter(each.status_code for each in answers) == {201: 1, 409: 1}
    assert code(await appeal(juno, mine["id"])) == "appeal_made"


async def test_of_two_appeals_at_once_one_is_taken(member: MakeMember) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    case_id = await reported(ilse, tamsin, "video", await film(juno.id))
    decision_id = (await decide(tamsin, case_id, "hide")).json()["id"]
    answers = await asyncio.gather(*(appeal(juno, decision_id) for _ in range(3)))
    assert Counter(each.status_code for each in answers) == {201: 1, 409: 2}


async def test_only_the_owner_appeals_and_only_against_what_holds(member: MakeMember) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    case_id = await reported(ilse, tamsin, "video", await film(juno.id))
    hidden = (await decide(tamsin, case_id, "hide")).json()["id"]
    assert code(await appeal(ilse, hidden)) == "not_found"
    assert code(await appeal(juno, "1")) == "not_found"
    assert code(await appeal(juno, "nonsense")) == "not_found"
    assert code(await appeal(juno, hidden, "\n ")) == "appeal_empty"
    restored = (await decide(tamsin, case_id, "restore")).json()["id"]
    for decision_id in (hidden, restored):
        assert code(await appeal(juno, decision_id)) == "nothing_to_appeal"
    kept = (await decide(tamsin, await reported(ilse, tamsin, "person", juno.id), "keep")).json()["id"]
    assert code(await appeal(juno, kept)) == "not_found", "what was kept is nobody's to know"


@pytest.mark.parametrize("form", [{"uphold": True, "statement": " "}, {"uphold": False, "statement": "\0"}])
async def test_the_answer_to_an_appeal_has_a_reason(member: MakeMember, form: dict[str, Any]) -> None:
    appeal_id = (await appealed(member))[-1]
    wren = await member("wren", role="moderator")
    answer = await wren.client.post(f"/api/v1/moderation/appeals/{appeal_id}/decision", json=form)
    assert code(answer) == "statement_missing"
