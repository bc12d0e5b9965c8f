"""Blocking, muting and restricting: what changes at once, for whom, and who learns of it."""

import httpx
import pytest
from sqlalchemy import update

from community import Drain, MakeMember, code
from nonet.accounts.tables import Account
from nonet.core import db
from nonet.people import relations

STRANGERS = {"following": "none", "followed_by": False, "blocked": False, "muted": False, "restricted": False}


async def test_a_block_makes_two_people_strangers_and_invisible_in_the_next_answer(
    client: httpx.AsyncClient, member: MakeMember
) -> None:
    juno, ines = await member("juno"), await member("ines")
    await juno.client.put("/api/v1/people/ines/follow")
    await ines.client.put("/api/v1/people/juno/follow")
    for _ in range(2):
        assert (await juno.client.put("/api/v1/people/ines/block")).json() == STRANGERS | {"blocked": True}
    for path in ("", "/followers", "/following"):
        assert code(await ines.client.get(f"/api/v1/people/juno{path}")) == "not_found"
    assert code(await ines.client.put("/api/v1/people/juno/follow")) == "not_found"
    assert code(await juno.client.put("/api/v1/people/ines/follow")) == "not_found"
    seen = (await juno.client.get("/api/v1/people/ines")).json()
    assert (seen["relation"]["blocked"], seen["followers"], seen["following"]) == (True, 0, 0)
    assert (await client.get("/api/v1/people/juno")).json()["followers"] == 0
    assert [each["handle"] for each in (await juno.client.get("/api/v1/me/blocks")).json()["items"]] == ["ines"]
    assert (await juno.client.delete("/api/v1/people/ines/block")).json() == STRANGERS
    assert (await ines.client.get("/api/v1/people/juno")).json()["relation"] == STRANGERS


async def test_a_block_withdraws_a_request_either_way(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    for each in (juno, ines):
        await each.client.patch("/api/v1/me/privacy", json={"private": True})
    await juno.client.put("/api/v1/people/ines/follow")
    await ines.client.put("/api/v1/people/juno/follow")
    await juno.client.put("/api/v1/people/ines/block")
    await juno.client.delete("/api/v1/people/ines/block")
    for each in (juno, ines):
        assert (await each.client.get("/api/v1/me/requests")).json()["items"] == []


async def test_someone_blocked_is_in_no_list_that_the_blocker_reads_and_the_other_way_round(member: MakeMember) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    for each in (juno, ines):
        await each.client.put("/api/v1/people/oro/follow")
    await juno.client.put("/api/v1/people/ines/block")
    for reader, seen in ((juno, ["juno"]), (ines, ["ines"]), (oro, ["ines", "juno"])):
        listed = (await reader.client.get("/api/v1/people/oro/followers")).json()["items"]
        assert [each["handle"] for each in listed] == seen


async def test_a_block_takes_both_out_of_the_others_inbox_at_once(member: MakeMember, drain: Drain) -> None:
    juno, ines = await member("juno"), await member("ines")
    await ines.client.put("/api/v1/people/juno/follow")
    await drain()
    assert len((await juno.client.get("/api/v1/inbox")).json()["items"]) == 1
    await juno.client.put("/api/v1/people/ines/block")
    assert (await juno.client.get("/api/v1/inbox")).json()["items"] == []
    await drain()
    assert (await juno.client.get("/api/v1/inbox/unread")).json()["notifications"] == 0


async def test_a_block_can_be_taken_back_of_someone_who_is_suspended(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    await juno.client.put("/api/v1/people/ines/block")
    async with db.transaction() as session:
        await session.execute(update(Account).where(Account.id == ines.id).values(state="suspended"))
    assert [each["handle"] for each in (await juno.client.get("/api/v1/me/blocks")).json()["items"]] == ["ines"]
    assert (await juno.client.delete("/api/v1/people/ines/block")).status_code == 200
    assert (await juno.client.get("/api/v1/me/blocks")).json()["items"] == []


async def test_mutes_and_restrictions_are_known_to_whom_they_belong_alone(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    assert (await juno.client.put("/api/v1/people/ines/mute")).json()["muted"] is True
    assert (await juno.client.put("/api/v1/people/ines/restrict")).json()["restricted"] is True
    assert (await ines.client.get("/api/v1/people/juno")).json()["relation"] == STRANGERS
    listed = (await juno.client.get("/api/v1/me/restrictions")).json()["items"]
    assert [each["relation"]["restricted"] for each in listed] == [True]
    assert (await juno.client.delete("/api/v1/people/ines/mute")).json()["muted"] is False
    assert (await juno.client.delete("/api/v1/people/ines/restrict")).json()["restricted"] is False
    for verb in ("mute", "restrict", "block"):
        assert code(await juno.client.put(f"/api/v1/people/juno/{verb}")) == "not_yourself"


async def test_what_is_muted_is_kept_as_it_is_compared(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    for kind, value in (
        ("word", "  \uff33tra\u00dfe \t Lärm"),
        ("word", "a/b?c"),
        ("tag", "#\uff2aazz"),
        ("sound", "0042"),
        ("person", str(ines.id)),
    ):
        put = await juno.client.put(f"/api/v1/me/mutes/{kind}/{_quoted(value)}")
        assert put.status_code == 204, put.text
    listed = (await juno.client.get("/api/v1/me/mutes")).json()["items"]
    assert {(each["kind"], each["value"], (each["person"] or {}).get("handle")) for each in listed} == {
        ("word", "a/b?c", None),
        ("word", "strasse lärm", None),
        ("tag", "jazz", None),
        ("sound", "42", None),
        ("person", str(ines.id), "ines"),
    }
    await juno.client.delete(f"/api/v1/me/mutes/word/{_quoted('STRASSE  LÄRM')}")
    left = (await juno.client.get("/api/v1/me/mutes")).json()["items"]
    assert [each["value"] for each in left if each["kind"] == "word"] == ["a/b?c"]


def _quoted(value: str) -> str:
    return str(httpx.URL("http://x", params={"v": value}).query.decode().removeprefix("v=")).replace("+", "%20")


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("word", "%20", "mute_invalid"),
        ("word", "x" * 81, "mute_invalid"),
        ("tag", "two%20words", "mute_invalid"),
        ("sound", "abc", "mute_invalid"),
        ("person", "99999999999999999999", "mute_invalid"),
        ("weather", "rain", "invalid"),
    ],
)
async def test_what_cannot_be_muted_is_refused(member: MakeMember, kind: str, value: str, expected: str) -> None:
    juno = await member("juno")
    assert code(await juno.client.put(f"/api/v1/me/mutes/{kind}/{value}")) == expected


async def test_a_list_of_muted_things_has_an_end(member: MakeMember, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relations, "MUTED_MOST", 2)
    juno = await member("juno")
    for word in ("rain", "snow"):
        assert (await juno.client.put(f"/api/v1/me/mutes/word/{word}")).status_code == 204
    assert code(await juno.client.put("/api/v1/me/mutes/word/hail")) == "too_many_muted"


async def test_what_a_visitor_may_not_do(client: httpx.AsyncClient, member: MakeMember) -> None:
    await member("juno")
    for verb in ("follow", "block", "mute", "restrict"):
        for method in ("PUT", "DELETE"):
            assert code(await client.request(method, f"/api/v1/people/juno/{verb}")) == "sign_in_needed"
    for path in ("requests", "blocks", "restrictions", "mutes", "privacy"):
        assert code(await client.get(f"/api/v1/me/{path}")) == "sign_in_needed"
