"""The connection below the application: who is answered, who is waited for, and who is cut."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import uvicorn

from nonet.core import http, server

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

BODY = 24 << 20


async def says_yes(scope: "Scope", receive: "Receive", send: "Send") -> None:
    """Answer without a look at the body."""
    _ = scope, receive
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]})
    await send({"type": "http.response.body", "body": b"yes"})


@dataclass
class Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def send_for_ever(self) -> None:
        while True:
            await self.send(bytes(1 << 16))

    async def head(self) -> str:
        """Read one answer; return its status line."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        length = next(line for line in head.lower().split("\r\n") if line.startswith("content-length"))
        await self.reader.readexactly(int(length.split(":")[1]))
        return head.split("\r\n")[0]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """Connect to an application that takes bodies up to a mebibyte, as the product listens."""
    bounded = http.Bounded(says_yes, larger={})
    config = uvicorn.Config(http.Observed(bounded), http=server.Protocol, lifespan="off", log_config=None)
    config.load()
    state = uvicorn.server.ServerState()
    serving = await asyncio.get_running_loop().create_server(
        lambda: server.Protocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    reader, writer = await asyncio.open_connection(*serving.sockets[0].getsockname())
    try:
        async with asyncio.timeout(20):
            yield Client(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        serving.close()


def post(length: int) -> bytes:
    return f"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n".encode()


async def test_who_is_refused_in_the_middle_of_a_body_reads_why(client: Client) -> None:
    await client.send(post(BODY))
    for _ in range(BODY >> 20):
        await client.send(bytes(1 << 20))
    assert await client.head() == "HTTP/1.1 413 Request Entity Too Large"
    await client.send(post(2) + b"ok")
    assert await client.head() == "HTTP/1.1 200 OK"


async def test_a_body_without_end_that_nobody_reads_is_cut(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LINGER_S", 0.2)
    await client.send(post(1 << 40))
    assert (await client.head()).startswith("HTTP/1.1 413")
    with pytest.raises(ConnectionError):
        await client.send_for_ever()


async def test_a_head_that_never_ends_is_cut(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEADER_S", 0.2)
    await client.send(post(2) + b"ok")
    assert await client.head() == "HTTP/1.1 200 OK"
    await client.send(b"GET / HTTP/1.1\r\n")
    assert await client.reader.read() == b""


async def test_several_requests_pass_over_one_connection(client: Client) -> None:
    await client.send((post(2) + b"ok") * 3)
    assert [await client.head() for _ in range(3)] == ["HTTP/1.1 200 OK"] * 3
