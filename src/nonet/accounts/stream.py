"""One person's news as server-sent events: what ``core.realtime`` tells them, until their session ends.

The stream holds no database connection. News is a hint to read again, so nothing is numbered or repeated: who
reconnects is greeted by ``hello`` and reads what it shows anew.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from nonet.accounts import web
from nonet.accounts.sessions import ENDED, Person
from nonet.core import metrics, realtime

PING_S = 15.0
STREAMS_MOST = 8
"""Streams of one person in one process; a ninth ends the oldest, which a lost phone may have left behind."""

Queue = asyncio.Queue[dict[str, Any] | None]
_open: dict[int, deque[Queue]] = defaultdict(deque)


async def events(person: Person, draining: Callable[[], bool]) -> AsyncIterator[str]:
    """Yield a person's events as text, a comment each PING_S seconds of silence, until the session or process ends.

    ``draining`` is asked once the stream can be told to end: one that is opened while the process ends, ends at once.
    """
    with realtime.hub.stream(person.id) as queue, _counted(person.id, queue):
        yield "retry: 2000\n\n" + _event({"type": "hello"})
        while not draining():
            try:
                async with asyncio.timeout(PING_S):
                    news = await queue.get()
            except TimeoutError:
                yield ": ping\n\n"
                continue
            if news is None:
                return
            if news["type"] in {ENDED["type"], "hello"} and not await web.still_here(person):
                return
            if news["type"] != ENDED["type"]:
                yield _event(news)


def _event(news: dict[str, Any]) -> str:
    told = {name: value for name, value in news.items() if name != "type"}
    return f"event: {news['type']}\ndata: {realtime.dump(told)}\n\n"


@contextmanager
def _counted(account_id: int, queue: Queue) -> Iterator[None]:
    """Keep a person's streams in the order they were opened, and end the oldest when there are too many."""
    mine = _open[account_id]
    mine.append(queue)
    if len(mine) > STREAMS_MOST:
        _end(mine.popleft())
    metrics.OPEN_STREAMS.inc()
    try:
        yield
    finally:
        metrics.OPEN_STREAMS.dec()
        if queue in mine:
            mine.remove(queue)
        if not mine:
            _open.pop(account_id, None)


def _end(queue: Queue) -> None:
    while not queue.empty():
        queue.get_nowait()
    queue.put_nowait(None)
