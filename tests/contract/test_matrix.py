"""Every call of the API tried by everyone: each is answered as the table says, and nobody reads what isn't theirs."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from community import Browser, MakeMember
from contract import keeping, matrix, town
from contract.matrix import Call
from contract.town import ACTORS, Town

MARK = re.compile(r"SECRET-\w+|\$argon2", re.IGNORECASE)
SAFE = {"GET", "HEAD", "OPTIONS"}
SAID_BY_STATUS = {401: "sign_in_needed", 403: "suspended", 404: "not_found"}
CLASSES = {"sign_in_needed": "sign_in", "not_allowed": "no", "not_found": "gone", "suspended": "suspended"}


def operations(app: FastAPI) -> dict[str, tuple[str, str]]:
    """Give every call of the API by its operation: method and path."""
    found: dict[str, tuple[str, str]] = {}
    for path, methods in app.openapi()["paths"].items():
        for method, operation in methods.items():
            found[operation["operationId"]] = (method.upper(), path)
    return found


async def test_the_table_names_every_call_and_no_other(app: FastAPI) -> None:
    assert set(matrix.CALLS) == set(operations(app)), "say in contract/matrix.py who may do it"


@pytest.fixture
async def community(app: FastAPI, member: MakeMember, browser: Browser) -> AsyncIterator[Town]:
    """Give the community, and keep it, so that it can be put back."""
    _ = app
    yield await town.build(member, browser)
    await keeping.forget()


async def test_everyone_is_answered_as_the_table_says_and_reads_nothing_that_is_not_theirs(
    app: FastAPI, community: Town
) -> None:
    app.state.draining = True  # a stream ends at once
    await keeping.keep()
    wrong: list[str] = []
    for operation, (method, path) in operations(app).items():
        tried = matrix.CALLS.get(operation)
        if tried is None:
            continue
        for thing in tried.things:
            for actor in ACTORS:
                expected = tried.who(actor, thing)
                answer = await attempt(community, actor, (method, path), tried, thing)
                got = answered(answer, tried)
                if got != expected:
                    told = answer.text[:160] if answer.status_code >= 400 else ""
                    wrong.append(f"{operation} {thing}: {actor} is {got}, not {expected} {told}")
                wrong += leaks(answer, operation, actor, thing) + undeclared(app, (method, path), answer)
                if method not in SAFE and answer.status_code < 400:
                    await keeping.put_back()
                    community.open_again(actor)
    assert not wrong, "\n".join(wrong)


async def attempt(community: Town, actor: str, route: tuple[str, str], tried: Call, thing: str) -> httpx.Response:
    """Make a call as an actor, about a thing."""
    method, path = route
    address = re.sub(r"\{(\w+)\}", lambda name: filled(community, name[1], tried, thing), path)
    more: dict[str, Any] = {"headers": tried.headers, "params": told(community, tried.query, thing)}
    if tried.json is not None:
        more["json"] = told(community, tried.json, thing)
    if tried.content is not None:
        more["content"] = tried.content
    try:
        async with asyncio.timeout(60):
            return await community.clients[actor].request(method, address, **more)
    except Exception as crash:  # noqa: BLE001 - whatever it is, it is a fault of ours
        return httpx.Response(500, text=repr(crash))


def filled(community: Town, name: str, tried: Call, thing: str) -> str:
    """Give what stands for a part of an address: the thing, what the table says, or a language."""
    if name in tried.path:
        said = tried.path[name]
        return str(community.things.get(said, said))
    if name == "language":
        return "en"
    if thing.startswith("@"):
        return thing[1:]
    return str(community.things[thing])


def told(community: Town, said: Any, thing: str) -> Any:
    """Fill the numbers of things into what a call sends."""
    every = ",".join(str(community.things[name]) for name in matrix.VIDEOS)
    text = json.dumps(said).replace("{thing}", str(community.things.get(thing, ""))).replace("{every_video}", every)
    return json.loads(text)


def answered(answer: httpx.Response, tried: Call) -> str:
    """Give the class of an answer."""
    if answer.status_code < 400:
        return "in"
    try:
        code = str(answer.json()["error"]["code"])
    except ValueError:
        # HEAD has no body to say it in.
        code = SAID_BY_STATUS.get(answer.status_code, str(answer.status_code))
    return "in" if code in tried.says else CLASSES.get(code, code)


def undeclared(app: FastAPI, route: tuple[str, str], answer: httpx.Response) -> list[str]:
    """Give the refusal of an answer that the API's description doesn't name for the call."""
    if answer.status_code < 400 or not answer.content or answer.headers["content-type"] != "application/json":
        return []
    method, path = route
    said = app.openapi()["paths"][path][method.lower()]["responses"].get(str(answer.status_code), {})
    code = answer.json()["error"]["code"]
    return [] if code in said.get("description", "").split(" · ") else [f"{method} {path} says {code}, undeclared"]


def leaks(answer: httpx.Response, operation: str, actor: str, thing: str) -> list[str]:
    """Give every mark in an answer that the actor may not read."""
    marks = {mark.replace("secret", "SECRET") for mark in MARK.findall(answer.text)}
    return [
        f"{operation} {thing}: {actor} reads {mark}"
        for mark in sorted(marks)
        if not matrix.may_read(mark, actor, operation, thing)
    ]
