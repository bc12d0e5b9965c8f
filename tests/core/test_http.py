import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import text
from starlette.types import Scope, Send

from nonet.core import errors, http, server, settings
from nonet.core.db import SessionDep

SAFE_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}


def paths(app: FastAPI) -> list[tuple[str, str]]:
    """Return every method and address of the application, its parameters filled in."""
    found = [("GET", "/"), ("GET", "/signup"), ("GET", "/v/1"), ("GET", "/nothing.js"), ("GET", "/healthz")]
    for path, methods in app.openapi()["paths"].items():
        filled = "/".join("1" if part.startswith("{") else part for part in path.split("/"))
        found += [(method.upper(), filled) for method in methods if path != "/api/v1/stream"]
    return found


async def test_every_route_answers_with_the_headers_that_keep_a_browser_safe(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    for method, path in paths(app):
        answer = await client.request(method, path)
        assert answer.status_code < 500, (method, path, answer.text)
        for name, value in SAFE_HEADERS.items():
            assert answer.headers.get(name) == value, (method, path, name)
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy, (method, path)
        assert "unsafe-inline" not in policy
        assert "unsafe-eval" not in policy
        assert answer.headers["permissions-policy"]
        assert answer.headers["x-request-id"]


async def test_every_unsafe_route_refuses_a_page_of_another_site(app: FastAPI, client: httpx.AsyncClient) -> None:
    foreign = [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": ""},
    ]
    for method, path in paths(app):
        if method in http.SAFE:
            continue
        for headers in foreign:
            answer = await client.request(method, path, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "wrong_origin"), (method, path)


async def test_every_route_refuses_an_unknown_host(app: FastAPI, client: httpx.AsyncClient) -> None:
    for method, path in paths(app):
        answer = await client.request(method, path, headers={"host": "elsewhere.example"})
        if path in http.OPEN_TO_ANY_HOST:
            continue
        assert answer.status_code == 421, (method, path)


async def test_another_name_of_this_machine_leads_to_the_public_origin(client: httpx.AsyncClient) -> None:
    port = settings.load().port
    answer = await client.get("/v/1?from=mail", headers={"host": f"127.0.0.1:{port}"})
    assert (answer.status_code, answer.headers["location"]) == (307, f"{settings.load().origin}/v/1?from=mail")


async def test_a_body_over_a_routes_limit_is_refused_declared_or_not(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 65536

    big = b" " * (http.BODY_BYTES + 1)
    for content in (big, endless()):
        answer = await client.post("/api/v1/session", content=content)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


async def test_forwarded_addresses_count_from_trusted_proxies_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NONET_TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1")
    settings.load.cache_clear()
    seen: list[str] = []

    async def inner(scope: Scope, receive: object, send: object) -> None:
        del receive, send
        seen.append(scope["client"][0])

    guarded = http.Guarded(inner)  # type: ignore[arg-type]
    host = settings.load().origin.split("//")[1].encode()
    for peer, forwarded in (
        ("127.0.0.1", b"203.0.113.7"),
        ("127.0.0.1", b"198.51.100.1, 203.0.113.7, 10.1.1.1"),
        ("203.0.113.9", b"198.51.100.1"),
        ("127.0.0.1", b"not an address"),
    ):
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/",
            "headers": [(b"host", host), (b"x-forwarded-for", forwarded)],
            "client": (peer, 1),
        }
        await guarded(scope, None, None)  # type: ignore[arg-type]
    settings.load.cache_clear()
    assert seen == ["203.0.113.7", "203.0.113.7", "203.0.113.9", "127.0.0.1"]


async def test_a_commit_that_fails_is_answered_with_a_fault_and_never_with_a_success(app: FastAPI) -> None:
    async def doomed(session: SessionDep) -> dict[str, str]:
        await session.execute(
            text("CREATE TEMP TABLE once (n int UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP")
        )
        await session.execute(text("INSERT INTO once VALUES (1), (1)"))
        return {"status": "kept"}

    app.router.routes.insert(0, APIRoute("/api/doomed", doomed, methods=["GET"]))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=settings.load().origin) as client:
        answer = await client.get("/api/doomed")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "server_fault")


async def test_no_two_refusals_share_a_code() -> None:
    with pytest.raises(TypeError):

        class Copy(errors.Refusal):
            code = "not_found"
            sentence = "A copy."


async def test_a_client_that_never_finishes_its_head_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEADER_S", 0.2)
    loop = asyncio.get_running_loop()
    config = server.uvicorn.Config(_hello, http=server.Protocol, lifespan="off", log_config=None, ws="none")
    config.load()
    state = server.uvicorn.server.ServerState()
    listening = await loop.create_server(lambda: server.Protocol(config, state, {}), "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    for head in (b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n", b"GET /" + b"a" * 2 * server.HEADER_BYTES):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        async with asyncio.timeout(10):
            assert b"200 OK" not in await reader.read()
        writer.close()
    listening.close()


async def _hello(scope: object, receive: object, send: Send) -> None:
    del scope, receive
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps("hello").encode()})
