"""Changing a password, losing one, and single-use links."""

import asyncio
from collections import Counter
from datetime import timedelta
from types import ModuleType

import httpx
import pytest
from sqlalchemy import select, update

from community import PASSWORD, Browser, Drain, MakeMember, code, form, mails, token_in
from nonet.accounts.tables import Account, Link
from nonet.core import db, jobs

NEXT = "seven slow herons"


async def sign_in(client: httpx.AsyncClient, login: str, password: str) -> int:
    return (await client.post("/api/v1/session", json={"login": login, "password": password})).status_code


async def reset_token(client: httpx.AsyncClient, drain: Drain, login: str, address: str) -> str:
    assert (await client.post("/api/v1/password-resets", json={"login": login})).status_code == 202
    await drain()
    return token_in((await mails(address))[-1])


async def test_changing_the_password_signs_every_other_browser_out_and_is_told_by_mail(
    browser: Browser, member: MakeMember
) -> None:
    juno, other = await member("juno"), browser()
    await sign_in(other, "juno", PASSWORD)
    answer = await juno.client.post("/api/v1/me/password", json={"current": PASSWORD, "password": NEXT})
    assert answer.status_code == 204
    assert [(await each.get("/api/v1/me")).status_code for each in (juno.client, other)] == [200, 401]
    assert [await sign_in(browser(), "juno", each) for each in (PASSWORD, NEXT)] == [401, 200]
    (letter,) = await mails(juno.email)
    assert "was changed" in letter.subject


async def test_a_password_is_changed_by_its_owner_and_to_a_good_one(member: MakeMember) -> None:
    juno = await member("juno")
    for current, password, expected in (
        ("not the present one", NEXT, "wrong_password"),
        (PASSWORD, "short", "password_weak"),
        (PASSWORD, "iloveyou123", "password_weak"),
    ):
        answer = await juno.client.post("/api/v1/me/password", json={"current": current, "password": password})
        assert code(answer) == expected


async def test_of_two_changes_at_the_same_moment_one_counts(browser: Browser, member: MakeMember) -> None:
    juno = await member("juno")
    wanted = ["first of the two", "second of the two"]
    answers = await asyncio.gather(
        *(juno.client.post("/api/v1/me/password", json={"current": PASSWORD, "password": each}) for each in wanted)
    )
    assert Counter(answer.status_code for answer in answers) == {204: 1, 403: 1}
    assert sorted([await sign_in(browser(), "juno", each) for each in wanted]) == [200, 401]


@pytest.mark.usefixtures("frozen_clock")
async def test_a_lost_password_is_answered_alike_for_everyone_and_mailed_to_who_is_there(
    client: httpx.AsyncClient, member: MakeMember, drain: Drain
) -> None:
    juno = await member("juno")
    logins = ["juno", "nobody", juno.email.upper(), "nobody@example.org", "\0", ""]
    answers = [await client.post("/api/v1/password-resets", json={"login": login}) for login in logins]
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, "null")}
    async with db.transaction() as session:
        assert len((await session.scalars(select(jobs.Job))).all()) == len(logins), "each did the same work"
    await drain()
    assert len(await mails(juno.email)) == 2


async def test_a_reset_signs_every_browser_out_and_ends_what_waits(
    browser: Browser, member: MakeMember, drain: Drain
) -> None:
    juno = await member("juno")
    await juno.client.post("/api/v1/me/email", json={"password": PASSWORD, "email": "thief@example.org"})
    first = await reset_token(browser(), drain, "juno", juno.email)
    second = await reset_token(browser(), drain, "juno", juno.email)
    assert code(await browser().post(f"/api/v1/password-resets/{first}", json={"password": NEXT})) == "link_invalid"
    assert (await browser().post(f"/api/v1/password-resets/{second}", json={"password": NEXT})).status_code == 204
    assert (await juno.client.get("/api/v1/me")).status_code == 401
    assert [await sign_in(juno.client, "juno", each) for each in (PASSWORD, NEXT)] == [401, 200]
    me = (await juno.client.get("/api/v1/me")).json()
    assert (me["email"], me["pending_email"]) == (juno.email, None)
    thief = token_in((await mails("thief@example.org"))[0])
    assert code(await browser().post(f"/api/v1/email-verifications/{thief}")) == "link_invalid"


