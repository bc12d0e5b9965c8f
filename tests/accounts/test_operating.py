"""Becoming operator, and the operator's pages."""

import asyncio
from collections import Counter
from datetime import timedelta
from types import ModuleType
from typing import Any

import httpx
import pytest

from community import Browser, Drain, MakeMember, code, form
from nonet.accounts import instance, service
from nonet.core import db, leases, mail, prefs


async def setup_token() -> str:
    async with db.transaction() as session:
        url = await service.setup_link(session)
    assert url is not None
    origin, _, token = url.rpartition("/setup/")
    assert origin == "http://localhost:8080"
    return token


async def test_nobody_becomes_operator_by_being_first(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/v1/accounts", json=form())).json()["role"] == "person"


async def test_the_setup_link_makes_one_operator_once_and_is_not_made_again(
    member: MakeMember, browser: Browser
) -> None:
    juno, marlow = await member("juno"), await member("marlow")
    token = await setup_token()
    assert code(await browser().post(f"/api/v1/setup/{token}")) == "sign_in_needed"
    answers = await asyncio.gather(*(each.client.post(f"/api/v1/setup/{token}") for each in (juno, marlow)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 410: 1}
    assert next(answer for answer in answers if answer.status_code == 200).json()["role"] == "operator"
    async with db.transaction() as session:
        assert await service.setup_link(session) is None


async def test_each_start_without_an_operator_ends_the_link_before(member: MakeMember) -> None:
    juno = await member("juno")
    first, second = await setup_token(), await setup_token()
    assert code(await juno.client.post(f"/api/v1/setup/{first}")) == "link_invalid"
    assert (await juno.client.post(f"/api/v1/setup/{second}")).status_code == 200


async def test_the_setup_link_expires_and_ends_when_someone_is_promoted(
    member: MakeMember, frozen_clock: ModuleType
) -> None:
    juno, marlow = await member("juno"), await member("marlow")
    token = await setup_token()
    frozen_clock.advance(timedelta(days=7))
    assert code(await juno.client.post(f"/api/v1/setup/{token}")) == "link_invalid"
    token = await setup_token()
    async with db.transaction() as session:
        await service.promote(session, marlow.id, "operator")
    assert code(await juno.client.post(f"/api/v1/setup/{token}")) == "link_invalid"


async def test_signing_up_by_the_setup_link_makes_an_operator_even_of_a_closed_server(browser: Browser) -> None:
    async with db.transaction() as session:
        await prefs.put(session, instance.REGISTRATION.name, "closed")
    token = await setup_token()
    refused = await browser().post("/api/v1/accounts", json=form("admin", setup=token))
    assert code(refused) == "handle_reserved"
    answers = await asyncio.gather(
        *(browser().post("/api/v1/accounts", json=form(handle, setup=token)) for handle in ("juno", "marlow"))
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 410: 1}
    made = next(answer for answer in answers if answer.status_code == 201)
    assert made.json()["role"] == "operator"
    assert code(await browser().post("/api/v1/accounts", json=form("pavo", setup="made up"))) == "link_invalid"


@pytest.mark.parametrize("role", [None, "person", "moderator"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "outbox"),
        ("GET", "jobs"),
        ("POST", "jobs/1/retry"),
        ("GET", "prefs"),
        ("PATCH", "prefs"),
        ("GET", "invitations"),
        ("POST", "invitations"),
        ("DELETE", "invitations/1"),
    ],
)
async def test_the_operators_routes_are_the_operators(
    client: httpx.AsyncClient, member: MakeMember, role: str | None, method: str, path: str
) -> None:
    who = client if role is None else (await member("juno", role=role)).client
    answer = await who.request(method, f"/api/v1/operator/{path}", json={} if method in {"PATCH", "POST"} else None)
    assert code(answer) == ("sign_in_needed" if role is None else "not_allowed")


async def pages(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = (await client.get(f"/api/v1/operator/{path}{cursor}")).json()
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = f"?cursor={page['next']}"


async def test_the_outbox_shows_every_mail_the_newest_first(member: MakeMember) -> None:
    operator = await member("tamsin", role="operator")
    async with db.transaction() as session:
        for n in range(120):
            await mail.send(session, "juno@example.org", f"Mail {n}", "Text")
    found = await pages(operator.client, "outbox")
    assert [each["subject"] for each in found] == [f"Mail {n}" for n in reversed(range(120))]
    assert {(each["to"], each["text"], each["state"]) for each in found} == {("juno@example.org", "Text", "kept")}
    assert (await operator.client.get("/api/v1/operator/outbox?cursor=nonsense")).status_code == 200


async def test_work_is_listed_by_state_with_its_reason_and_can_be_run_again(
    member: MakeMember, client: httpx.AsyncClient, drain: Drain
) -> None:
    operator = await member("tamsin", role="operator")
    await client.post("/api/v1/password-resets", json={"login": "tamsin"})
    async with db.transaction() as session:
        (claimed,) = await leases.claim(session, "light", 1)
        await leases.fail(session, claimed, "OSError: the mail room burned down")
    page = (await operator.client.get("/api/v1/operator/jobs?state=failed")).json()
    (failed,) = page["items"]
    assert (failed["topic"], failed["state"], failed["attempts"]) == ("accounts.reset_requested", "failed", 1)
    assert failed["error"] == "OSError: the mail room burned down"
    assert page["counts"] == {"waiting": 0, "running": 0, "done": 0, "failed": 1}
    assert (await operator.client.get("/api/v1/operator/jobs?state=waiting")).json()["items"] == []
    again = await operator.client.post(f"/api/v1/operator/jobs/{failed['id']}/retry")
    assert again.json()["state"] == "waiting"
    assert await drain() == 1
    assert (await operator.client.get("/api/v1/operator/jobs?state=done")).json()["items"][0]["id"] == failed["id"]
    for nothing in ("1", "nonsense"):
        assert code(await operator.client.post(f"/api/v1/operator/jobs/{nothing}/retry")) == "not_found"


async def test_preferences_are_shown_with_their_bounds_and_changed_together_or_not_at_all(member: MakeMember) -> None:
    operator = await member("tamsin", role="operator")
    shown = {each["name"]: each for each in (await operator.client.get("/api/v1/operator/prefs")).json()["items"]}
    assert shown["registration"]["options"] == ["open", "invitation", "closed"]
    assert (shown["minimum_age"]["low"], shown["minimum_age"]["high"], shown["minimum_age"]["value"]) == (0, 25, 13)
    assert all(each["help"] for each in shown.values())
    wrong = {"registration": "closed", "minimum_age": 99}
    answer = await operator.client.patch("/api/v1/operator/prefs", json=wrong)
    assert code(answer) == "pref_invalid"
    assert answer.json()["error"]["sentence"] == "minimum_age takes a whole number from 0 to 25."
    assert (await operator.client.get("/api/v1/instance")).json()["registration"] == "open"
    right = {"registration": "closed", "minimum_age": 16, "instance_name": "Quayside"}
    changed = (await operator.client.patch("/api/v1/operator/prefs", json=right)).json()["items"]
    assert {each["name"]: each["value"] for each in changed if each["name"] in right} == right
    said = (await operator.client.get("/api/v1/instance")).json()
    assert (said["registration"], said["minimum_age"], said["name"]) == ("closed", 16, "Quayside")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"nothing": 1}, "not_found"),
        ({"minimum_age": True}, "pref_invalid"),
        ({"minimum_age": "16"}, "pref_invalid"),
        ({"instance_name": "x" * 61}, "pref_invalid"),
        ({"instance_name": "\0"}, "pref_invalid"),
        ({"registration": 1}, "pref_invalid"),
        ({"registration": None}, "invalid"),
        ({"registration": []}, "invalid"),
    ],
)
async def test_a_preference_takes_what_it_says(member: MakeMember, changes: dict[str, Any], expected: str) -> None:
    operator = await member("tamsin", role="operator")
    assert code(await operator.client.patch("/api/v1/operator/prefs", json=changes)) == expected


async def test_the_mails_carry_the_servers_name_whatever_it_is(browser: Browser, member: MakeMember) -> None:
    operator = await member("tamsin", role="operator")
    await operator.client.patch("/api/v1/operator/prefs", json={"instance_name": "{Quay} {side}"})
    assert (await browser().post("/api/v1/accounts", json=form("juno"))).status_code == 201
    newest = (await pages(operator.client, "outbox"))[0]
    assert newest["subject"] == "Confirm your address for {Quay} {side}"
