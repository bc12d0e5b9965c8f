"""What a page of For You costs, beside a floor that only checks the session, reads the same cards and answers the same.

Each page is another person's, with 300 watches behind them, and nothing of a page is kept for another. CPU is that of
the API process and of every process of PostgreSQL, by the kernel's ticks.
"""

import asyncio
import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import crowd
from bench.product import PATIENCE_S, ROOT, cpu_s, free_port

from nonet import schema
from nonet.core import initdb, postgres, postmaster

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "5000"))
VIDEOS = (10_000, 100_000)
WARM = 300


@dataclass
class Cost:
    """What pages cost: CPU of the API and of PostgreSQL in ms a page, how long each took, statements each at most."""

    api_ms: float
    postgres_ms: float
    p50_ms: float
    p99_ms: float
    statements: int

    @property
    def cpu_ms(self) -> float:
        """CPU of both."""
        return self.api_ms + self.postgres_ms


def main() -> None:
    """Measure, print a table and one JSON line."""
    found = {videos: _measure(videos) for videos in VIDEOS}
    for videos, (page, floor) in found.items():
        for name, cost in (("page", page), ("floor", floor)):
            print(
                f"{videos:7} videos  {name:5} {cost.cpu_ms:6.2f} ms CPU (API {cost.api_ms:.2f}, PostgreSQL"
                f" {cost.postgres_ms:.2f})  p50 {cost.p50_ms:.2f} ms  p99 {cost.p99_ms:.2f} ms"
                f"  {cost.statements} statements"
            )
    (page, floor), (large, large_floor) = found[VIDEOS[0]], found[VIDEOS[1]]
    result = {
        "part": "feed",
        "cpu_ratio": round(max(page.cpu_ms / floor.cpu_ms, large.cpu_ms / large_floor.cpu_ms), 2),
        "page_cpu_ms": round(max(page.cpu_ms, large.cpu_ms), 3),
        "floor_cpu_ms": round(floor.cpu_ms, 3),
        "p99_ms": round(max(page.p99_ms, large.p99_ms), 2),
        "growth_100k": round(large.cpu_ms / page.cpu_ms, 3),
        "queries": max(page.statements, large.statements),
        "people": PEOPLE,
        "pages": 2 * PEOPLE,
        "page_cpu_ms_10k": round(page.cpu_ms, 3),
        "page_cpu_ms_100k": round(large.cpu_ms, 3),
        "floor_cpu_ms_100k": round(large_floor.cpu_ms, 3),
        "cores": os.cpu_count(),
    }
    print(json.dumps(result))


def _measure(videos: int) -> tuple[Cost, Cost]:
    with _database() as (url, data, server_pid):
        made = asyncio.run(crowd.make(url, PEOPLE, videos))
        with _api(url, data) as (port, pid):
            people = list(range(len(made.people)))
            answers: dict[int, bytes] = {}
            _pages(port, people[-WARM:], {})
            page = _cost(port, pid, server_pid, "/api/v1/feed", lambda: _pages(port, people, answers))
            asked = {n: _floor_question(answer) for n, answer in answers.items()}
            _floor(port, dict(list(asked.items())[-WARM:]), answers)
            floor = _cost(port, pid, server_pid, crowd.FLOOR, lambda: _floor(port, asked, answers))
    return page, floor


