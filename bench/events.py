"""What taking in events costs: through HTTP with everything on, beside COPY of the same rows, and after a kill.

- *per second*, *ack p99*: events of fresh ids in batches of 20 over 64 connections, each batch of a signed-in person;
  an event is counted when its answer has come, which is after the commit. The generator runs on the same cores.
- *copy ratio*: that rate over the rate of COPY of the same rows, a thousand in a transaction, one connection, into a
  table with the same columns, partitions and index. In turns, so that both see the same machine.
- *lost*, *doubled*: the API is killed while events come in; what was acknowledged is looked for in the log, and the
  counters, histories and views are compared with what the log says they should be.
"""

import asyncio
import contextlib
import json
import os
import random
import secrets
import signal
import statistics
import sys
import time
from collections import deque
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from bench import product, watchers

from nonet.accounts import links
from nonet.core import clock, ids, postgres
from nonet.signals import moments

PEOPLE = 500
VIDEOS = 2_000
DURATION_MS = 12_000
CONNECTIONS = 64
ROUNDS = 8
EVENTS_A_ROUND = 60_000
KILL_EVENTS = 60_000
COPY_BATCH = 1_000

COLUMNS = ("day", "id", "viewer", "kind", "video_id", "request_id", "position", "counted", "value", "at")


def main() -> None:
    """Measure and print; the last line is JSON."""
    with product.running() as running:
        for name in [name for name in os.environ if name.startswith("NONET_")]:
            del os.environ[name]
        # Before the first look at the settings: the bench signs tickets with the product's own key.
        os.environ["NONET_DATA_DIR"] = str(running.data_dir)
        run = asyncio.run
        with contextlib.suppress(ImportError):
            import uvloop  # noqa: PLC0415 - not there on every platform

            run = uvloop.run
        result = run(_measure(running))
    print(json.dumps({"part": "events"} | result))


