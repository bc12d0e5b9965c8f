"""Signing in and out, the list of browsers, and buckets that outlive the process."""

from collections import Counter
from datetime import timedelta
from types import ModuleType
from typing import Any

import argon2
import httpx
import pytest
from sqlalchemy import update

from community import CHROME, PASSWORD, Browser, MakeMember, Member, code, form, mails, token_in
from nonet.accounts import passwords, sessions, web
from nonet.accounts.tables import Account
from nonet.core import db

SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML) Version/26.0 Safari"


async def sign_in(client: httpx.AsyncClient, login: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/v1/session", json={"login": login, "password": password})


async def listed(someone: Member) -> list[dict[str, Any]]:
    return list((await someone.client.get("/api/v1/me/sessions")).json()["items"])


@pytest.mark.parametrize("login", ["juno", "@JUNO", " juno ", "juno@example.org", "JUNO@Example.ORG"])
async def test_one_signs_in_by_handle_or_address_however_it_is_typed(
    browser: Browser, member: MakeMember, login: str
) -> None:
    juno = await member("juno")
    mine = browser()
    answer = await sign_in(mine, login)
    assert answer.status_code == 200
    assert answer.json() == (await juno.client.get("/api/v1/me")).json() == (await mine.get("/api/v1/me")).json()


async def test_a_wrong_password_and_a_login_of_nobody_are_answered_alike(
    client: httpx.AsyncClient, member: MakeMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    await member("juno")
    verified: list[str] = []
    verify = argon2.PasswordHasher.verify

    def counted(self: argon2.PasswordHasher, kept: str, password: bytes) -> bool:
        verified.append(kept.rpartition("$")[0].rpartition("$")[0])
        return verify(self, kept, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    logins = ["juno", "nobody", "juno@example.org", "nobody@example.org", "not\0one", "\ud7ff", "@", ""]
    answers = [await sign_in(client, login, "not the password") for login in logins]
    for answer in answers:
        assert code(answer) == "wrong_credentials"
        assert "set-cookie" not in answer.headers
    assert len({answer.json()["error"]["sentence"] for answer in answers}) == 1
    assert len(verified) == len(logins)
    assert len(set(verified)) == 1, "each was checked at the same cost"


def test_passwords_cost_what_owasp_asks_for(quick_passwords: argon2.Parameters) -> None:
    assert quick_passwords.type is argon2.Type.ID
    assert quick_passwords.memory_cost >= 19 * 1024
    assert quick_passwords.time_cost >= 2


async def test_by_an_address_who_confirmed_it_signs_in_else_who_gave_it_first(browser: Browser) -> None:
    for handle, password in (("juno", "first of the two"), ("marlow", "second of the two")):
        await browser().post("/api/v1/accounts", json=form(handle, email="both@example.org", password=password))
    assert (await sign_in(browser(), "both@example.org", "first of the two")).json()["handle"] == "juno"
    assert code(await sign_in(browser(), "both@example.org", "second of the two")) == "wrong_credentials"
    _, second = await mails("both@example.org")
    await browser().post(f"/api/v1/email-verifications/{token_in(second)}")
    assert (await sign_in(browser(), "both@example.org", "second of the two")).json()["handle"] == "marlow"
    assert code(await sign_in(browser(), "both@example.org", "first of the two")) == "wrong_credentials"


async def test_a_password_is_the_same_however_its_accents_are_composed(browser: Browser) -> None:
    await browser().post("/api/v1/accounts", json=form(password="cafe\u0301 au lait"))
    assert (await sign_in(browser(), "juno", "caf\u00e9 au lait")).status_code == 200


async def test_a_suspended_person_signs_in_to_a_session_that_lets_them_do_next_to_nothing(
    browser: Browser, member: MakeMember
) -> None:
    juno = await member("juno")
    async with db.transaction() as session:
        await session.execute(update(Account).values(state="suspended"))
    assert code(await sign_in(browser(), "juno", "not the password")) == "wrong_credentials"
    assert (await sign_in(browser(), "juno")).status_code == 200
    assert (await juno.client.get("/api/v1/me")).status_code == 200
    for method, path in (("GET", "me/sessions"), ("PUT", "me/handle"), ("GET", "stream"), ("GET", "handles/free")):
        assert code(await juno.client.request(method, f"/api/v1/{path}", json={"handle": "x"})) == "suspended"


async def test_a_hash_of_another_cost_is_made_anew_at_the_next_sign_in(
    browser: Browser, member: MakeMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    juno = await member("juno")
    stronger = argon2.Parameters(argon2.Type.ID, 19, 16, 32, time_cost=2, memory_cost=128, parallelism=1)
    monkeypatch.setattr(passwords, "COST", stronger)
    assert (await sign_in(browser(), "juno")).status_code == 200
    async with db.transaction() as session:
        kept = (await session.get_one(Account, juno.id)).password_hash
    assert argon2.extract_parameters(kept) == stronger
    assert (await sign_in(browser(), "juno")).status_code == 200


async def test_signing_out_ends_this_browser_alone(browser: Browser, member: MakeMember) -> None:
    juno = await member("juno")
    other = browser()
    await sign_in(other, "juno")
    token = other.cookies["nonet"]
    answer = await other.delete("/api/v1/session")
    assert answer.status_code == 204
    assert "nonet" not in other.cookies
    assert (await browser().get("/api/v1/me", headers={"cookie": f"nonet={token}"})).status_code == 401
    assert (await juno.client.get("/api/v1/me")).status_code == 200
    assert (await browser().delete("/api/v1/session")).status_code == 204


async def test_signing_in_as_another_ends_what_the_browser_had(browser: Browser, member: MakeMember) -> None:
    juno, marlow = await member("juno"), await member("marlow")
    before = juno.client.cookies["nonet"]
    await sign_in(juno.client, "marlow")
    assert (await juno.client.get("/api/v1/me")).json()["id"] == str(marlow.id)
    assert (await browser().get("/api/v1/me", headers={"cookie": f"nonet={before}"})).status_code == 401


async def test_browsers_are_listed_in_words_and_ended_one_by_one_or_all_others(
    browser: Browser, member: MakeMember, frozen_clock: ModuleType
) -> None:
    juno, marlow = await member("juno"), await member("marlow")
    frozen_clock.advance(timedelta(minutes=1))
    phone, third = browser(user_agent=SAFARI), browser(user_agent="<script>alert(1)</script>")
    await sign_in(phone, "juno")
    await sign_in(third, "juno")
    items = await listed(juno)
    assert Counter(each["device"] for each in items) == Counter(
        {"Chrome on Android": 1, "Safari on iPhone": 1, "Unknown device": 1}
    )
    assert [each["current"] for each in items] == [False, False, True]
    phones = next(each["id"] for each in items if each["device"] == "Safari on iPhone")
    assert code(await marlow.client.delete(f"/api/v1/me/sessions/{phones}")) == "not_found"
    assert code(await juno.client.delete("/api/v1/me/sessions/nothing")) == "not_found"
    assert (await juno.client.delete(f"/api/v1/me/sessions/{phones}")).status_code == 204
    assert [(await each.get("/api/v1/me")).status_code for each in (phone, third, juno.client)] == [401, 200, 200]
    assert (await juno.client.delete("/api/v1/me/sessions")).status_code == 204
    assert [(await each.get("/api/v1/me")).status_code for each in (third, juno.client)] == [401, 200]
    assert [each["current"] for each in await listed(juno)] == [True]


async def test_a_session_lasts_ninety_days_from_its_last_use(member: MakeMember, frozen_clock: ModuleType) -> None:
    juno = await member("juno")
    for _ in range(2):
        frozen_clock.advance(timedelta(days=89))
        answer = await juno.client.get("/api/v1/me")
        assert answer.status_code == 200
        assert "Max-Age=7776000" in answer.headers["set-cookie"]
    frozen_clock.advance(timedelta(days=90))
    assert code(await juno.client.get("/api/v1/me")) == "sign_in_needed"


async def test_being_seen_is_written_at_most_every_ten_minutes(member: MakeMember, frozen_clock: ModuleType) -> None:
    juno = await member("juno")
    (made,) = await listed(juno)
    frozen_clock.advance(timedelta(minutes=9))
    assert await listed(juno) == [made]
    frozen_clock.advance(timedelta(minutes=1))
    (seen,) = await listed(juno)
    assert seen["last_seen_at"] > made["last_seen_at"]


async def test_a_new_role_is_had_by_sessions_that_go_on(member: MakeMember) -> None:
    juno = await member("juno")
    assert code(await juno.client.get("/api/v1/operator/prefs")) == "not_allowed"
    async with db.transaction() as session:
        await session.execute(update(Account).values(role="operator"))
    assert (await juno.client.get("/api/v1/operator/prefs")).status_code == 200


async def test_guessing_is_bounded_and_a_restart_forgives_nothing(
    browser: Browser, member: MakeMember, frozen_clock: ModuleType
) -> None:
    await member("juno")
    guesser = browser("203.0.113.9")
    for _ in range(10):
        assert code(await sign_in(guesser, "juno", "a guess at it")) == "wrong_credentials"
    await db.close()
    refused = await sign_in(guesser, "juno", PASSWORD)
    assert code(refused) == "too_often"
    assert refused.headers["retry-after"] == "121"
    assert "Try again in 3 minutes" in refused.json()["error"]["sentence"]
    assert (await sign_in(browser("203.0.113.10"), "juno")).status_code == 200
    frozen_clock.advance(timedelta(minutes=2))
    assert (await sign_in(guesser, "juno")).status_code == 200


@pytest.mark.usefixtures("frozen_clock")
async def test_one_address_tries_many_logins_a_bounded_number_of_times(browser: Browser) -> None:
    guesser = browser("203.0.113.9")
    codes = [code(await sign_in(guesser, f"juno{n}", "a guess at it")) for n in range(61)]
    assert codes == ["wrong_credentials"] * 60 + ["too_often"]


async def test_when_too_many_wait_to_be_checked_a_sign_in_is_asked_to_come_again(
    client: httpx.AsyncClient, member: MakeMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    await member("juno")
    monkeypatch.setattr(passwords, "WAITING_MOST", 0)
    answer = await sign_in(client, "juno")
    assert (code(answer), answer.headers["retry-after"]) == ("too_busy", "5")


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (CHROME, "Chrome on Android"),
        (SAFARI, "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/26.0 Safari/605.1.15",
            "Safari on Mac",
        ),
        ("curl/8.16.0", "curl"),
        ("", "Unknown device"),
    ],
)
def test_a_browser_is_named_in_a_few_words(user_agent: str, words: str) -> None:
    assert sessions.device(user_agent) == words


@pytest.mark.parametrize(
    ("host", "counted"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_requests_are_counted_by_address_or_by_the_subscribers_network(host: str, counted: str) -> None:
    request = web.Request({"type": "http", "client": (host, 0), "headers": []})
    assert web.client_address(request) == counted
