"""Confirming an address, and changing it."""

import asyncio
from collections import Counter
from datetime import timedelta
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community import PASSWORD, Browser, MakeMember, code, form, mails, token_in
from nonet.accounts import addresses


async def test_a_mailed_link_confirms_the_address_without_signing_in(browser: Browser) -> None:
    mine, elsewhere = browser(), browser()
    await mine.post("/api/v1/accounts", json=form())
    (letter,) = await mails("juno@example.org")
    assert (await elsewhere.post(f"/api/v1/email-verifications/{token_in(letter)}")).status_code == 204
    assert (await mine.get("/api/v1/me")).json()["email_verified"]
    assert (await elsewhere.get("/api/v1/me")).status_code == 401
    assert code(await elsewhere.post(f"/api/v1/email-verifications/{token_in(letter)}")) == "link_invalid"


async def test_the_link_lasts_three_days_and_can_be_sent_again(browser: Browser, frozen_clock: ModuleType) -> None:
    mine = browser()
    await mine.post("/api/v1/accounts", json=form())
    frozen_clock.advance(timedelta(days=3))
    (late,) = await mails("juno@example.org")
    assert code(await mine.post(f"/api/v1/email-verifications/{token_in(late)}")) == "link_invalid"
    assert (await mine.post("/api/v1/me/email/verification")).status_code == 204
    again = (await mails("juno@example.org"))[-1]
    assert (await mine.post(f"/api/v1/email-verifications/{token_in(again)}")).status_code == 204
    assert (await mine.post("/api/v1/me/email/verification")).status_code == 204
    assert len(await mails("juno@example.org")) == 2, "a confirmed address is not asked again"


async def test_sending_again_tells_no_more_than_signing_up_and_is_bounded(
    browser: Browser, member: MakeMember, frozen_clock: ModuleType
) -> None:
    juno, mine = await member("juno"), browser()
    await mine.post("/api/v1/accounts", json=form("marlow", email=juno.email))
    answers = [(await mine.post("/api/v1/me/email/verification")).status_code for _ in range(6)]
    assert answers == [204] * 5 + [429]
    assert all("/verify/" not in letter.body for letter in await mails(juno.email))
    frozen_clock.advance(timedelta(minutes=10))
    assert (await mine.post("/api/v1/me/email/verification")).status_code == 204


async def test_of_two_who_confirm_one_address_at_the_same_moment_one_has_it(browser: Browser) -> None:
    for handle in ("juno", "marlow", "tamsin"):
        await browser().post("/api/v1/accounts", json=form(handle, email="all@example.org"))
    tokens = [token_in(letter) for letter in await mails("all@example.org")]
    answers = await asyncio.gather(*(browser().post(f"/api/v1/email-verifications/{token}") for token in tokens))
    assert Counter(answer.status_code for answer in answers) == {204: 1, 409: 2}


async def test_a_new_address_counts_once_its_link_is_used_and_the_old_one_is_told(
    browser: Browser, member: MakeMember
) -> None:
    juno = await member("juno")
    change = {"password": PASSWORD, "email": "new@example.org"}
    me = (await juno.client.post("/api/v1/me/email", json=change)).json()
    assert (me["email"], me["email_verified"], me["pending_email"]) == (juno.email, True, "new@example.org")
    (told,) = await mails(juno.email)
    assert "about to change" in told.subject
    assert "new@example.org" not in told.body
    (letter,) = await mails("new@example.org")
    assert (await browser().post(f"/api/v1/email-verifications/{token_in(letter)}")).status_code == 204
    me = (await juno.client.get("/api/v1/me")).json()
    assert (me["email"], me["email_verified"], me["pending_email"]) == ("new@example.org", True, None)


async def test_changing_the_address_needs_the_password_and_another_address(member: MakeMember) -> None:
    juno = await member("juno")
    for password, email, expected in (
        ("not the password", "new@example.org", "wrong_password"),
        (PASSWORD, "new@", "email_invalid"),
        (PASSWORD, juno.email.upper(), "email_unchanged"),
    ):
        answer = await juno.client.post("/api/v1/me/email", json={"password": password, "email": email})
        assert code(answer) == expected
    assert (await juno.client.get("/api/v1/me")).json()["pending_email"] is None


async def test_a_second_change_ends_the_first_ones_link_and_links_last_a_day(
    member: MakeMember, frozen_clock: ModuleType
) -> None:
    juno = await member("juno")
    for address in ("one@example.org", "two@example.org"):
        await juno.client.post("/api/v1/me/email", json={"password": PASSWORD, "email": address})
    (one,), (two,) = await mails("one@example.org"), await mails("two@example.org")
    assert code(await juno.client.post(f"/api/v1/email-verifications/{token_in(one)}")) == "link_invalid"
    frozen_clock.advance(timedelta(days=1))
    assert code(await juno.client.post(f"/api/v1/email-verifications/{token_in(two)}")) == "link_invalid"


async def test_someone_elses_confirmed_address_is_answered_like_any_other_and_never_taken(
    member: MakeMember,
) -> None:
    juno, marlow = await member("juno"), await member("marlow")
    change = {"password": PASSWORD, "email": marlow.email}
    answer = await juno.client.post("/api/v1/me/email", json=change)
    assert answer.status_code == 200
    assert answer.json()["pending_email"] == marlow.email
    (letter,) = await mails(marlow.email)
    assert "belongs to @marlow" in letter.body
    assert "/verify/" not in letter.body


async def test_an_address_that_was_confirmed_meanwhile_is_not_taken_over(browser: Browser, member: MakeMember) -> None:
    juno, mine = await member("juno"), browser()
    await juno.client.post("/api/v1/me/email", json={"password": PASSWORD, "email": "new@example.org"})
    await mine.post("/api/v1/accounts", json=form("marlow", email="new@example.org"))
    for_juno, for_marlow = (token_in(letter) for letter in await mails("new@example.org"))
    assert (await browser().post(f"/api/v1/email-verifications/{for_marlow}")).status_code == 204
    assert code(await browser().post(f"/api/v1/email-verifications/{for_juno}")) == "email_taken"
    assert (await juno.client.get("/api/v1/me")).json()["email"] == juno.email


@given(st.text(max_size=400))
def test_what_is_taken_as_an_address_fits_one_line_of_ascii(text: str) -> None:
    try:
        address = addresses.parse(text)
    except addresses.EmailInvalid:
        return
    assert address.isascii()
    assert address.isprintable()
    assert " " not in address
    assert addresses.parse(address) == address


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" juno@example.org ", "juno@example.org"),
        ("Juno+clips@Example.ORG", "Juno+clips@example.org"),
        ("juno@b\u00fccher.example", "juno@xn--bcher-kva.example"),
    ],
)
def test_an_address_keeps_its_local_part_and_has_an_ascii_domain(typed: str, kept: str) -> None:
    assert addresses.parse(typed) == kept
