"""The audit log, what moderators read, roles, export and removal."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from community import Drain, MakeMember, Member, code
from films import film
from moderation.scenes import appeal, comment, conversation, decide, my_decisions, playlist, queue, report, reported
from nonet.core import db
from nonet.core import jobs as work
from nonet.moderation import jobs
from nonet.moderation.tables import AuditEntry, Decision, Report


async def log(operator: Member, **asked: str) -> list[dict[str, Any]]:
    answer = await operator.client.get("/api/v1/moderation/audit", params=asked)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def case_file(moderator: Member, case_id: str) -> dict[str, Any]:
    answer = await moderator.client.get(f"/api/v1/moderation/cases/{case_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_every_act_and_every_reading_stands_in_the_log(member: MakeMember) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    tamsin, odile = await member("tamsin", role="moderator"), await member("odile", role="operator")
    video_id = await film(juno.id)
    case_id = await reported(ilse, tamsin, "video", video_id)
    await tamsin.client.post(f"/api/v1/moderation/cases/{case_id}/claim")
    await case_file(tamsin, case_id)
    decision_id = (await decide(tamsin, case_id, "hide")).json()["id"]
    appeal_id = (await appeal(juno, decision_id)).json()["id"]
    form = {"uphold": False, "statement": "It is their own."}
    await odile.client.post(f"/api/v1/moderation/appeals/{appeal_id}/decision", json=form)
    found = await log(odile)
    assert [(each["actor"]["handle"], each["action"]) for each in reversed(found)] == [
        ("tamsin", "case.claimed"),
        ("tamsin", "case.read"),
        ("tamsin", "case.hide"),
        ("juno", "appeal.made"),
        ("odile", "appeal.overturned"),
    ]
    assert {(each["kind"], each["subject_id"]) for each in found} == {("video", str(video_id))}
    assert len(await log(odile, actor="tamsin")) == 3
    assert len(await log(odile, action="appeal.")) == 2
    assert len(await log(odile, kind="video", subject_id=str(video_id), action="case.read")) == 1
    assert await log(odile, kind="comment") == await log(odile, actor="nobody") == await log(odile, actor="\0") == []
    assert code(await tamsin.client.get("/api/v1/moderation/audit")) == "not_allowed"


@pytest.mark.parametrize("change", ["UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log"])
async def test_the_database_refuses_to_change_the_log(member: MakeMember, change: str) -> None:
    odile = await member("odile", role="operator")
    await member("juno")
    await odile.client.put("/api/v1/operator/people/juno/role", json={"role": "moderator"})
    with pytest.raises(DBAPIError, match="only ever added to"):
        async with db.transaction() as session:
            await session.execute(text(change))


async def test_pages_of_the_log_neither_repeat_nor_skip(member: MakeMember) -> None:
    odile = await member("odile", role="operator")
    async with db.transaction() as session:
        session.add_all(
            [AuditEntry(actor_id=1, action="case.read", kind="video", subject_id=n, details={}) for n in range(65)]
        )
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = (await odile.client.get("/api/v1/moderation/audit", params={"cursor": cursor} if cursor else {})).json()
        seen += [each["subject_id"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [str(n) for n in reversed(range(65))]


async def test_a_private_message_is_read_with_five_around_it_through_its_case_alone(member: MakeMember) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    texts = [f"message {n}" for n in range(15)]
    made = await conversation(juno.id, ilse.id, texts=texts)
    case_id = await reported(ilse, tamsin, "message", made[6])
    assert "message 6" not in (await tamsin.client.get("/api/v1/moderation/cases")).text
    said = (await case_file(tamsin, case_id))["subject"]["said"]
    assert [each["text"] for each in said] == texts[1:12]
    assert [each["text"] for each in said if each["reported"]] == ["message 6"]
    assert code(await tamsin.client.get("/api/v1/moderation/cases/1")) == "not_found"


async def test_a_case_shows_each_kind_with_what_stands_around_it(member: MakeMember) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    video_id = await film(juno.id, caption="A harbour at night", visibility="unlisted")
    above = await comment(video_id, ilse.id, "Who took this")
    below = [await comment(video_id, juno.id, f"answer {n}", above) for n in range(3)]
    list_id = await playlist(juno.id, "Quays")
    files = {
        kind: await case_file(tamsin, await reported(ilse, tamsin, kind, number))
        for kind, number in (("video", video_id), ("comment", below[1]), ("person", juno.id), ("playlist", list_id))
        if kind != "video"
    }
    files["video"] = await case_file(tamsin, await reported(ilse, tamsin, "video", video_id))
    for each in files.values():
        assert each["subject"]["owner"]["handle"] == "juno"
        assert not each["subject"]["gone"]
        assert [told["category"] for told in each["reports"]] == ["privacy"]
    (shown,) = files["video"]["subject"]["videos"]
    assert (shown["caption"], shown["visibility"]) == ("A harbour at night", "unlisted")
    assert "/m/" in shown["mp4_url"]
    said = files["comment"]["subject"]["said"]
    assert [each["text"] for each in said] == ["Who took this", "answer 0", "answer 1", "answer 2"]
    assert files["comment"]["subject"]["videos"][0]["id"] == str(video_id)
    assert files["playlist"]["subject"]["playlist"]["title"] == "Quays"


async def test_a_case_about_something_deleted_keeps_what_it_said(member: MakeMember) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    video_id = await film(juno.id, caption="Where she lives")
    case_id = await reported(ilse, tamsin, "video", video_id)
    assert (await juno.client.delete(f"/api/v1/videos/{video_id}")).status_code == 204
    found = await case_file(tamsin, case_id)
    assert found["subject"]["gone"]
    assert found["case"]["excerpt"] == "Where she lives"
    assert (await decide(tamsin, case_id, "suspend")).status_code == 201


async def test_a_case_shows_what_was_decided_of_its_owner_before(member: MakeMember) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    first = await reported(ilse, tamsin, "video", await film(juno.id))
    await decide(tamsin, first, "hide")
    second = await reported(ilse, tamsin, "video", await film(juno.id))
    assert [each["action"] for each in (await case_file(tamsin, second))["before"]] == ["hide"]
    assert [each["action"] for each in (await case_file(tamsin, first))["decisions"]] == ["hide"]


async def test_an_operator_gives_and_takes_roles_and_the_log_says_so(member: MakeMember) -> None:
    juno, odile = await member("juno"), await member("odile", role="operator")
    assert (await juno.client.get("/api/v1/moderation/cases")).status_code == 403
    given = await odile.client.put("/api/v1/operator/people/JUNO/role", json={"role": "moderator"})
    assert given.json() == {"id": str(juno.id), "handle": "juno", "role": "moderator"}
    assert (await juno.client.get("/api/v1/moderation/cases")).status_code == 200
    assert code(await juno.client.put("/api/v1/operator/people/juno/role", json={"role": "operator"})) == "not_allowed"
    await odile.client.put("/api/v1/operator/people/juno/role", json={"role": "person"})
    assert (await juno.client.get("/api/v1/moderation/cases")).status_code == 403
    assert [each["details"] for each in await log(odile, action="role.changed")] == [
        {"from": "moderator", "to": "person"},
        {"from": "person", "to": "moderator"},
    ]
    assert code(await odile.client.put("/api/v1/operator/people/nobody/role", json={"role": "person"})) == "not_found"


async def test_the_last_operator_stays_one_even_when_two_end_each_other(member: MakeMember) -> None:
    odile, pavo = await member("odile", role="operator"), await member("pavo", role="operator")
    answers = await asyncio.gather(
        odile.client.put("/api/v1/operator/people/pavo/role", json={"role": "person"}),
        pavo.client.put("/api/v1/operator/people/odile/role", json={"role": "person"}),
    )
    assert Counter(each.status_code for each in answers) == {200: 1, 403: 1}
    left = odile if answers[0].status_code == 200 else pavo
    answer = await left.client.put(f"/api/v1/operator/people/{left.handle}/role", json={"role": "moderator"})
    assert code(answer) == "last_operator"


async def test_with_a_person_go_their_reports_and_the_decisions_stay(member: MakeMember, drain: Drain) -> None:
    juno, ilse, tamsin = await member("juno"), await member("ilse"), await member("tamsin", role="moderator")
    decided = await reported(ilse, tamsin, "video", await film(juno.id, caption="Where she lives"))
    decision_id = (await decide(tamsin, decided, "hide")).json()["id"]
    await appeal(juno, decision_id, "It is mine")
    await report(ilse, "person", juno.id)
    await report(juno, "person", ilse.id)
    async with db.transaction() as session:
        archive = [each async for each in jobs.export(session, juno.id)]
    assert [(name, entry.get("action") or entry["text"]) for name, entry in archive] == [
        ("reports", ""),
        ("decisions", "hide"),
        ("appeals", "It is mine"),
    ]
    async with db.transaction() as session:
        await work.publish(session, "account.deleted", {"account_id": str(juno.id)})
    await drain()
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Report).where(Report.reporter_id == juno.id)) == 0
        assert await session.scalar(select(func.count()).select_from(Decision)) == 1
    assert [each["kind"] for each in await queue(tamsin)] == ["person"], "what juno reported is still looked at"
    assert "Where she lives" not in (await tamsin.client.get("/api/v1/moderation/cases?state=decided")).text
    assert code(await decide(tamsin, decided, "hide")) == "case_decided"


async def test_a_visitor_has_no_decisions(client: httpx.AsyncClient, member: MakeMember) -> None:
    assert code(await client.get("/api/v1/me/decisions")) == "sign_in_needed"
    assert await my_decisions(await member("juno")) == []
