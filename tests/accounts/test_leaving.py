"""Leaving: out of sight at once, taken back by signing in, removed when the days are over."""

from datetime import timedelta
from types import ModuleType
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from community import PASSWORD, Browser, Drain, MakeMember, code, mails
from nonet.accounts import names, service
from nonet.accounts.tables import Account, HandleClaim, Invitation, LoginSession
from nonet.core import clock, db, jobs, mail, prefs


async def leave(client: httpx.AsyncClient, password: str = PASSWORD) -> httpx.Response:
    return await client.request("DELETE", "/api/v1/me", json={"password": password})


async def account(account_id: int) -> Account | None:
    async with db.transaction() as session:
        return await session.get(Account, account_id)


async def test_leaving_needs_the_password(client: httpx.AsyncClient, member: MakeMember) -> None:
    juno = await member("juno")
    assert code(await leave(juno.client, "not the password")) == "wrong_password"
    assert code(await leave(client)) == "sign_in_needed"
    assert (await juno.client.get("/api/v1/me")).status_code == 200


async def test_who_leaves_is_out_of_sight_at_once_and_signed_out_everywhere(
    client: httpx.AsyncClient, browser: Browser, member: MakeMember
) -> None:
    juno, ines = await member("juno"), await member("ines")
    second = browser()
    await second.post("/api/v1/session", json={"login": "juno", "password": PASSWORD})
    await juno.client.put("/api/v1/people/ines/follow")
    left = await leave(juno.client)
    assert left.status_code == 200
    for each in (juno.client, second):
        assert code(await each.get("/api/v1/me")) == "sign_in_needed"
    assert code(await client.get("/api/v1/people/juno")) == "not_found"
    assert (await ines.client.get("/api/v1/people/ines/followers")).json()["items"] == []
    [letter] = await mails(juno.email)
    assert "removed for good" in letter.body
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).where(LoginSession.account_id == juno.id)) == 0


async def test_signing_in_takes_leaving_back(
    client: httpx.AsyncClient, browser: Browser, member: MakeMember, drain: Drain, frozen_clock: ModuleType
) -> None:
    juno = await member("juno")
    leaves_at = (await leave(juno.client)).json()["leaves_at"]
    assert leaves_at == "2026-12-22T15:20:00Z"
    frozen_clock.advance(timedelta(days=29))
    again = browser()
    assert code(await again.post("/api/v1/session", json={"login": "juno", "password": "wrong"})) == "wrong_credentials"
    assert code(await client.get("/api/v1/people/juno")) == "not_found"
    assert (await again.post("/api/v1/session", json={"login": "juno", "password": PASSWORD})).status_code == 200
    assert (await client.get("/api/v1/people/juno")).status_code == 200
    assert [each.subject.split()[-1] for each in await mails(juno.email)] == ["removed", "stays"]
    frozen_clock.advance(timedelta(days=2))
    await drain()
    assert (await again.get("/api/v1/me")).status_code == 200


async def test_who_left_twice_goes_when_the_second_days_are_over(
    browser: Browser, member: MakeMember, drain: Drain, frozen_clock: ModuleType
) -> None:
    juno = await member("juno")
    await leave(juno.client)
    frozen_clock.advance(timedelta(days=20))
    again = browser()
    await again.post("/api/v1/session", json={"login": "juno", "password": PASSWORD})
    await leave(again)
    frozen_clock.advance(timedelta(days=11))
    await drain()
    kept = await account(juno.id)
    assert kept is not None
    assert kept.state == "leaving"
    frozen_clock.advance(timedelta(days=20))
    await drain()
    assert await account(juno.id) is None


async def test_when_the_days_are_over_the_account_goes_and_its_handle_stays_reserved(
    client: httpx.AsyncClient, browser: Browser, member: MakeMember, drain: Drain, frozen_clock: ModuleType
) -> None:
    juno = await member("juno")
    await leave(juno.client)
    frozen_clock.advance(timedelta(days=30))
    await drain()
    assert await account(juno.id) is None
    assert await mails(juno.email) == []
    login = {"login": "juno", "password": PASSWORD}
    assert code(await browser().post("/api/v1/session", json=login)) == "wrong_credentials"
    assert (await client.get("/api/v1/handles/juno")).json()["code"] == "handle_taken"
    frozen_clock.advance(names.REDIRECTS_FOR)
    assert (await client.get("/api/v1/handles/juno")).json()["free"] is True


