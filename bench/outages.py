"""What may happen to a running product: processes killed or frozen, connections cut, its S3 gone, frozen or slow.

Each outage is a context: inside it lasts, and at its end everything outside the product is as it was.
"""

import asyncio
import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Literal

import asyncpg
from bench import product

from nonet.core import postgres

ROLES = ("api", "media", "worker", "postgres")
SLOW_S = 0.3
Mode = Literal["open", "gone", "frozen", "slow"]


class Relay:
    """A TCP relay before the S3 server, on a thread of its own: it passes, refuses, holds or delays what it is sent."""

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


class Outages:
    """Draws one outage after the other, by a seed."""

    def __init__(self, running: product.Product, relay: Relay, seed: int) -> None:
        self.running = running
        self.relay = relay
        self.dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.kinds: tuple[tuple[str, int, Callable[[], contextlib.AbstractContextManager[None]]], ...] = (
            *((f"kill {role}", 3, lambda role=role: self._kill(role)) for role in ROLES),
            *((f"freeze {role}", 1, lambda role=role: self._freeze(role)) for role in ROLES),
            ("cut connections", 2, self._cut),
            ("s3 gone", 2, lambda: self._storage("gone")),
            ("s3 frozen", 1, lambda: self._storage("frozen")),
            ("s3 slow", 1, lambda: self._storage("slow")),
        )

    def draw(self) -> tuple[str, contextlib.AbstractContextManager[None]]:
        """Return the next outage by its name."""
        name, _, make = self.dice.choices(self.kinds, [weight for _, weight, _ in self.kinds])[0]
        return name, make()

    def pid(self, role: str) -> int:
        """Return the process of a role; 0 while there is none."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            if role == "postgres":
                return int((self.running.data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
            return int((self.running.data_dir / "run" / f"{role}.lock").read_text() or 0)
        return 0

    @contextlib.contextmanager
    def _kill(self, role: str) -> Iterator[None]:
        if pid := self.pid(role):  # 0 while it is being started, and a signal to 0 would end us
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        yield

    @contextlib.contextmanager
    def _freeze(self, role: str) -> Iterator[None]:
        frozen = [pid for pid in product.descendants(self.pid(role) or 1 << 22) if pid != 1 << 22]
        for order in (signal.SIGSTOP, signal.SIGCONT):
            for pid in frozen:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, order)
            if order == signal.SIGSTOP:
                time.sleep(self.dice.uniform(0.5, 4))
        yield

    @contextlib.contextmanager
    def _cut(self) -> Iterator[None]:
        async def cut() -> None:
            connection = await asyncpg.connect(postgres.url(self.running.data_dir), timeout=10)
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND application_name LIKE 'nonet%'"
            )
            await connection.close()

        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            asyncio.run(cut())
        yield

    @contextlib.contextmanager
    def _storage(self, mode: Mode) -> Iterator[None]:
        self.relay.turn(mode)
        try:
            time.sleep(self.dice.uniform(1, 4))
        finally:
            self.relay.turn("open")
        yield
