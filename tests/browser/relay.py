"""A small TLS proxy for tests: one request a connection, its client's address set in X-Forwarded-For."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

DROPPED = (b"x-forwarded-for:", b"connection:")


@contextlib.contextmanager
def relay(port: int, chain: Path, key: Path) -> Iterator[int]:
    """Serve https on a free port of 127.0.0.1 with what answers plain http on ``port``; gives the free port."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(chain, key)
    loop = asyncio.new_event_loop()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError), contextlib.closing(writer):
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[:-2]
            kept = [line for line in lines if not line.lower().startswith(DROPPED)]
            client = writer.get_extra_info("peername")[0].encode()
            head = [first, *kept, b"X-Forwarded-For: " + client, b"Connection: close", b"", b""]
            source, sink = await asyncio.open_connection("127.0.0.1", port)
            with contextlib.closing(sink):
                sink.write(b"\r\n".join(head))
                sending = asyncio.create_task(_pass(reader, sink))
                await _pass(source, writer)
                sending.cancel()

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    starting = asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    server = asyncio.run_coroutine_threadsafe(starting, loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _pass(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while piece := await source.read(1 << 16):
        sink.write(piece)
        await sink.drain()


async def _end(server: asyncio.Server) -> None:
    server.close()
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
