"""The demo's people, its clock and its end, through the application: without password, sealed for good, removable."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from community import PASSWORD, Browser, Drain, MakeMember, code, form, mails
from nonet.accounts import service as accounts
from nonet.accounts.tables import Account
from nonet.core import clock, db, settings, virtual
from nonet.demo import people, service

WEEKS = timedelta(days=22)


@pytest.fixture
async def keeper(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """Open the browser of who keeps the clock, in a database that was filled a moment ago, three weeks in the past."""
    monkeypatch.setenv("NONET_CLOCK", "virtual")
    settings.load.cache_clear()
    conf = settings.load()
    async with db.transaction() as session:
        assert await service.wanted(session, conf) == "virtual"
    clock.follow(conf.clock_file)
    async with db.transaction() as session:
        tokens = await service.settle(session, people.every()[:3])
    opened = browser()
    opened.cookies.set("nonet", tokens["ada.quill"], domain="localhost.local", path="/")
    yield opened
    clock.follow(None)
    conf.clock_file.unlink()
    monkeypatch.undo()
    settings.load.cache_clear()


async def move(keeper: httpx.AsyncClient, days: float) -> httpx.Response:
    to = clock.machine() - WEEKS + timedelta(days=days)
    return await keeper.put("/api/v1/operator/clock", json={"at": to.isoformat()})


async def test_the_clock_moves_forward_while_only_the_demo_is_here(keeper: httpx.AsyncClient) -> None:
    assert timedelta(days=21) < clock.machine() - clock.now() < timedelta(days=23)
    moved = await move(keeper, 5)
    assert moved.status_code == 200, moved.text
    assert (moved.json()["clock"], moved.json()["state"], moved.json()["people"]) == ("virtual", "filling", 3)
    assert timedelta(days=16) < clock.machine() - clock.now() < timedelta(days=18)
    assert code(await move(keeper, 4)) == "clock_backwards"
    assert code(await move(keeper, 30)) == "clock_backwards"


async def test_only_an_operator_moves_the_clock(keeper: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    _ = keeper
    assert code(await move(client, 5)) == "sign_in_needed"


async def test_a_sign_up_seals_the_clock_before_the_account_and_for_ever(
    keeper: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    before = clock.machine()
    joined = await client.post("/api/v1/accounts", json=form("newcomer"))
    assert joined.status_code == 201, joined.text
    assert clock.now() >= before
    async with db.transaction() as session:
        account = await session.scalar(select(Account).where(Account.handle == "newcomer"))
        assert account is not None
        assert account.created_at >= before
        assert await virtual.sealed(session)
    refused = await move(keeper, 10)
    assert code(refused) == "not_allowed", "the keeper is no operator any more"
    async with db.transaction() as session:
        with pytest.raises(virtual.ClockSealed):
            await virtual.move(session, clock.machine() - timedelta(days=1))
        with pytest.raises(virtual.ClockSealed):
            await virtual.move(session, clock.machine())
    assert clock.machine() - clock.now() < timedelta(seconds=1)


async def test_a_refused_sign_up_seals_nothing(keeper: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    assert code(await client.post("/api/v1/accounts", json=form("ada.quill"))) == "handle_taken"
    assert (await move(keeper, 5)).status_code == 200


async def test_the_next_start_goes_on_in_virtual_time_or_after_the_seal_in_real_time(keeper: httpx.AsyncClient) -> None:
    _ = keeper
    async with db.transaction() as session:
        assert await service.wanted(session, settings.load()) == "virtual"
    clock.tell(settings.load().clock_file, 0.0)  # killed between the file and the row
    async with db.transaction() as session:
        assert await service.wanted(session, settings.load()) == "real"
    async with db.transaction() as session:
        assert await virtual.sealed(session)


async def test_after_three_failures_what_is_there_is_all_and_time_is_real(keeper: httpx.AsyncClient) -> None:
    _ = keeper
    for _ in range(service.RUNS_MOST):
        async with db.transaction() as session:
            await service.fail(session, [])
    async with db.transaction() as session:
        status = await service.status(session)
        assert (status.state, status.clock) == ("complete", "real")
        assert await service.wanted(session, settings.load()) == ""


async def test_a_server_with_people_or_on_a_public_address_gets_no_demo(
    member: MakeMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NONET_PUBLIC_URL", "https://videos.example")
    public = settings.Settings()
    monkeypatch.undo()
    async with db.transaction() as session:
        assert await service.wanted(session, public) == ""
        assert await service.wanted(session, settings.Settings(demo="none")) == ""
    await member("juno")
    async with db.transaction() as session:
        assert await service.wanted(session, settings.Settings()) == ""
        with pytest.raises(service.NotEmpty):
            await service.begin(session, "small")


async def test_a_person_of_the_demo_has_no_password(keeper: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    _ = keeper
    for password in ("", PASSWORD):
        refused = await client.post("/api/v1/session", json={"login": "ada.quill", "password": password})
        assert refused.status_code in {401, 422}, refused.text
    await client.post("/api/v1/password-resets", json={"login": "ada.quill"})
    assert await mails("ada.quill@demo.invalid") == []


async def test_a_sign_in_link_works_once_and_on_this_machine_alone(keeper: httpx.AsyncClient, browser: Browser) -> None:
    _ = keeper
    async with db.transaction() as session:
        link = await service.sign_in_link(session, "@Benno")
    elsewhere, here, second = browser("192.0.2.7"), browser(), browser()
    assert (await elsewhere.get(link)).status_code == 404
    opened = await here.get(link)
    assert (opened.status_code, opened.headers["location"]) == (303, "/")
    assert (await here.get("/api/v1/me")).json()["handle"] == "benno.brass"
    assert code(await second.get(link)) == "link_invalid"
    async with db.transaction() as session:
        with pytest.raises(service.NobodyOfThatName, match=r"benno\.brass"):
            await service.sign_in_link(session, "zed")


async def test_the_set_up_link_is_still_made_while_the_demo_keeps_the_clock(keeper: httpx.AsyncClient) -> None:
    _ = keeper
    async with db.transaction() as session:
        assert await accounts.setup_link(session) is not None


async def test_the_demo_leaves_as_people_leave_and_its_names_are_free(
    keeper: httpx.AsyncClient, client: httpx.AsyncClient, drain: Drain
) -> None:
    assert (await keeper.patch("/api/v1/me/profile", json={"name": "Ada Quill"})).status_code == 200
    async with db.transaction() as session:
        assert await service.remove(session) == 3
    assert (await client.get("/api/v1/people/ada.quill")).status_code == 404
    with clock.frozen():
        for _ in range(3):
            await drain()
            clock.advance(timedelta(seconds=30))
    async with db.transaction() as session:
        assert (await session.scalars(select(Account))).all() == []
        assert (await service.status(session)).state == "removed"
        assert await service.wanted(session, settings.load()) == ""
    joined = await client.post("/api/v1/accounts", json=form("ada.quill"))
    assert joined.status_code == 201, joined.text
