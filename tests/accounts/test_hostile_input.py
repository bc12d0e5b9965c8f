"""Whatever is typed, no route of accounts and people fails: it takes it or refuses it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from types import ModuleType
from typing import Any

from fastapi import FastAPI

from community import PASSWORD, MakeMember

GOOD = {
    "handle": "tamsin.reed",
    "email": "tamsin@example.org",
    "password": PASSWORD,
    "current": PASSWORD,
    "birth_date": "1990-05-17",
    "login": "tamsin.reed",
}
TEXTS = ["\0", "a\0b@c.d", "\ud800", "\u202e", "x" * 1999, "x" * 500_000, "😀" * 300, "%s{name}{0}", "' --", "../x", ""]
OTHERS: list[Any] = [None, True, 0, -1, 1e308, [], {}, ["x"], {"x": {"y": []}}]
BODIES = [b"", b"[", b"null", b"[]", b"0", b'"x"', b"\xff\xfe", b"{" * 5000, b'{"handle":' * 500]
PARTS = ["x", "%00", "%ff", "\u202e", "0", "9" * 30, "-1", "..%2f..%2fetc"]


def routes(app: FastAPI) -> list[tuple[str, str, list[str]]]:
    """Method, path and body fields of every route of these two slices, but for the endless stream."""
    described = app.openapi()
    found = []
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            if not {"accounts", "people", "operator"} & set(operation.get("tags", [])) or path == "/api/v1/stream":
                continue
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            name = next((each["$ref"] for each in [schema, *schema.get("anyOf", [])] if "$ref" in each), "/")
            fields = described["components"]["schemas"].get(name.rsplit("/", 1)[1], {}).get("properties", {})
            found.append((method.upper(), path, list(fields)))
    return found


def bodies(fields: list[str]) -> Iterator[bytes]:
    """Bodies with each field wrong in turn and the others as they should be; then bodies that are none."""
    for field in fields:
        for each in TEXTS:
            yield json.dumps({**{name: GOOD.get(name, "") for name in fields}, field: each}).encode()
    for other in OTHERS:
        yield json.dumps(dict.fromkeys(fields, other)).encode()
    yield from BODIES


async def test_no_route_fails_at_what_is_typed(app: FastAPI, member: MakeMember, frozen_clock: ModuleType) -> None:
    known = routes(app)
    assert len(known) >= 29
    for n, (method, path, fields) in enumerate(known):
        someone = await member(f"juno{n}", role="operator")
        for part in PARTS:
            head, _, tail = path.partition("{")
            address = head + part + tail.partition("}")[2] if tail else path
            answer = await someone.client.request(method, address, params={"cursor": part, "state": part, "x": part})
            assert answer.status_code < 500, (method, address, answer.text)
        for body in bodies(fields) if fields else ():
            frozen_clock.advance(timedelta(hours=1))  # or every bucket would soon be empty
            headers = {"content-type": "application/json"}
            answer = await someone.client.request(method, path, content=body, headers=headers)
            assert answer.status_code < 500, (method, path, body[:200], answer.text)
