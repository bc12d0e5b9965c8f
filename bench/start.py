"""What starting costs: ``make run`` in a fresh clone, again with everything there, and the memory of a product at rest.

The first start downloads what the caches of pip and npm don't hold, and fills the empty database with the demo;
``first_clip_s`` is the time from the product's first page until a clip of it plays. Memory is proportional (PSS,
Linux): pages that processes share are counted once, divided among them.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from bench import product

ROOT = Path(__file__).resolve().parent.parent
IDLE_S = 20
SECOND_STARTS = 3
GIVEN_UP_S = 1200


class Run:
    """One ``make run`` in a clone, from the command to the first page."""

    def __init__(self, clone: Path, port: int) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("NONET_", "VIRTUAL_ENV", "MAKE", "MFLAGS"))}
        began = time.monotonic()
        self.log = (clone.parent / "make-run.log").open("a+b")
        self.make = subprocess.Popen(
            ["make", "run"],  # noqa: S607 - as a person types it
            cwd=clone,
            env=kept | {"NONET_PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        while not _page(port):
            if self.make.poll() is not None or time.monotonic() - began > GIVEN_UP_S:
                self.log.seek(0)
                sys.exit("make run did not come up:\n" + self.log.read().decode(errors="replace")[-4000:])
            time.sleep(0.05)
        self.seconds = time.monotonic() - began
        self.port = port

    def first_clip_s(self) -> float:
        """Wait until a visitor's feed holds a clip whose bytes come; return the seconds since the first page."""
        began = time.monotonic()
        while not _clip(self.port):
            if self.make.poll() is not None or time.monotonic() - began > GIVEN_UP_S:
                sys.exit("no clip of the demo played")
            time.sleep(0.1)
        return time.monotonic() - began

    def filled(self) -> None:
        """Wait until the demo is whole, so that the next starts are at rest."""
        began = time.monotonic()
        while any(b"nonet.demo" in _command(pid) for pid in product.descendants(self.make.pid)):
            if time.monotonic() - began > GIVEN_UP_S:
                sys.exit("the demo did not become whole")
            time.sleep(0.5)

    def memory_kb(self) -> dict[str, int]:
        """Return the proportional memory of every process of the product, by name."""
        found: dict[str, int] = {}
        for pid in product.descendants(self.make.pid):
            with contextlib.suppress(OSError):
                name = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                pss = next(
                    x for x in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines() if x.startswith("Pss:")
                )
                found[f"{pid} {_short(name)}"] = int(pss.split()[1])
        return found

    def stop(self) -> float:
        """Press Ctrl-C and return the seconds until nothing is left."""
        began = time.monotonic()
        os.killpg(self.make.pid, signal.SIGINT)
        self.make.wait(60)
        return time.monotonic() - began


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _short(command: str) -> str:
    if command.startswith("postgres:") or "/postgres " in command:
        return command if command.startswith("postgres:") else "postgres"
    return command.rsplit(" -m ", maxsplit=1)[-1] if " -m " in command else Path(command.split(" ", maxsplit=1)[0]).name


def _page(port: int) -> bool:
    """Tell whether the web app's first page is served and the product says that it is ready."""
    try:
        for path in ("/readyz", "/"):
            with urllib.request.urlopen(f"http://localhost:{port}{path}", timeout=5) as answer:
                if answer.status != 200 or b"not built" in answer.read():
                    return False
    except OSError:
        return False
    return True


def _clip(port: int) -> bool:
    """Tell whether the feed shows a clip and its first bytes are those of an MP4."""
    origin = f"http://localhost:{port}"
    told = {"Content-Type": "application/json", "Origin": origin}
    asked = urllib.request.Request(f"{origin}/api/v1/feed", b'{"kind": "for_you"}', told)  # noqa: S310 - http
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:  # noqa: S310 - http
            items = json.load(answer)["items"]
        if not items:
            return False
        with urllib.request.urlopen(items[0]["mp4_url"], timeout=5) as answer:  # noqa: S310 - http
            return bool(answer.read(12)[4:8] == b"ftyp")
    except OSError:
        return False


def main() -> None:
    """Measure and print; the last line is JSON."""
    with tempfile.TemporaryDirectory(prefix="nonet-bench-") as folder:
        clone = Path(folder) / "nonet"
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, clone], check=True)  # noqa: S607
        port = product.free_port()
        first = Run(clone, port)
        first_clip_s = first.first_clip_s()
        first.filled()
        stops = [first.stop()]
        seconds = []
        for last in range(SECOND_STARTS):
            again = Run(clone, port)
            seconds.append(again.seconds)
            if last == SECOND_STARTS - 1:
                time.sleep(IDLE_S)
                memory = again.memory_kb()
            stops.append(again.stop())
    for name, kb in sorted(memory.items(), key=lambda item: -item[1]):
        print(f"{kb / 1024:8.1f} MB  {name}")
    print(f"{sum(memory.values()) / 1024:8.1f} MB  in {len(memory)} processes, {IDLE_S} s after the start (goal 400)")
    print(f"{first.seconds:8.1f} s   first start: environment, packages, web app, database")
    print(f"{first_clip_s:8.1f} s   from there until the first clip of the demo plays (goal 60)")
    print(f"{sorted(seconds)[len(seconds) // 2]:8.1f} s   next starts, the middle of {SECOND_STARTS} (goal 8)")
    print(f"{max(stops):8.1f} s   slowest stop of {len(stops)}")
    result = {
        "part": "start",
        "first_s": round(first.seconds, 2),
        "second_s": round(sorted(seconds)[len(seconds) // 2], 2),
        "first_clip_s": round(first_clip_s, 2),
        "mem_idle_mb": round(sum(memory.values()) / 1024, 1),
        "second_all_s": [round(each, 2) for each in seconds],
        "stop_all_s": [round(each, 2) for each in stops],
        "processes": len(memory),
        "mem_kb": memory,
        "idle_s": IDLE_S,
        "cores": os.cpu_count(),
        "settings": {"NONET_PORT": "a free one"},
    }
    print(json.dumps(result))
