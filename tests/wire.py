"""A TCP relay before another server, of S3 for one: it passes, refuses, holds or delays what is sent."""

import asyncio
import contextlib
import threading
from typing import Literal

SLOW_S = 0.3
Mode = Literal["open", "gone", "frozen", "slow"]


class Wire:
    """A relay to a port of this machine, on a thread of its own; ``port`` is its own."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.mode: Mode = "open"
        self.loop = asyncio.new_event_loop()
        self.lines: set[asyncio.StreamWriter] = set()
        self.thawed = asyncio.Event()
        self.thawed.set()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        starting = asyncio.start_server(self._line, "127.0.0.1", 0)
        self.port: int = asyncio.run_coroutine_threadsafe(starting, self.loop).result(10).sockets[0].getsockname()[1]

    def turn(self, mode: Mode) -> None:
        """Be so from now on; ``gone`` also cuts what is open."""
        self.mode = mode
        self.loop.call_soon_threadsafe(self.thawed.clear if mode == "frozen" else self.thawed.set)
        if mode == "gone":
            self.loop.call_soon_threadsafe(self._cut)

    def _cut(self) -> None:
        for line in self.lines:
            line.transport.abort()

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == "gone":
            writer.transport.abort()
            return
        with contextlib.suppress(OSError):
            source, sink = await asyncio.open_connection("127.0.0.1", self.target)
            self.lines |= {writer, sink}
            await asyncio.gather(self._pass(reader, sink), self._pass(source, writer), return_exceptions=True)
            self.lines -= {writer, sink}
            for each in (writer, sink):
                each.close()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while piece := await source.read(1 << 16):
            await self.thawed.wait()
            if self.mode == "slow":
                await asyncio.sleep(SLOW_S)
            sink.write(piece)
            await sink.drain()
        sink.write_eof()