async def test_the_account_waits_until_every_slice_has_removed_its_own(
    member: MakeMember, drain: Drain, frozen_clock: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = jobs.HANDLERS["account.deleted"]["people"]

    async def fail(job: jobs.Running) -> None:
        del job
        raise OSError("the disk is away")

    once = jobs.Handler(broken.topic, broken.name, fail, 1, 15, 1.0, 0, None)
    juno = await member("juno")
    await leave(juno.client)
    frozen_clock.advance(timedelta(days=30))
    with monkeypatch.context() as patched:
        patched.setitem(jobs.HANDLERS["account.deleted"], "people", once)
        await drain()
    gone = await account(juno.id)
    assert gone is not None
    assert gone.state == "gone"
    async with db.transaction() as session:
        query = select(jobs.Job.id).where(jobs.Job.topic == "account.deleted", jobs.Job.state == "failed")
        [failed] = await session.scalars(query)
        await jobs.retry(session, failed)
    frozen_clock.advance(timedelta(minutes=1))
    await drain()
    assert await account(juno.id) is None


async def test_someone_suspended_may_leave_and_taking_that_back_does_not_lift_the_suspension(
    browser: Browser, member: MakeMember
) -> None:
    juno = await member("juno")
    async with db.transaction() as session:
        await service.suspend(session, juno.id)
    assert (await leave(juno.client)).status_code == 200
    again = browser()
    me = (await again.post("/api/v1/session", json={"login": "juno", "password": PASSWORD})).json()
    assert me["state"] == "suspended"
    kept = await account(juno.id)
    assert kept is not None
    assert kept.leaves_at is None


async def test_someone_reinstated_while_they_leave_goes_on_leaving(member: MakeMember) -> None:
    juno = await member("juno")
    await leave(juno.client)
    for verb, state in ((service.suspend, "suspended"), (service.reinstate, "leaving")):
        async with db.transaction() as session:
            await verb(session, juno.id)
        kept = await account(juno.id)
        assert kept is not None
        assert kept.state == state


async def test_the_only_operator_cannot_leave(member: MakeMember) -> None:
    juno = await member("juno", role="operator")
    assert code(await leave(juno.client)) == "nobody_else_operates"
    await member("ines", role="operator")
    assert (await leave(juno.client)).status_code == 200


async def test_what_an_operator_made_for_others_outlives_them(
    member: MakeMember, drain: Drain, frozen_clock: ModuleType
) -> None:
    juno, ines = await member("juno", role="operator"), await member("ines", role="operator")
    async with db.transaction() as session:
        invitation = Invitation(code="abc", made_by=juno.id, expires_at=clock.now() + timedelta(days=365))
        session.add(invitation)
        await session.flush()
        await session.execute(update(Account).where(Account.id == ines.id).values(invitation_id=invitation.id))
    await leave(juno.client)
    frozen_clock.advance(timedelta(days=30))
    await drain()
    async with db.transaction() as session:
        assert list(await session.scalars(select(Invitation.made_by))) == [0]
        held = await session.scalar(select(HandleClaim.until).where(HandleClaim.account_id == juno.id))
    assert held == clock.now() + names.REDIRECTS_FOR


async def test_an_operator_decides_how_long_one_can_come_back(
    member: MakeMember, drain: Drain, frozen_clock: Any
) -> None:
    _ = frozen_clock
    juno = await member("juno")
    async with db.transaction() as session:
        await prefs.put(session, "leaving_days", 0)
    await leave(juno.client)
    await drain()
    assert await account(juno.id) is None
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(mail.Mail)) == 0


async def test_someone_who_left_gets_a_link_for_a_new_password_to_come_back_by(
    client: httpx.AsyncClient, member: MakeMember, drain: Drain
) -> None:
    juno = await member("juno")
    await leave(juno.client)
    await client.post("/api/v1/password-resets", json={"login": "juno"})
    await drain()
    assert "Choose a new password" in (await mails(juno.email))[-1].subject
