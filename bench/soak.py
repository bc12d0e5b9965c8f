"""An hour of mixed load at about a tenth of what the machine can do: memory, connections, answers.

*rss_growth_mb_per_h* is the slope, by least squares, of the proportional memory of the product's own processes after a
warm-up of a fifth of the time; PostgreSQL's is told apart, because its share grows until its buffers
have been touched once. *errors* are answers of 400 and more, broken streams, and uploads that did not become whole.
BENCH_HOURS sets another length; ``make bench`` without a part leaves this one out.
"""

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench import mix, product
from rich.progress import Progress

from nonet.media import tools

HOURS = float(os.environ.get("BENCH_HOURS", "1"))
PEOPLE = 30
PAUSE_S = 2.0
UPLOAD_EVERY_S = 60
SAMPLE_EVERY_S = 10
WARM_UP = 0.2
ROLES = ("supervisor", "api", "media", "worker", "postgres")


@dataclass
class Samples:
    """What each role held at each moment: proportional memory, open files, connections, processes."""

    at_s: list[float] = field(default_factory=list)
    memory_mb: dict[str, list[float]] = field(default_factory=lambda: {role: [] for role in ROLES})
    files: dict[str, list[int]] = field(default_factory=lambda: {role: [] for role in ROLES})
    backends: list[int] = field(default_factory=list)

    def take(self, running: product.Product, at_s: float) -> None:
        """Look at every process once."""
        memory, files, backends = dict.fromkeys(ROLES, 0.0), dict.fromkeys(ROLES, 0), 0
        for pid in product.descendants(running.pid):
            with contextlib.suppress(OSError, StopIteration):
                role = _role(pid, running.pid)
                if role is None:
                    continue
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                memory[role] += int(next(x for x in rollup if x.startswith("Pss:")).split()[1]) / 1024
                files[role] += len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - names are not needed as paths
                backends += role == "postgres"
        self.at_s.append(at_s)
        self.backends.append(backends)
        for role in ROLES:
            self.memory_mb[role].append(round(memory[role], 2))
            self.files[role].append(files[role])

    def settled(self) -> slice:
        """Return the samples after the warm-up."""
        return slice(int(len(self.at_s) * WARM_UP), None)

    def growth(self, *roles: str) -> float:
        """Return the slope of what some roles hold together, in MB an hour."""
        part = self.settled()
        held = [sum(self.memory_mb[role][n] for role in roles) for n in range(len(self.at_s))][part]
        hours = [at / 3600 for at in self.at_s[part]]
        return statistics.linear_regression(hours, held).slope if len(held) > 1 else 0.0


def _role(pid: int, supervisor: int) -> str | None:
    """Return which role a process is; None for a child that does one piece of work."""
    if pid == supervisor:
        return "supervisor"
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    if b"nonet.role" in words:
        return words[words.index(b"nonet.role") + 1].decode()
    return "postgres" if words[0].startswith(b"postgres:") or words[0].endswith(b"/postgres") else None


def main() -> None:
    """Measure, print a table and one JSON line."""
    clip = _clip()
    with product.running() as running:
        said, samples, cpu = asyncio.run(_soak(running, clip))
    part = samples.settled()
    own = [role for role in ROLES if role != "postgres"]
    for role in ROLES:
        memory, files = samples.memory_mb[role][part], samples.files[role][part]
        print(
            f"{role:10} {memory[0]:7.1f} → {memory[-1]:7.1f} MB, {samples.growth(role):+7.2f} MB/h;"
            f" open files {files[0]} → {files[-1]}, at most {max(files)}"
        )
    print(f"{sum(said.asked.values())} requests, {said.events} events, {said.uploads} uploads whole; CPU {cpu:.1%}")
    for example in said.examples:
        print(example)
    quantiles = statistics.quantiles(said.took_ms, n=100)
    result = {
        "part": "soak",
        "hours": round(samples.at_s[-1] / 3600, 3),
        "rss_growth_mb_per_h": round(samples.growth(*own), 3),
        "errors": said.wrong.total(),
        "errors_by_kind": said.wrong,
        "growth_mb_per_h_by_role": {role: round(samples.growth(role), 3) for role in ROLES},
        "memory_mb_first_last": _ends(samples.memory_mb, part),
        "open_files_first_last": _ends(samples.files, part),
        "backends_first_last": [samples.backends[part][0], samples.backends[-1]],
        "requests": sum(said.asked.values()),
        "requests_by_kind": said.asked,
        "events": said.events,
        "uploads": said.uploads,
        "p50_ms": round(quantiles[49], 1),
        "p99_ms": round(quantiles[98], 1),
        "cpu_share": round(cpu, 4),
        "people": PEOPLE,
        "samples": len(samples.at_s),
        "warm_up": WARM_UP,
        "cores": os.cpu_count(),
        "settings": {"NONET_PORT": "a free one"},
    }
    print(json.dumps(result))


def _ends(values: "dict[str, list[float]] | dict[str, list[int]]", part: slice) -> dict[str, list[float]]:
    return {role: [each[part][0], each[-1]] for role, each in values.items()}


async def _soak(running: product.Product, clip: bytes) -> tuple[mix.Said, Samples, float]:
    """Let people use the product; return what they were told, what was held, and the CPU used over what there is."""
    said, samples = mix.Said(), Samples()
    people = [mix.Person(f"http://localhost:{running.port}", n, said, PAUSE_S) for n in range(PEOPLE)]
    for person in people:
        await person.sign_up()
    await people[0].upload(clip)
    began, used = time.monotonic(), product.cpu_with_children_s(running.pid)
    tasks = [asyncio.create_task(each) for person in people for each in (person.listen(), person.watch(people))]
    tasks.append(asyncio.create_task(_uploads(people, clip)))
    await _sampled(running, samples, lambda: time.monotonic() - began)
    for task in tasks:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    for each in ended:
        if isinstance(each, Exception):
            said.fault("bench", repr(each))
    cores = os.cpu_count() or 1
    share = (product.cpu_with_children_s(running.pid) - used) / (time.monotonic() - began) / cores
    for person in people:
        await person.line.aclose()
    return said, samples, share


async def _sampled(running: product.Product, samples: Samples, at_s: Callable[[], float]) -> None:
    """Look at the processes now and then until the time is over; a terminal is shown a bar."""
    with Progress(disable=not sys.stdout.isatty()) as progress:
        bar = progress.add_task("soak", total=HOURS * 3600)
        while at_s() < HOURS * 3600:
            await asyncio.sleep(min(SAMPLE_EVERY_S, HOURS * 3600 / 10))
            await asyncio.to_thread(samples.take, running, at_s())
            progress.update(bar, completed=at_s())


async def _uploads(people: list[mix.Person], clip: bytes) -> None:
    """Let one person after the other upload."""
    while True:
        for person in people:
            began = time.monotonic()
            await person.upload(clip)
            await asyncio.sleep(max(0.0, UPLOAD_EVERY_S - (time.monotonic() - began)))


def _clip() -> bytes:
    """Make a clip of four seconds."""
    picture, tone = "testsrc2=size=540x960:rate=30:duration=4", "sine=frequency=330:sample_rate=48000:duration=4"
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "clip.mp4"
        command = [tools.ffmpeg(), "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi"]
        coded = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2"]
        subprocess.run([*command, "-i", tone, *coded, "-movflags", "+faststart", made], check=True)
        return made.read_bytes()
