"""News between processes: NOTIFY after commit, in batches, by one writer a process; LISTEN into a hub of streams.

NOTIFY takes a lock when its transaction commits, so it never happens inside a business transaction: what is told there
is kept with the session and written by ``_writer`` once that transaction is durable. News is a hint to read again;
whoever misses one (a reconnect) is told to read everything.
"""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import asyncpg
import structlog

from nonet.core import db, settings

log: Any = structlog.get_logger("realtime")

EVENTS = "nonet_events"
BATCH_S = 0.02
QUEUE_MOST = 256

_NOTIFY = "SELECT pg_notify(c, p) FROM unnest($1::text[], $2::text[]) AS n(c, p)"
_outgoing: dict[tuple[str, str], None] = {}
_writer_task: asyncio.Task[None] | None = None


def dump(value: object) -> str:
    """Write compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)


def notify(session: db.Transaction, channel: str, payload: str) -> None:
    """Send a NOTIFY once the session's transaction is durable; equal ones in a batch are sent once."""

    async def send() -> None:
        send_now(channel, payload)

    db.after_commit(session, send)


def send_now(channel: str, payload: str) -> None:
    """Hand a NOTIFY to this process's writer, outside of any transaction; used for progress."""
    global _writer_task  # noqa: PLW0603 - one writer a process
    _outgoing[(channel, payload)] = None
    if _writer_task is None or _writer_task.done():
        _writer_task = asyncio.create_task(_writer())


def tell(session: db.Transaction, account_id: int, event: dict[str, Any]) -> None:
    """Tell every open stream of a person about an event, after commit. ``event`` has a ``type``."""
    notify(session, EVENTS, dump({"to": str(account_id), "event": event}))


def tell_now(account_id: int, event: dict[str, Any]) -> None:
    """Tell a person's streams at once; for progress, which no transaction records."""
    send_now(EVENTS, dump({"to": str(account_id), "event": event}))


async def _writer() -> None:
    """Write what has gathered, one statement a batch, until nothing is left."""
    await asyncio.sleep(BATCH_S)
    while _outgoing:
        batch = list(_outgoing)[:200]
        for item in batch:
            del _outgoing[item]
        try:
            async with (await db.pool()).acquire() as connection:
                await connection.execute(_NOTIFY, [channel for channel, _ in batch], [payload for _, payload in batch])
        except Exception as error:  # noqa: BLE001 - news is a hint: losing it costs a poll, never data
            log.warning("realtime.lost", count=len(batch), error=type(error).__name__)
        await asyncio.sleep(BATCH_S)


async def flush() -> None:
    """Wait until what was told has been written; before the process's connections are given back."""
    if _writer_task is not None and not _writer_task.done():
        await asyncio.gather(_writer_task, return_exceptions=True)


async def listen(channels: Mapping[str, Callable[[str], object]], renewed: Callable[[], None] | None = None) -> None:
    """LISTEN for ever, reconnecting; ``renewed`` is called after each reconnection, since news may have been missed."""
    first = True
    while True:
        connection = None
        try:
            connection = await asyncpg.connect(settings.load().database_url, timeout=10)
            gone = asyncio.Event()
            connection.add_termination_listener(lambda _, gone=gone: gone.set())
            for channel, callback in channels.items():
                await connection.add_listener(channel, lambda *a, call=callback: call(str(a[3])))
            if not first and renewed:
                renewed()
            first = False
            await gone.wait()
        except (OSError, asyncpg.PostgresError, TimeoutError) as error:
            log.warning("realtime.listen", error=type(error).__name__)
        finally:
            if connection is not None and not connection.is_closed():
                with contextlib.suppress(OSError, asyncpg.PostgresError, TimeoutError):
                    await connection.close(timeout=2)
        await asyncio.sleep(0.5)


class Hub:
    """The open streams of this process, by person."""

    def __init__(self) -> None:
        self._streams: dict[int, set[asyncio.Queue[dict[str, Any] | None]]] = defaultdict(set)

    @contextlib.contextmanager
    def stream(self, account_id: int) -> Iterator[asyncio.Queue[dict[str, Any] | None]]:
        """Open a bounded queue of a person's events; None in it ends the stream (too slow, or the process ends)."""
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(QUEUE_MOST)
        self._streams[account_id].add(queue)
        try:
            yield queue
        finally:
            self._streams[account_id].discard(queue)
            if not self._streams[account_id]:
                del self._streams[account_id]

    def receive(self, payload: str) -> None:
        """Give a NOTIFY's event to the streams of the person it names."""
        news = json.loads(payload)
        for queue in list(self._streams.get(int(news["to"]), ())):
            self._put(queue, news["event"])

    def again(self) -> None:
        """Tell every stream to read everything again."""
        self._put_all({"type": "hello"})

    def end(self) -> None:
        """End every stream."""
        self._put_all(None)

    def _put_all(self, item: dict[str, Any] | None) -> None:
        for queues in list(self._streams.values()):
            for queue in list(queues):
                self._put(queue, item)

    @staticmethod
    def _put(queue: asyncio.Queue[dict[str, Any] | None], item: dict[str, Any] | None) -> None:
        if queue.full():
            while not queue.empty():
                queue.get_nowait()
            item = None  # too slow to keep up: the browser reconnects and reads again
        queue.put_nowait(item)


hub = Hub()
