"""Renaming: the redirect, and whose a left handle is."""

import asyncio
from collections import Counter
from datetime import timedelta
from types import ModuleType

import httpx
import pytest

from community import Browser, Drain, MakeMember, Member, code, form
from nonet.accounts import names
from nonet.core import db, jobs


async def rename(someone: Member, handle: str) -> httpx.Response:
    return await someone.client.put("/api/v1/me/handle", json={"handle": handle})


async def sweep(drain: Drain) -> None:
    async with db.transaction() as session:
        await jobs.enqueue(session, "accounts.sweep_due", {})
    await drain()


async def test_a_renamed_handle_redirects_for_ninety_days(
    client: httpx.AsyncClient, member: MakeMember, frozen_clock: ModuleType, drain: Drain
) -> None:
    juno = await member("juno")
    assert (await rename(juno, "Tamsin.Reed")).json()["handle"] == "tamsin.reed"
    frozen_clock.advance(timedelta(days=89, hours=23))
    await sweep(drain)
    answer = await client.get("/api/v1/people/Juno")
    assert (answer.status_code, answer.headers["location"]) == (308, "/api/v1/people/tamsin.reed")
    assert (await client.get(answer.headers["location"])).json()["id"] == str(juno.id)
    frozen_clock.advance(timedelta(hours=1))
    assert code(await client.get("/api/v1/people/juno")) == "not_found"


async def test_a_left_handle_and_its_lookalikes_are_nobodys_for_ninety_days_but_its_owners(
    browser: Browser, member: MakeMember, frozen_clock: ModuleType
) -> None:
    juno, marlow = await member("juno"), await member("marlow")
    await rename(juno, "tamsin")
    for wanted in ("juno", "jun0"):
        assert code(await rename(marlow, wanted)) == "handle_taken"
        assert code(await browser().post("/api/v1/accounts", json=form(wanted))) == "handle_taken"
    assert (await juno.client.get("/api/v1/handles/juno")).json()["free"]
    assert (await rename(juno, "juno")).status_code == 200
    answer = await browser().get("/api/v1/people/tamsin")
    assert answer.headers["location"] == "/api/v1/people/juno"
    frozen_clock.advance(timedelta(days=90))
    pavo = await member("pavo")
    assert (await rename(pavo, "tamsin")).status_code == 200
    assert (await browser().get("/api/v1/people/tamsin")).json()["id"] == str(pavo.id)


async def test_swapping_dots_keeps_the_old_spelling_leading_home(
    client: httpx.AsyncClient, member: MakeMember, frozen_clock: ModuleType
) -> None:
    juno = await member("juno.sato")
    await rename(juno, "junosato")
    answer = await client.get("/api/v1/people/juno.sato")
    assert answer.headers["location"] == "/api/v1/people/junosato"
    frozen_clock.advance(timedelta(days=91))
    assert not (await client.get("/api/v1/handles/juno.sato")).json()["free"]


async def test_renaming_to_what_one_has_changes_nothing(client: httpx.AsyncClient, member: MakeMember) -> None:
    juno = await member("juno")
    assert [(await rename(juno, "JUNO")).json()["handle"] for _ in range(5)] == ["juno"] * 5
    assert (await client.get("/api/v1/people/juno")).status_code == 200


@pytest.mark.parametrize(("wanted", "expected"), [("admin", "handle_reserved"), ("a b", "handle_invalid")])
async def test_a_new_handle_keeps_to_the_rules(member: MakeMember, wanted: str, expected: str) -> None:
    assert code(await rename(await member("juno"), wanted)) == expected


async def test_a_fourth_handle_in_thirty_days_is_too_many(member: MakeMember, frozen_clock: ModuleType) -> None:
    juno = await member("juno")
    for wanted in ("juno.a", "juno.b", "juno.c"):
        assert (await rename(juno, wanted)).status_code == 200
        frozen_clock.advance(timedelta(days=2))
    refused = await rename(juno, "juno.d")
    assert code(refused) == "too_often"
    assert "25 days" in refused.json()["error"]["sentence"]
    frozen_clock.advance(timedelta(days=25))
    assert (await rename(juno, "juno.d")).status_code == 200


async def test_a_rename_and_a_sign_up_for_one_handle_at_the_same_moment_give_it_to_one(
    browser: Browser, member: MakeMember
) -> None:
    juno, marlow = await member("juno"), await member("marlow")
    answers = await asyncio.gather(
        rename(juno, "tamsin"), rename(marlow, "TAMS1N"), browser().post("/api/v1/accounts", json=form("tams.in"))
    )
    assert Counter(answer.status_code >= 400 for answer in answers) == {False: 1, True: 2}


async def test_a_handle_that_is_being_left_cannot_be_caught(browser: Browser, member: MakeMember) -> None:
    juno = await member("juno")
    answers = await asyncio.gather(
        rename(juno, "tamsin"),
        *(browser().post("/api/v1/accounts", json=form("juno", email=f"{n}@example.org")) for n in range(3)),
    )
    assert [answer.status_code for answer in answers] == [200, 409, 409, 409]


@pytest.mark.parametrize("handle", ["nobody.here", "a" * 199, "%00", "\u043e", "@"])
async def test_a_handle_of_nobody_leads_nowhere(client: httpx.AsyncClient, handle: str) -> None:
    assert code(await client.get(f"/api/v1/people/{handle}")) == "not_found"


async def test_what_has_ended_is_forgotten(member: MakeMember, frozen_clock: ModuleType, drain: Drain) -> None:
    juno = await member("juno")
    await rename(juno, "tamsin")
    frozen_clock.advance(timedelta(days=100))
    await sweep(drain)
    async with db.transaction() as session:
        assert [row.skeleton for row in await session.scalars(names.select(names.HandleClaim))] == ["tarnsln"]
        assert (await session.scalars(names.select(names.HandleHistory))).all() == []
    assert (await juno.client.get("/api/v1/me")).status_code == 401
