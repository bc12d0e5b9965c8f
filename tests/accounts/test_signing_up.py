"""Signing up: what it makes, what it refuses, what it does not tell, and two who want the same."""

import asyncio
from collections import Counter
from datetime import timedelta
from types import ModuleType

import httpx
import pytest
from sqlalchemy import func, select

from community import PASSWORD, Browser, MakeMember, code, form, mails, token_in
from nonet.accounts import instance, invitations
from nonet.accounts.tables import Account, LoginSession
from nonet.core import db, prefs


async def prefer(pref: "prefs.Declared[str] | prefs.Declared[int]", value: str | int) -> None:
    async with db.transaction() as session:
        await prefs.put(session, pref.name, value)


async def test_signing_up_makes_an_account_and_signs_its_browser_in(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/accounts", json=form("Juno.Sato"))
    assert answer.status_code == 201
    me = answer.json()
    assert me == (await client.get("/api/v1/me")).json()
    assert (me["handle"], me["name"], me["role"]) == ("juno.sato", "juno.sato", "person")
    assert (me["email"], me["email_verified"], me["pending_email"]) == ("Juno.Sato@example.org", False, None)
    assert me["created_at"].endswith("Z")
    assert isinstance(me["id"], str)


async def test_the_cookie_is_out_of_reach_of_scripts_and_the_database_holds_no_token(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/accounts", json=form())
    name, _, rest = answer.headers["set-cookie"].partition("=")
    token, *attributes = rest.split("; ")
    assert name == "nonet"
    assert set(attributes) == {"HttpOnly", "Max-Age=7776000", "Path=/", "SameSite=lax"}
    async with db.transaction() as session:
        kept = (await session.scalars(select(LoginSession))).one()
        account = (await session.scalars(select(Account))).one()
    assert len(token) == 43
    assert token.encode() not in kept.token_hash
    assert PASSWORD not in account.password_hash
    assert account.password_hash.startswith("$argon2id$")


@pytest.mark.usefixtures("frozen_clock")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"email": "juno"}, "email_invalid"),
        ({"email": "juno@"}, "email_invalid"),
        ({"email": "ju no@example.org"}, "email_invalid"),
        ({"email": "juno@exam\nple.org"}, "email_invalid"),
        ({"email": "juno@example.org\r\nBcc: all@example.org"}, "email_invalid"),
        ({"email": "\0@example.org"}, "email_invalid"),
        ({"email": f"{'j' * 65}@example.org"}, "email_invalid"),
        ({"email": f"juno@{'a.' * 500}org"}, "email_invalid"),
        ({"password": "short1234"}, "password_weak"),
        ({"password": "password1234"}, "password_weak"),
        ({"password": "aaaaaaaaaaaaaaa"}, "password_weak"),
        ({"password": "é" * 600}, "password_weak"),
        ({"handle": "juno.sato.plays", "password": "Juno.Sato.Plays"}, "password_weak"),
        ({"email": "juno.sato@example.org", "password": "juno.sato@example.org"}, "password_weak"),
        ({"birth_date": "1990-02-30"}, "birth_date_invalid"),
        ({"birth_date": "2001-2-3"}, "birth_date_invalid"),
        ({"birth_date": "946684800"}, "birth_date_invalid"),
        ({"birth_date": "2026-11-23"}, "birth_date_invalid"),
        ({"birth_date": "1905-11-21"}, "birth_date_invalid"),
        ({"birth_date": "2013-11-23"}, "too_young"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_own_code(
    client: httpx.AsyncClient, changes: dict[str, str], expected: str
) -> None:
    assert code(await client.post("/api/v1/accounts", json=form(**changes))) == expected
    assert (await client.get("/api/v1/me")).status_code == 401


@pytest.mark.usefixtures("frozen_clock")
async def test_who_turns_thirteen_today_is_old_enough(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/v1/accounts", json=form(birth_date="2013-11-22"))).status_code == 201


@pytest.mark.usefixtures("frozen_clock")
async def test_the_minimum_age_is_the_operators_to_set(client: httpx.AsyncClient) -> None:
    await prefer(instance.MINIMUM_AGE, 16)
    answer = await client.post("/api/v1/accounts", json=form(birth_date="2012-01-01"))
    assert code(answer) == "too_young"
    assert "16 or older" in answer.json()["error"]["sentence"]
    assert (await client.get("/api/v1/instance")).json()["minimum_age"] == 16


async def test_someone_elses_address_is_taken_like_any_other_and_its_mail_says_that_an_account_exists(
    client: httpx.AsyncClient, browser: Browser, member: MakeMember
) -> None:
    juno = await member("juno")
    answers = [
        await client.post("/api/v1/accounts", json=form("marlow", email=juno.email.upper())),
        await browser().post("/api/v1/accounts", json=form("tamsin")),
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    taken, free = (answer.json() for answer in answers)
    assert {key: type(value) for key, value in taken.items()} == {key: type(value) for key, value in free.items()}
    assert not taken["email_verified"]
    (letter,) = await mails("JUNO@example.org")
    assert "belongs to @juno" in letter.body
    assert "/verify/" not in letter.body
    assert (await juno.client.get("/api/v1/me")).json()["email_verified"]


async def test_many_may_give_an_address_that_nobody_confirmed(browser: Browser) -> None:
    for handle in ("juno", "marlow"):
        answer = await browser().post("/api/v1/accounts", json=form(handle, email="both@example.org"))
        assert answer.status_code == 201
    first, second = await mails("both@example.org")
    assert (await browser().post(f"/api/v1/email-verifications/{token_in(second)}")).status_code == 204
    refused = await browser().post(f"/api/v1/email-verifications/{token_in(first)}")
    assert code(refused) == "email_taken"


async def test_of_two_who_want_one_handle_at_the_same_moment_one_gets_it(browser: Browser) -> None:
    wanted = ["juno", "JUNO", "jun0", "ju.no"]
    answers = await asyncio.gather(
        *(
            browser().post("/api/v1/accounts", json=form(handle, email=f"{n}@example.org"))
            for n, handle in enumerate(wanted)
        )
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 3}
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Account)) == 1


async def test_a_closed_server_takes_nobody(client: httpx.AsyncClient) -> None:
    await prefer(instance.REGISTRATION, "closed")
    assert code(await client.post("/api/v1/accounts", json=form())) == "registration_closed"
    assert (await client.get("/api/v1/instance")).json()["registration"] == "closed"


async def test_an_invitation_lets_as_many_in_as_it_says_even_at_once(browser: Browser, member: MakeMember) -> None:
    await prefer(instance.REGISTRATION, "invitation")
    operator = await member("tamsin", role="operator")
    made = (await operator.client.post("/api/v1/operator/invitations", json={"uses": 2, "days": 3})).json()
    assert made["url"] == f"http://localhost:8080/signup?invitation={made['code']}"
    answers = await asyncio.gather(
        *(browser().post("/api/v1/accounts", json=form(h, invitation=made["code"])) for h in ("juno", "marlow", "pavo"))
    )
    assert Counter(answer.status_code for answer in answers) == {201: 2, 403: 1}
    assert {code(answer) for answer in answers if answer.status_code == 403} == {"invitation_invalid"}
    (kept,) = (await operator.client.get("/api/v1/operator/invitations")).json()["items"]
    assert (kept["uses"], kept["used"]) == (2, 2)


@pytest.mark.parametrize("invitation", ["", "wrong", "\0", "é"])
async def test_without_a_good_invitation_nobody_comes_in(client: httpx.AsyncClient, invitation: str) -> None:
    await prefer(instance.REGISTRATION, "invitation")
    assert code(await client.post("/api/v1/accounts", json=form(invitation=invitation))) == "invitation_invalid"


async def test_an_expired_or_ended_invitation_lets_nobody_in(
    browser: Browser, member: MakeMember, frozen_clock: ModuleType
) -> None:
    await prefer(instance.REGISTRATION, "invitation")
    operator = await member("tamsin", role="operator")
    async with db.transaction() as session:
        old, ended = [(await invitations.make(session, operator.id, uses=5, days=days)) for days in (1, 9)]
    assert (await operator.client.delete(f"/api/v1/operator/invitations/{ended.id}")).status_code == 204
    frozen_clock.advance(timedelta(days=1))
    for invitation in (old, ended):
        answer = await browser().post("/api/v1/accounts", json=form(invitation=invitation.code))
        assert code(answer) == "invitation_invalid"


async def test_an_invitation_is_not_spent_on_a_sign_up_that_fails(browser: Browser, member: MakeMember) -> None:
    await prefer(instance.REGISTRATION, "invitation")
    operator = await member("tamsin", role="operator")
    made = (await operator.client.post("/api/v1/operator/invitations")).json()
    assert (
        code(await browser().post("/api/v1/accounts", json=form("tamsin", invitation=made["code"]))) == "handle_taken"
    )
    assert (await browser().post("/api/v1/accounts", json=form("juno", invitation=made["code"]))).status_code == 201


@pytest.mark.usefixtures("frozen_clock")
async def test_signing_up_is_bounded_by_address_and_an_ipv6_subscriber_is_one(browser: Browser) -> None:
    for n in range(40):
        answer = await browser(f"2001:db8:1:2::{n:x}").post("/api/v1/accounts", json=form(password="short"))
        assert code(answer) == "password_weak"
    assert code(await browser("2001:db8:1:2:ffff::1").post("/api/v1/accounts", json=form())) == "too_often"
    assert (await browser("2001:db8:1:3::1").post("/api/v1/accounts", json=form())).status_code == 201


async def test_the_instance_says_whom_it_takes_and_where_bytes_come_from(client: httpx.AsyncClient) -> None:
    await prefer(instance.NAME, "Quayside")
    said = (await client.get("/api/v1/instance")).json()
    assert said["name"] == "Quayside"
    assert (said["registration"], said["minimum_age"], said["adult_age"]) == ("open", 13, 18)
    assert said["upload_max_bytes"] > 0
    assert said["upload_max_ms"] > 0
    assert (said["media_url"], said["secure"]) == ("http://localhost:8081", False)
