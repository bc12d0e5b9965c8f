"""Many people watching: connections that send batches of events, and wait for each answer before they send the next.

A batch is a page of five videos that a person was served and swiped through: seen, started, played, finished or left.
"""

import asyncio
import secrets
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import msgspec

from nonet.core import ids
from nonet.signals import moments, tickets

VIDEOS_A_PAGE = 5
EVENTS = 20
ANSWER = b'{"kept":20,"refused":[]}'


class NotAcknowledgedError(Exception):
    """The API answered something else than that all events are safe."""


@dataclass(slots=True)
class Batch:
    """One request, ready to be written, and the ids of its events."""

    request: bytes
    ids: list[uuid.UUID]


def batch(origin: str, person: tuple[int, str], videos: list[int], now_ms: int) -> Batch:
    """Make the batch of a person who swiped through some videos until now."""
    account_id, token = person
    request_id = (now_ms - ids.EPOCH_MS - 120_000) << 22 | secrets.randbits(22)
    events: list[dict[str, Any]] = []
    made: list[uuid.UUID] = []
    began_ms = now_ms - 10_000 * len(videos)
    for position, video_id in enumerate(videos):
        served = {
            "video_id": str(video_id),
            "request_id": str(request_id),
            "position": position,
            "ticket": tickets.sign(request_id, position, video_id, account_id),
        }
        at_ms = began_ms + 10_000 * position
        last = ("finish", 4_000) if position % 2 else ("skip", 900)
        for kind, after_ms, played in (
            ("impression", 0, {}),
            ("start", 40, {}),
            ("heartbeat", 4_000, {"ranges": [[0, 3_900]]}),
            (last[0], 4_000 + last[1], {"ranges": [[3_900, 3_900 + last[1]]]}),
        ):
            made.append(moments.new(at_ms + after_ms))
            events.append({"id": str(made[-1]), "kind": kind, **served, **played})
    body = msgspec.json.encode({"events": events})
    head = (
        f"POST /api/v1/events HTTP/1.1\r\nHost: {origin.removeprefix('http://')}\r\nOrigin: {origin}\r\n"
        f"Cookie: nonet={token}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Batch(head.encode() + body, made)


@dataclass
class Crowd:
    """What all connections send and were answered."""

    port: int
    waiting: deque[Batch]
    until: float = 0.0
    acknowledged: list[Batch] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    sent_again: int = 0

    def next(self) -> Batch | None:
        """Return the next batch to send; None when there is none or the time is over."""
        if not self.waiting or (self.until and time.perf_counter() > self.until):
            return None
        return self.waiting.popleft()


class Watcher(asyncio.Protocol):
    """One connection; what was not answered when it breaks is sent again over the next."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.batch: Batch | None = None
        self.read = b""
        self.ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to send."""
        self.transport = transport
        self._send()

    def _send(self) -> None:
        self.batch = self.crowd.next()
        if self.batch is None:
            self.ended.set_result(True)
            self.transport.close()
            return
        self.began = time.perf_counter()
        self.transport.write(self.batch.request)  # type: ignore[attr-defined] - a TCP transport

    def data_received(self, data: bytes) -> None:
        """Take an answer, and send the next batch."""
        self.read += data
        head, end, body = self.read.partition(b"\r\n\r\n")
        if not end or len(body) < len(ANSWER):
            return
        if body != ANSWER or not head.startswith(b"HTTP/1.1 200 "):
            self.ended.set_exception(NotAcknowledgedError(self.read.decode(errors="replace")))
            self.transport.abort()  # type: ignore[attr-defined] - a TCP transport
            return
        self.crowd.seconds.append(time.perf_counter() - self.began)
        if self.batch is not None:
            self.crowd.acknowledged.append(self.batch)
        self.read, self.batch = b"", None
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """Put back what was not answered."""
        del exc
        if not self.ended.done():
            if self.batch is not None:
                self.crowd.waiting.appendleft(self.batch)
                self.crowd.sent_again += 1
            self.ended.set_result(False)


async def _watch(crowd: Crowd) -> None:
    loop = asyncio.get_running_loop()
    done = False
    while not done:
        try:
            _, watcher = await loop.create_connection(lambda: Watcher(crowd), "127.0.0.1", crowd.port)
        except OSError:
            await asyncio.sleep(0.05)  # the API is being started again
            continue
        done = await watcher.ended


async def send(crowd: Crowd, connections: int) -> float:
    """Send everything over so many connections; return the seconds it took."""
    began = time.perf_counter()
    await asyncio.gather(*[_watch(crowd) for _ in range(connections)])
    return time.perf_counter() - began
