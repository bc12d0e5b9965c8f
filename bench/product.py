"""The product as ``make run`` starts it, for benches: its address, its processes, and a person at its public doors."""

import base64
import contextlib
import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 300
TICKS = os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def running(**settings: str) -> Iterator["Product"]:
    """Start the product over a new data folder, with these settings and where it stands; stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="nonet-bench-") as folder:
        made = Product(Path(folder) / "data", free_port())
        kept = {k: v for k, v in os.environ.items() if not k.startswith("NONET_")}
        own = {"NONET_DATA_DIR": str(made.data_dir), "NONET_PORT": str(made.port)}
        log = Path(folder) / "log"
        with log.open("wb") as out:
            up = subprocess.Popen(
                [ROOT / ".venv" / "bin" / "nonet", "up", "--empty"],
                cwd=ROOT,
                env=kept | settings | own,
                stdout=out,
                stderr=out,
            )
        try:
            made.wait(up, log)
            yield made
        finally:
            up.send_signal(signal.SIGINT)
            up.wait(60)


@dataclass
class Product:
    """A running product."""

    data_dir: Path
    port: int
    pid: int = 0

    def wait(self, up: subprocess.Popen[bytes], log: Path) -> None:
        """Wait until it is ready."""
        self.pid = up.pid
        given_up_at = time.monotonic() + PATIENCE_S
        while True:
            with contextlib.suppress(OSError):
                connection = http.client.HTTPConnection("localhost", self.port, timeout=5)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == http.HTTPStatus.OK:
                    return
            if up.poll() is not None or time.monotonic() > given_up_at:
                sys.exit("The product did not start:\n" + log.read_text()[-3000:])
            time.sleep(0.05)

    def cpu_s(self) -> float:
        """Return the CPU seconds that all its processes have used."""
        return cpu_s(self.pid)


def cpu_s(pid: int) -> float:
    """Return the CPU seconds of a process and everything below it that still runs, by the kernel's ticks."""
    total = 0
    for each in descendants(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{each}/stat").read_text().rsplit(") ", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
    return total / TICKS


def cpu_with_children_s(pid: int) -> float:
    """Return the same with what children that have ended cost, as far as their parents waited for them."""
    total = 0
    for each in descendants(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{each}/stat").read_text().rsplit(") ", 1)[1].split()
            total += sum(int(field) for field in fields[11:15])
    return total / TICKS


def descendants(pid: int) -> list[int]:
    """Return a process and everything below it."""
    found = [pid]
    with contextlib.suppress(OSError):
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                found += descendants(int(child))
    return found


def free_port() -> int:
    """Return a port that is free together with the one after it."""
    while True:
        port = 20_000 + 2 * secrets.randbelow(5_000)
        with socket.socket() as first, socket.socket() as second, contextlib.suppress(OSError):
            first.bind(("127.0.0.1", port))
            second.bind(("127.0.0.1", port + 1))
            return port


@dataclass
class Person:
    """A plainly fictional person with one connection to the API."""

    port: int
    handle: str = field(default_factory=lambda: f"bench{secrets.token_hex(4)}")
    cookie: str = ""

    def __post_init__(self) -> None:
        self.line = http.client.HTTPConnection("localhost", self.port, timeout=PATIENCE_S)
        self.origin = f"http://localhost:{self.port}"

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], Any]:  # noqa: ANN401 - JSON
        """Send a request; return status, headers and the JSON of the answer."""
        told = {"Origin": self.origin, "Cookie": self.cookie, **{k.replace("_", "-"): v for k, v in headers.items()}}
        if body is not None and not isinstance(body, bytes):
            body, told["Content-Type"] = json.dumps(body), "application/json"
        self.line.request(method, path, body, told)
        answer = self.line.getresponse()
        data = answer.read()
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            sys.exit(f"{method} {path}: {answer.status} {data[:500].decode(errors='replace')}")
        if set_cookie := answer.getheader("Set-Cookie"):
            self.cookie = set_cookie.split(";")[0]
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, json.loads(data) if data else None

    def sign_up(self) -> None:
        """Become a member."""
        form = {"handle": self.handle, "email": f"{self.handle}@people.example", "birth_date": "1990-05-17"}
        self.ask("POST", "/api/v1/accounts", {**form, "password": "nine quiet glasses"})

    def begin(self, size: int) -> str:
        """Begin an upload, over a new connection; return its address."""
        self.line.close()
        meta = "filename " + base64.b64encode(b"bench.mp4").decode()
        _, headers, _ = self.ask(
            "POST", "/api/v1/uploads", Upload_Length=str(size), Upload_Metadata=meta, Tus_Resumable="1.0.0"
        )
        return headers["location"]

    def send(self, location: str, data: bytes) -> float:
        """Send a whole file in one request; return the seconds until the answer that says it is safe."""
        began = time.perf_counter()
        _, headers, _ = self.ask(
            "PATCH",
            location,
            data,
            Content_Type="application/offset+octet-stream",
            Upload_Offset="0",
            Tus_Resumable="1.0.0",
        )
        seconds = time.perf_counter() - began
        if int(headers["upload-offset"]) != len(data):
            sys.exit(f"{headers['upload-offset']} of {len(data)} bytes are safe")
        return seconds

    def wait(self, location: str, *states: str) -> dict[str, Any]:
        """Wait until an upload is in one of these states, as an open page does; return its video."""
        for _ in self._news(location):
            self.line.close()  # the server may have let go of a line that was quiet so long
            _, _, video = self.ask("GET", location)
            if video["upload"]["state"] in states:
                return dict(video)
        sys.exit(f"the upload did not become {' or '.join(states)}: {video['upload']}")

    def _news(self, location: str) -> Iterator[None]:
        """Yield once at first, and then whenever the event stream says that the upload is to be read again."""
        line = http.client.HTTPConnection("localhost", self.port, timeout=PATIENCE_S)
        told = f'"upload_id":"{location.rsplit("/", 1)[1]}"'
        given_up_at = time.monotonic() + PATIENCE_S
        with contextlib.closing(line):
            line.request("GET", "/api/v1/stream", headers={"Cookie": self.cookie})
            event = ""
            for raw in line.getresponse():
                name, _, value = raw.decode().strip().partition(": ")
                event = value if name == "event" else event
                if name == "data" and (event == "hello" or (event == "upload" and told in value.replace(" ", ""))):
                    yield
                if time.monotonic() > given_up_at:
                    return
