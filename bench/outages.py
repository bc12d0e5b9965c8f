"""What may happen: processes killed or frozen, connections cut, the S3 server gone, frozen or slow, the disk full.

Each outage is a context: inside it lasts, and at its end everything outside the product is as it was.
"""

import asyncio
import contextlib
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
from bench import product

from nonet.core import postgres

sys.path += [str(Path(__file__).parent.parent / "tests" / part) for part in (".", "product")]
import small_disk

from wire import Mode, Wire

DISK_MB = 600 if small_disk.possible() else 0
"""The disk the product has; without privilege or namespaces it has the machine's, which is not filled."""
ROLES = ("api", "media", "worker", "postgres")


class Outages:
    """Draws one outage after the other, by a seed."""

    def __init__(self, running: product.Product, relay: Wire, seed: int) -> None:
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
            *([("disk full", 2, self._full)] if DISK_MB else []),
        )

    @staticmethod
    def disk(folder: Path) -> None:
        """Give this process, which becomes the product, a small disk at its data folder."""
        folder.mkdir()
        small_disk._mount(folder, DISK_MB)  # noqa: SLF001

    def draw(self) -> tuple[str, contextlib.AbstractContextManager[None]]:
        """Return the next outage by its name."""
        name, _, make = self.dice.choices(self.kinds, [weight for _, weight, _ in self.kinds])[0]
        return name, make()

    def pid(self, role: str) -> int:
        """Return the process of a role; 0 while there is none."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            if role == "postgres":
                return int((self.running.inside / "postgres" / "postmaster.pid").read_text().split()[0])
            return int((self.running.inside / "run" / f"{role}.lock").read_text() or 0)
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
            connection = await asyncpg.connect(postgres.url(self.running.inside), timeout=10)
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND application_name LIKE 'nonet%'"
            )
            await connection.close()

        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            asyncio.run(cut())
        yield

    @contextlib.contextmanager
    def _full(self) -> Iterator[None]:
        """Take all that is free of the product's disk, spool and database and logs, for some seconds."""
        filling = self.running.inside / "filling"
        until = time.monotonic() + self.dice.uniform(1, 4)
        with filling.open("wb") as file:
            while time.monotonic() < until:
                free = shutil.disk_usage(self.running.inside).free
                with contextlib.suppress(OSError):  # the product took some meanwhile
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), max(1, free))
                time.sleep(0.05)
        filling.unlink()
        yield

    @contextlib.contextmanager
    def _storage(self, mode: Mode) -> Iterator[None]:
        self.relay.turn(mode)
        try:
            time.sleep(self.dice.choice((1, 2, 4, 12)))
        finally:
            self.relay.turn("open")
        yield