async def _measure(running: product.Product) -> dict[str, Any]:
    connection = await asyncpg.connect(postgres.url(running.data_dir))
    people, videos = await _people(connection), await _videos(connection)
    rounds: list[dict[str, float]] = []
    acknowledged: list[Any] = []
    await _round(running, people, videos, EVENTS_A_ROUND // 3)
    for _ in range(ROUNDS):
        measured, batches = await _round(running, people, videos, EVENTS_A_ROUND)
        acknowledged += batches
        measured["copy"] = await _copy(connection, len(batches) * 20)
        rounds.append(measured)
        print(
            f"{measured['rate']:8.0f} events/s, p99 {measured['p99_ms']:.0f} ms; COPY {measured['copy']:.0f} rows/s;"
            f" CPU of the product {measured['cpu_us']:.0f} us an event, of the generator {measured['own_us']:.0f}"
        )
    batches, again = await _kill(running, people, videos)
    acknowledged += batches
    lost = await _lost(connection, acknowledged)
    wrong = await _wrong(connection)
    print(f"{len(acknowledged) * 20} events acknowledged, {again} batches sent again, {lost} lost; {wrong}")
    rate = sum(each["rate"] for each in rounds) / ROUNDS
    return {
        "per_second": round(rate),
        "ack_p99_ms": round(statistics.median(each["p99_ms"] for each in rounds), 1),
        "ack_p50_ms": round(statistics.median(each["p50_ms"] for each in rounds), 1),
        "copy_ratio": round(statistics.median(each["rate"] / each["copy"] for each in rounds), 3),
        "copy_per_second": round(sum(each["copy"] for each in rounds) / ROUNDS),
        "lost": lost,
        "doubled": sum(wrong.values()),
        "events": len(acknowledged) * 20,
        "cpu_us": round(statistics.median(each["cpu_us"] for each in rounds), 1),
        "generator_cpu_us": round(statistics.median(each["own_us"] for each in rounds), 1),
        "rounds": [round(each["rate"]) for each in rounds],
        "batches_sent_again": again,
        "people": PEOPLE,
        "videos": VIDEOS,
        "connections": CONNECTIONS,
        "cores": os.cpu_count(),
        "settings": {"NONET_PORT": "a free one"},
    }


async def _people(connection: "asyncpg.Connection[Any]") -> list[tuple[int, str]]:
    """Make people with a signed-in browser each; return their ids and tokens."""
    now = clock.now()
    people = [(ids.new(), secrets.token_urlsafe(32)) for _ in range(PEOPLE)]
    await connection.executemany(
        "INSERT INTO accounts (id, handle, email, email_key, password_hash, birth_date, role, state, created_at)"
        " VALUES ($1, $2, $3, $3, '', $4, 'person', 'active', $5)",
        [
            (number, f"watcher{number}", f"watcher{number}@people.example", date(1990, 5, 17), now)
            for number, _ in people
        ],
    )
    await connection.executemany(
        "INSERT INTO sessions (id, token_hash, account_id, device, created_at, last_seen_at, expires_at)"
        " VALUES ($1, $2, $3, 'Bench', $4, $4, $5)",
        [(ids.new(), links.token_hash(token), number, now, now + timedelta(days=9)) for number, token in people],
    )
    return people


async def _videos(connection: "asyncpg.Connection[Any]") -> list[int]:
    """Let the log know videos; return their ids."""
    videos = [ids.new() for _ in range(VIDEOS)]
    await connection.executemany(
        "INSERT INTO subjects (video_id, owner_id, duration_ms, tags, language, listed, published_at, revision)"
        " VALUES ($1, 1, $2, '{}', 'en', true, $3, nextval('signals_revision'))",
        [(video_id, DURATION_MS, clock.now()) for video_id in videos],
    )
    await connection.executemany("INSERT INTO counts (video_id) VALUES ($1)", [(video_id,) for video_id in videos])
    return videos


def _batches(running: product.Product, people: list[tuple[int, str]], videos: list[int], events: int) -> deque[Any]:
    origin = f"http://localhost:{running.port}"
    draw = random.Random(secrets.randbits(64))  # noqa: S311 - who watches what
    now_ms = moments.of(clock.now())
    return deque(
        watchers.batch(origin, draw.choice(people), draw.sample(videos, watchers.VIDEOS_A_PAGE), now_ms)
        for _ in range(events // watchers.EVENTS)
    )


async def _round(
    running: product.Product, people: list[tuple[int, str]], videos: list[int], events: int
) -> tuple[dict[str, float], list[Any]]:
    """Send events, made beforehand; return what was measured, and the batches that were acknowledged."""
    crowd = watchers.Crowd(running.port, _batches(running, people, videos, events))
    used, own = running.cpu_s(), time.process_time()
    seconds = await watchers.send(crowd, CONNECTIONS)
    sent = len(crowd.acknowledged) * watchers.EVENTS
    quantiles = statistics.quantiles(crowd.seconds, n=100)
    measured = {
        "rate": sent / seconds,
        "p50_ms": quantiles[49] * 1000,
        "p99_ms": quantiles[98] * 1000,
        "cpu_us": (running.cpu_s() - used) / sent * 1e6,
        "own_us": (time.process_time() - own) / sent * 1e6,
    }
    return measured, crowd.acknowledged


async def _copy(connection: "asyncpg.Connection[Any]", most: int) -> float:
    """COPY rows of the log into a table made like it; return rows a second."""
    rows = await connection.fetch("SELECT * FROM events ORDER BY at DESC, ctid LIMIT $1", most)
    await connection.execute("CREATE TABLE copied (LIKE events INCLUDING ALL) PARTITION BY RANGE (day)")
    for day in {row["day"] for row in rows}:
        until = day + timedelta(days=1)
        await connection.execute(
            f"CREATE TABLE copied_{day:%Y%m%d} PARTITION OF copied FOR VALUES FROM ('{day}') TO ('{until}')"
        )
    records = [tuple(row[name] for name in COLUMNS) for row in rows]
    began = time.perf_counter()
    for at in range(0, len(records), COPY_BATCH):
        await connection.copy_records_to_table("copied", records=records[at : at + COPY_BATCH], columns=COLUMNS)
    seconds = time.perf_counter() - began
    await connection.execute("DROP TABLE copied")
    return len(records) / seconds


async def _kill(running: product.Product, people: list[tuple[int, str]], videos: list[int]) -> tuple[list[Any], int]:
    """Kill the API while events come in; whoever got no answer sends again."""
    crowd = watchers.Crowd(running.port, _batches(running, people, videos, KILL_EVENTS))
    sending = asyncio.create_task(watchers.send(crowd, CONNECTIONS))
    while len(crowd.acknowledged) * watchers.EVENTS < KILL_EVENTS // 2:  # noqa: ASYNC110 - the crowd tells nobody
        await asyncio.sleep(0.001)
    os.kill(_api(running), signal.SIGKILL)
    await sending
    if not crowd.sent_again:
        sys.exit("The kill interrupted nothing.")
    return crowd.acknowledged, crowd.sent_again


def _api(running: product.Product) -> int:
    """Return the number of the API's process."""
    for pid in product.descendants(running.pid):
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if b"nonet.role" in words and b"api" in words:
                return pid
    sys.exit("The API's process was not found.")


async def _lost(connection: "asyncpg.Connection[Any]", acknowledged: list[Any]) -> int:
    """Return how many acknowledged events are not in the log."""
    found = 0
    for at in range(0, len(acknowledged), 500):
        part = [each for batch in acknowledged[at : at + 500] for each in batch.ids]
        found += await connection.fetchval("SELECT count(*) FROM events WHERE id = ANY($1::uuid[])", part)
    return len(acknowledged) * 20 - found


async def _wrong(connection: "asyncpg.Connection[Any]") -> dict[str, int]:
    """Return by how much the log, the counters, the histories and the views differ from each other."""
    statements = {
        "events": "SELECT count(*) - count(DISTINCT id) FROM events",
        "plays": "SELECT (SELECT sum(plays) FROM watches) - (SELECT count(*) FROM events WHERE kind = 2 AND counted)",
        "played": "SELECT (SELECT sum(played_ms) FROM counts) - (SELECT sum(value) FROM events WHERE counted)",
        "watched": "SELECT (SELECT sum(played_ms) FROM watches) - (SELECT sum(played_ms) FROM counts)",
        "starters": "SELECT (SELECT sum(plays) FROM counts) - (SELECT count(*) FROM watches WHERE plays > 0)",
        "seen": "SELECT (SELECT sum(impressions) FROM counts) - (SELECT count(*) FROM watches)",
        "views": "SELECT (SELECT sum(views) FROM counts) - (SELECT count(*) FROM views)",
        "viewers": "SELECT (SELECT count(*) FROM views) - (SELECT count(*) FROM watches WHERE played_ms >= 2000)",
    }
    return {name: abs(int(await connection.fetchval(sql))) for name, sql in statements.items()}