def _cost(port: int, api: int, server: int, path: str, run: Any) -> Cost:  # noqa: ANN401 - a callable
    _ask(http.client.HTTPConnection("localhost", port), "GET", "/bench/statements", None, "")
    before = cpu_s(api), cpu_s(server)
    took = sorted(run())
    after = cpu_s(api), cpu_s(server)
    told = json.loads(_ask(http.client.HTTPConnection("localhost", port), "GET", "/bench/statements", None, ""))
    return Cost(
        api_ms=(after[0] - before[0]) * 1000 / len(took),
        postgres_ms=(after[1] - before[1]) * 1000 / len(took),
        p50_ms=took[len(took) // 2],
        p99_ms=took[int(len(took) * 0.99)],
        statements=round(told[path][1]) if told[path][0] - told[path][1] < 0.5 else told[path][0],
    )


def _pages(port: int, people: list[int], answers: dict[int, bytes]) -> list[float]:
    """Ask for the first page of each person on one connection; return how long each took, in ms."""
    line, took = http.client.HTTPConnection("localhost", port, timeout=PATIENCE_S), []
    for number in people:
        began = time.perf_counter()
        answers[number] = _ask(line, "POST", "/api/v1/feed", b'{"kind":"for_you"}', crowd.token(number))
        took.append((time.perf_counter() - began) * 1000)
    return took


def _floor_question(answer: bytes) -> bytes:
    page = json.loads(answer)
    items = page.pop("items")
    if len(items) != 6:
        sys.exit(f"a page of {len(items)} videos")
    asked = {"ids": [each["id"] for each in items], "reasons": [each["reason"] for each in items], "rest": page}
    return json.dumps(asked).encode()


def _floor(port: int, asked: dict[int, bytes], answers: dict[int, bytes]) -> list[float]:
    """Ask the floor for the very same pages; return how long each took, in ms."""
    line, took = http.client.HTTPConnection("localhost", port, timeout=PATIENCE_S), []
    for number, question in asked.items():
        began = time.perf_counter()
        answer = _ask(line, "POST", crowd.FLOOR, question, crowd.token(number))
        took.append((time.perf_counter() - began) * 1000)
        if answer != answers[number]:
            sys.exit(f"the floor answers otherwise:\n{answer!r}\n{answers[number]!r}")
    return took


def _ask(line: http.client.HTTPConnection, method: str, path: str, body: bytes | None, token: str) -> bytes:
    headers = {"Origin": f"http://localhost:{line.port}", "Cookie": f"nonet={token}"}
    line.request(method, path, body, headers)
    answer = line.getresponse()
    data = answer.read()
    if answer.status != http.HTTPStatus.OK:
        sys.exit(f"{path}: {answer.status} {data[:500]!r}")
    return data


@contextlib.contextmanager
def _database() -> Iterator[tuple[str, Path, int]]:
    """Start the embedded database as the product does, over a new folder."""
    with tempfile.TemporaryDirectory(prefix="nonet-bench-") as folder:
        data = Path(folder) / "data"
        data.mkdir(mode=0o711)
        os.environ["NONET_DATA_DIR"] = str(data)
        cluster = initdb.open_cluster(data)
        running = postmaster.Server(cluster)
        try:
            running.start_and_wait(time.sleep)
            url = postgres.url(data)
            schema.migrate(url)
            yield url, data, int((cluster.folder / "postmaster.pid").read_text().split()[0])
        finally:
            running.stop(time.monotonic() + 20)


@contextlib.contextmanager
def _api(url: str, data: Path) -> Iterator[tuple[int, int]]:
    port = free_port()
    kept = {k: v for k, v in os.environ.items() if not k.startswith("NONET_")}
    own = {"NONET_DATABASE_URL": url, "NONET_DATA_DIR": str(data), "NONET_PORT": str(port), "PYTHONPATH": str(ROOT)}
    with (data.parent / "api.log").open("wb") as log:
        run = subprocess.Popen(
            [sys.executable, "-m", "bench.feed_app"], cwd=ROOT, env=kept | own, stdout=log, stderr=log
        )
    try:
        given_up_at = time.monotonic() + PATIENCE_S
        while True:
            with contextlib.suppress(OSError):
                _ask(http.client.HTTPConnection("localhost", port), "GET", "/readyz", None, "")
                break
            if run.poll() is not None or time.monotonic() > given_up_at:
                sys.exit((data.parent / "api.log").read_text()[-3000:])
            time.sleep(0.05)
        yield port, run.pid
    finally:
        run.send_signal(signal.SIGTERM)
        run.wait(30)