async def test_a_reset_link_works_once_however_many_use_it_at_the_same_moment(
    browser: Browser, member: MakeMember, drain: Drain
) -> None:
    juno = await member("juno")
    token = await reset_token(browser(), drain, "juno", juno.email)
    wanted = [f"password number {n}" for n in range(5)]
    answers = await asyncio.gather(
        *(browser().post(f"/api/v1/password-resets/{token}", json={"password": each}) for each in wanted)
    )
    assert Counter(answer.status_code for answer in answers) == {204: 1, 410: 4}
    assert sorted([await sign_in(browser(), "juno", each) for each in wanted]) == [200, 401, 401, 401, 401]


async def test_a_reset_link_expires_after_an_hour_and_a_weak_password_does_not_use_it_up(
    browser: Browser, member: MakeMember, drain: Drain, frozen_clock: ModuleType
) -> None:
    juno = await member("juno")
    token = await reset_token(browser(), drain, "juno", juno.email)
    weak = await browser().post(f"/api/v1/password-resets/{token}", json={"password": "juno@example.org"})
    assert code(weak) == "password_weak"
    frozen_clock.advance(timedelta(hours=1))
    assert code(await browser().post(f"/api/v1/password-resets/{token}", json={"password": NEXT})) == "link_invalid"


async def test_a_used_reset_link_confirms_the_address_it_was_mailed_to(browser: Browser, drain: Drain) -> None:
    mine = browser()
    await mine.post("/api/v1/accounts", json=form())
    token = await reset_token(browser(), drain, "juno", "juno@example.org")
    await browser().post(f"/api/v1/password-resets/{token}", json={"password": NEXT})
    await sign_in(mine, "juno", NEXT)
    assert (await mine.get("/api/v1/me")).json()["email_verified"]


async def test_a_reset_works_for_an_account_whose_address_someone_else_confirmed(
    browser: Browser, member: MakeMember, drain: Drain
) -> None:
    juno, marlow = await member("juno"), browser()
    await marlow.post("/api/v1/accounts", json=form("marlow", email=juno.email))
    token = await reset_token(browser(), drain, "marlow", juno.email)
    assert (await browser().post(f"/api/v1/password-resets/{token}", json={"password": NEXT})).status_code == 204
    await sign_in(marlow, "marlow", NEXT)
    assert not (await marlow.get("/api/v1/me")).json()["email_verified"]


async def test_a_suspended_person_gets_a_reset_link_too_to_read_why(
    client: httpx.AsyncClient, member: MakeMember, drain: Drain
) -> None:
    juno = await member("juno")
    async with db.transaction() as session:
        await session.execute(update(Account).values(state="suspended"))
    token = await reset_token(client, drain, "juno", juno.email)
    assert (await client.post(f"/api/v1/password-resets/{token}", json={"password": NEXT})).status_code == 204
    assert await sign_in(client, "juno", NEXT) == 200
    assert code(await client.get("/api/v1/me/sessions")) == "suspended"


async def test_tokens_of_links_stand_in_mails_alone(
    client: httpx.AsyncClient, member: MakeMember, drain: Drain
) -> None:
    juno = await member("juno")
    token = await reset_token(client, drain, "juno", juno.email)
    async with db.transaction() as session:
        (link,) = (await session.scalars(select(Link))).all()
        (job,) = (await session.scalars(select(jobs.Job))).all()
    assert token.encode() not in link.token_hash
    assert token not in str(link.payload) + str(job.args)


@pytest.mark.usefixtures("frozen_clock")
async def test_resets_are_bounded_by_login_and_by_address(browser: Browser, database: str) -> None:
    _ = database
    codes = []
    for n in range(5):
        answer = await browser(f"203.0.113.{n}").post("/api/v1/password-resets", json={"login": "juno"})
        codes.append(answer.status_code)
    assert codes == [202] * 4 + [429]
    crowd = browser("203.0.113.99")
    codes = [(await crowd.post("/api/v1/password-resets", json={"login": f"p{n}"})).status_code for n in range(21)]
    assert codes == [202] * 20 + [429]


@pytest.mark.parametrize("token", ["x", "é", "%00", "a" * 199])
async def test_a_made_up_link_is_refused(client: httpx.AsyncClient, token: str) -> None:
    assert code(await client.post(f"/api/v1/password-resets/{token}", json={"password": NEXT})) == "link_invalid"
    assert code(await client.post(f"/api/v1/email-verifications/{token}")) == "link_invalid"
