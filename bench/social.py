"""What a comment and a like cost through HTTP, with everything on, and what comments of 64 people at once wait for.

- *comment_cpu_ms*, *like_cpu_ms*: CPU of the API's process and of every process of PostgreSQL, by the kernel's ticks,
  for each act of signed-in people over a few connections; the session check, limits, the event, the counter and the
  author's notification are part of it. Nothing is subtracted.
- *comment_p99_ms_64*: 64 people comment on one video at the same moment, again and again, each over a connection of
  their own; the time from the request to its answer, which comes after the commit.
"""

import asyncio
import contextlib
import json
import os
import secrets
import statistics
import sys
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from bench import product

from nonet.accounts import links
from nonet.core import clock, ids, postgres
from nonet.signals.kinds import Kind

PEOPLE = 64
VIDEOS = 40
COMMENTS_EACH = 30
ROUNDS = 12
STEADY_CONNECTIONS = 4
OK = (200, 201)


@dataclass
class Line:
    """One person's connection, kept open."""

    port: int
    token: str
    took_ms: list[float] = field(default_factory=list)

    async def connect(self) -> None:
        """Connect."""
        self.reader, self.writer = await asyncio.open_connection("localhost", self.port)

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Send a request, note how long its answer took, and return it."""
        sent = json.dumps(body).encode() if body is not None else b""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: localhost:{self.port}\r\nOrigin: http://localhost:{self.port}\r\n"
            f"Cookie: nonet={self.token}\r\nContent-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
        )
        began = time.perf_counter()
        self.writer.write(head.encode() + sent)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        size = int(answer.split("content-length:", 1)[1].split("\r\n", 1)[0])
        data = await self.reader.readexactly(size)
        self.took_ms.append((time.perf_counter() - began) * 1000)
        if int(answer.split(" ", 2)[1]) not in OK:
            sys.exit(f"{method} {path}: {answer.splitlines()[0]} {data[:500]!r}")
        return json.loads(data)


@dataclass
class Cost:
    """CPU of an act in ms: of the API and of PostgreSQL."""

    api_ms: float
    postgres_ms: float

    @property
    def cpu_ms(self) -> float:
        """CPU of both."""
        return self.api_ms + self.postgres_ms


def main() -> None:
    """Measure, print a table and one JSON line."""
    with product.running() as running:
        os.environ["NONET_DATA_DIR"] = str(running.data_dir)
        result = asyncio.run(_measure(running))
    print(json.dumps({"part": "social"} | result))


async def _measure(running: product.Product) -> dict[str, Any]:
    connection = await asyncpg.connect(postgres.url(running.data_dir))
    tokens, videos = await _people(connection), await _videos(connection)
    lines = [Line(running.port, token) for token in tokens]
    await asyncio.gather(*(line.connect() for line in lines))
    await _spread(lines, [("POST", _comments(videos[0]), _said(n)) for n in range(PEOPLE * 2)])
    await _at_once(lines, videos[0], 1)
    at_once = await _at_once(lines, videos[1], ROUNDS)
    comments = [("POST", _comments(videos[2 + n % 8]), _said(n)) for n in range(PEOPLE * COMMENTS_EACH)]
    comment = await _cost(running, lines, comments)
    likes = [("PUT", f"/api/v1/videos/{video}/like", None) for video in videos for _ in range(PEOPLE)]
    like = await _cost(running, lines, likes)
    await _check(connection, videos, len(comments), len(likes))
    for name, cost in (("comment", comment), ("like", like)):
        print(f"{name:8} {cost.cpu_ms:.2f} ms CPU (API {cost.api_ms:.2f}, PostgreSQL {cost.postgres_ms:.2f})")
    quantiles = statistics.quantiles(at_once, n=100)
    print(
        f"{PEOPLE} people at once: p50 {quantiles[49]:.0f} ms, p99 {quantiles[98]:.0f} ms, most {max(at_once):.0f} ms"
    )
    return {
        "comment_cpu_ms": round(comment.cpu_ms, 3),
        "comment_p99_ms_64": round(quantiles[98], 1),
        "like_cpu_ms": round(like.cpu_ms, 3),
        "comment_api_ms": round(comment.api_ms, 3),
        "comment_postgres_ms": round(comment.postgres_ms, 3),
        "like_api_ms": round(like.api_ms, 3),
        "like_postgres_ms": round(like.postgres_ms, 3),
        "comment_p50_ms_64": round(quantiles[49], 1),
        "comment_most_ms_64": round(max(at_once), 1),
        "comments": len(comments),
        "comments_at_once": len(at_once),
        "likes": len(likes),
        "failed": 0,
        "cores": os.cpu_count(),
    }


def _comments(video: int) -> str:
    return f"/api/v1/videos/{video}/comments"


def _said(number: int) -> dict[str, str]:
    return {"text": f"The second part at bar {number} is what I came for"}


async def _at_once(lines: list[Line], video: int, rounds: int) -> list[float]:
    """Let everybody comment on one video at the same moment, so many times; return how long each waited, in ms."""
    for line in lines:
        line.took_ms.clear()
    for number in range(rounds):
        await asyncio.gather(*(line.ask("POST", _comments(video), _said(number)) for line in lines))
    return [each for line in lines for each in line.took_ms]


async def _spread(lines: list[Line], asked: list[tuple[str, str, dict[str, str] | None]]) -> None:
    """Send requests over everybody's connections in turn, a few at the same time."""

    async def some(first: int) -> None:
        for number in range(first, len(asked), STEADY_CONNECTIONS):
            await lines[number % len(lines)].ask(*asked[number])

    await asyncio.gather(*(some(first) for first in range(STEADY_CONNECTIONS)))


