"""Requests of every shape that the API's own description allows, and some that it doesn't, to every call.

None is answered by a fault of ours, every refusal has its one shape, and what is asked as described is answered as
described. The requests are drawn by schemathesis; half of them name things that exist. NONET_TEST_SEED draws others.
"""

import contextlib
import os
import random
import re
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.errors import SerializationError
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from community import Browser, MakeMember
from contract import keeping, town
from contract.town import Town
from nonet.core import settings as conf

SEED = int(os.environ.get("NONET_TEST_SEED", "20261122"))
PROMISES = [status_code_conformance, content_type_conformance, response_schema_conformance]
EACH = 2
"""Requests of each call, mode and person."""
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
ACTORS = ("owner", "operator")
THINGS = {
    "video_id": ("public", "private", "draft", "hidden", "closed"),
    "upload_id": ("upload",),
    "comment_id": ("said", "held", "buried"),
    "playlist_id": ("list", "secret_list"),
    "thread_id": ("thread",),
    "message_id": ("message",),
    "sound_id": ("sound",),
    "case_id": ("case",),
    "decision_id": ("decision",),
    "appeal_id": ("appeal",),
    "session_id": ("session",),
    "invitation_id": ("invitation",),
}
HOSTILE = ("\0", "9" * 19, "9" * 40, "-1", "a" * 5000, "\u202e", "\ud7ff", "%", "' OR 1=1 --", "..", "٣")
WORDS = {
    "handle": ("owner", "follower", "closed", "blocked"),
    "tag": ("quay",),
    "language": ("en",),
    "kind": ("word", "tag", "person"),
    "step": ("cover",),
}


@pytest.fixture
async def community(app: FastAPI, member: MakeMember, browser: Browser) -> AsyncIterator[Town]:
    """Give the community, and keep it, so that it can be put back."""
    app.state.draining = True  # a stream ends at once
    yield await town.build(member, browser)
    await keeping.forget()


def drawn(operation: Any, mode: GenerationMode) -> list[schemathesis.Case]:
    """Draw requests of a call, such as its description allows or such as it doesn't."""
    found: list[schemathesis.Case] = []

    @seed(SEED)
    @settings(
        max_examples=EACH,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def gather(case: schemathesis.Case) -> None:
        found.append(case)

    with contextlib.suppress(Unsatisfiable):  # a call that takes nothing takes nothing wrong
        gather()
    return found[:EACH]


def aimed(case: schemathesis.Case, mode: GenerationMode, community: Town, chance: random.Random) -> None:
    """Let a request name things that exist, every other time; a wrong one, now and then, what nobody would."""
    strange = 0.2 if mode == GenerationMode.NEGATIVE else 0
    query = cast("dict[str, Any]", case.query or {})
    for name in query:
        if chance.random() < strange:
            query[name] = chance.choice(HOSTILE)
    parts = cast("dict[str, Any]", case.path_parameters or {})
    for name in parts:
        if chance.random() < strange:
            parts[name] = chance.choice(HOSTILE)
        elif chance.random() < 0.5:
            if name in THINGS:
                parts[name] = str(community.things[chance.choice(THINGS[name])])
            elif name in WORDS:
                parts[name] = chance.choice(WORDS[name])


async def sent(case: schemathesis.Case, client: httpx.AsyncClient) -> httpx.Response | None:
    """Send a request; None when no HTTP client would."""
    try:
        given = case.as_transport_kwargs(base_url=conf.load().origin)
        more: dict[str, Any] = {
            name: given[name] for name in ("params", "headers", "json") if given.get(name) is not None
        }
        if given.get("data") is not None:
            more["content"] = given["data"]
    except SerializationError:
        return None
    try:
        return await client.request(given["method"], given["url"], **more)
    except (UnicodeError, httpx.InvalidURL, httpx.LocalProtocolError):
        return None
    except Exception as crash:  # noqa: BLE001 - whatever it is, it is a fault of ours
        request = httpx.Request(given["method"], given["url"], params=more.get("params"), json=more.get("json"))
        return httpx.Response(500, request=request, text=repr(crash))


def complaint(case: schemathesis.Case, mode: GenerationMode, answer: httpx.Response) -> str:
    """Say what is wrong with an answer; nothing when it is as promised."""
    asked = f"{answer.request.method} {answer.request.url} {answer.request.content[:300]!r} got {answer.status_code}"
    if answer.status_code >= 500:
        return f"{asked}, {answer.text[:300]}"
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        error = answer.json().get("error", {})
        if not (error.get("code") and error.get("sentence")):
            return f"{asked}, {answer.text[:300]}"
    if mode == GenerationMode.NEGATIVE or answer.headers.get("content-type", "").startswith("text/event-stream"):
        return ""
    try:
        case.validate_response(answer, checks=PROMISES)
    except (Failure, FailureGroup) as wrong:
        told = re.sub(r"\s+", " ", str(getattr(wrong, "exceptions", [wrong])[0]))
        return f"{asked}, {told[:400]}"
    return ""


async def test_no_request_finds_a_fault_and_every_answer_has_its_form(app: FastAPI, community: Town) -> None:
    chance, wrong = random.Random(SEED), []  # noqa: S311 - the choice of tests
    print(f"seed {SEED}")
    await keeping.keep()
    described = schemathesis.openapi.from_dict(app.openapi())
    for found in described.get_all_operations():
        operation = found.ok()
        changes = operation.method.upper() not in {"GET", "HEAD", "OPTIONS"}
        for case, mode in [(each, kind) for kind in MODES for each in drawn(operation, kind)]:
            for actor in ACTORS:
                aimed(case, mode, community, chance)
                answer = await sent(case, community.clients[actor])
                if answer is None:
                    continue
                if said := complaint(case, mode, answer):
                    wrong.append(f"{actor}: {said}")
                if changes and answer.status_code < 400:
                    await keeping.put_back()
                    community.open_again(actor)
    assert not wrong, "\n".join(wrong)
