"""The whole product, started as a person starts it, on free ports and a data folder of its own."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import ssl

LONGEST_S = 60.0


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait until something is so; fail when it takes a minute."""
    given_up_at = time.monotonic() + LONGEST_S
    while not condition():
        assert time.monotonic() < given_up_at, f"waited {LONGEST_S:.0f} s for {what}"
        time.sleep(0.05)


def free_ports() -> int:
    """Return a port that is free together with the one after it; even, so that no two products want one port."""
    while True:
        port = 20_000 + 2 * secrets.randbelow(5_000)  # below the range that the kernel gives away
        with socket.socket() as first, socket.socket() as second, contextlib.suppress(OSError):
            first.bind(("127.0.0.1", port))
            second.bind(("127.0.0.1", port + 1))
            return port


def _read_on(pipe: IO[str]) -> None:
    with pipe:
        for _line in pipe:
            pass


class Product:
    """One ``nonet up`` at a time over one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.port = free_ports()
        self.up: subprocess.Popen[str] | None = None
        self.tls: ssl.SSLContext | None = None
        self.program = (sys.executable, "-m", "nonet")
        self.said = ""

    @property
    def address(self) -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}"

    def environment(self, **environment: str) -> dict[str, str]:
        """Return what a command for this product is told."""
        own = {"NONET_DATA_DIR": str(self.data_dir), "NONET_PORT": str(self.port), "NONET_DEMO": "none"}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("NONET_")}
        return kept | own | environment

    def command(self, *options: str, **environment: str) -> subprocess.Popen[str]:
        """Start ``nonet up`` without waiting for it."""
        return subprocess.Popen(
            [*self.program, "up", *options],
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start(self, *options: str, **environment: str) -> None:
        """Start the product and wait until it says where it is."""
        self.up = self.command(*options, **environment)
        assert self.up.stdout is not None
        self.said = ""
        for line in self.up.stdout:
            self.said += line
            if "Ctrl-C stops it" in line:
                # What it says later is read too: a full pipe would hold it up.
                threading.Thread(target=_read_on, args=(self.up.stdout,), daemon=True).start()
                return
        pytest.fail("it did not start: " + self.said)

    def signal(self, order: int) -> None:
        assert self.up is not None
        self.up.send_signal(order)

    def end(self) -> int:
        """Wait for the end of what was told to stop; return its exit code."""
        assert self.up is not None
        code = self.up.wait(LONGEST_S)
        self.up = None
        return code

    def stop(self) -> int:
        self.signal(signal.SIGTERM)
        return self.end()

    def status(self, path: str) -> int:
        """Return the status of a GET; 0 when nobody answers."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=10, context=self.tls) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def ready(self) -> bool:
        return self.status("/readyz") == 200

    def pid(self, name: str) -> int:
        """Return the process of a role, of the supervisor (``up``) or of PostgreSQL (``postgres``)."""
        if name == "postgres":
            return int((self.data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
        text = (self.data_dir / "run" / f"{name}.lock").read_text()
        return int(json.loads(text)["pid"] if name == "up" else text or 0)

    def processes(self) -> dict[int, str]:
        """Return every process that works for this data folder: it stands in it, or was told of it."""
        found = {}
        told = f"NONET_DATA_DIR={self.data_dir}\0".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                stands = (process / "cwd").readlink().is_relative_to(self.data_dir)
                if stands or told in (process / "environ").read_bytes():
                    found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found