async def _cost(
    running: product.Product, lines: list[Line], asked: list[tuple[str, str, dict[str, str] | None]]
) -> Cost:
    api, server = _process(running, b"nonet.role", b"api"), _process(running, b"postgres", b"-D")
    before = product.cpu_s(api), product.cpu_s(server)
    await _spread(lines, asked)
    after = product.cpu_s(api), product.cpu_s(server)
    return Cost(*((end - start) * 1000 / len(asked) for start, end in zip(before, after, strict=True)))


def _process(running: product.Product, *words: bytes) -> int:
    """Return the number of the product's process whose command has these words."""
    for pid in product.descendants(running.pid):
        with contextlib.suppress(OSError):
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if all(any(word in part for part in command) for word in words):
                return pid
    sys.exit(f"No process of {words!r} was found.")


async def _people(connection: "asyncpg.Connection[Any]") -> list[str]:
    """Make people with a signed-in browser each; return their tokens."""
    now = clock.now()
    people = [(ids.new(), f"player{number}", secrets.token_urlsafe(32)) for number in range(PEOPLE)]
    await connection.executemany(
        "INSERT INTO accounts (id, handle, email, email_key, password_hash, birth_date, role, state, created_at)"
        " VALUES ($1, $2, $2 || '@people.example', $2 || '@people.example', '', $3, 'person', 'active', $4)",
        [(number, handle, date(1990, 5, 17), now) for number, handle, _ in people],
    )
    await connection.executemany(
        "INSERT INTO sessions (id, token_hash, account_id, device, created_at, last_seen_at, expires_at)"
        " VALUES ($1, $2, $3, 'Bench', $4, $4, $5)",
        [(ids.new(), links.token_hash(token), number, now, now + timedelta(days=9)) for number, _, token in people],
    )
    return [token for _, _, token in people]


async def _videos(connection: "asyncpg.Connection[Any]") -> list[int]:
    """Make somebody's published videos, known to the log; return their ids."""
    now, owner, videos = clock.now(), ids.new(), [ids.new() for _ in range(VIDEOS)]
    await connection.execute(
        "INSERT INTO accounts (id, handle, email, email_key, password_hash, birth_date, role, state, created_at)"
        " VALUES ($1, 'composer', 'composer@people.example', '', '', $2, 'person', 'active', $3)",
        *(owner, date(1990, 5, 17), now),
    )
    await connection.executemany(
        "INSERT INTO videos (id, owner_id, asset_id, caption, visibility, language, alt_text, state, published_at,"
        " created_at, updated_at) VALUES ($1, $2, $1, 'Filled by ear', 'public', 'en', '', 'published', $3, $3, $3)",
        [(video, owner, now) for video in videos],
    )
    await connection.executemany(
        "INSERT INTO subjects (video_id, owner_id, duration_ms, tags, language, listed, published_at, revision)"
        " VALUES ($1, $2, 9000, '{}', 'en', true, $3, nextval('signals_revision'))",
        [(video, owner, now) for video in videos],
    )
    await connection.executemany("INSERT INTO counts (video_id) VALUES ($1)", [(video,) for video in videos])
    return videos


async def _check(connection: "asyncpg.Connection[Any]", videos: list[int], comments: int, likes: int) -> None:
    """Compare rows, events and counters with what was asked for."""
    made = {"comments": comments + PEOPLE * (ROUNDS + 3), "likes": likes}
    for name, asked in made.items():
        found = {what: await connection.fetchval(*each) for what, each in _counts(name, videos).items()}
        if set(found.values()) != {asked}:
            sys.exit(f"{asked} {name} were made: {found}.")


def _counts(name: str, videos: list[int]) -> dict[str, tuple[Any, ...]]:
    """Return the statements that count acts: as rows, as events, and as counters with what waits to be folded."""
    rows, folded, kind = {
        "comments": ("SELECT count(*) FROM comments", "SELECT sum(comments) FROM counts", Kind.COMMENTED),
        "likes": ("SELECT count(*) FROM likes", "SELECT sum(likes) FROM counts", Kind.LIKED),
    }[name]
    waiting = "SELECT coalesce(sum(delta), 0) FROM count_deltas WHERE name = $2"
    return {
        "rows": (rows,),
        "events": ("SELECT count(*) FROM events WHERE kind = $1", int(kind)),
        "counted": (f"SELECT ({folded} WHERE video_id = ANY($1)) + ({waiting})", videos, name),
    }
