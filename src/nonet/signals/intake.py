"""The intake: takes the events of many requests at once and answers each when its events are durable.

A process has one bounded buffer, emptied by two flushes that take turns. What stands in it has been acknowledged to
nobody: a process that is killed loses nothing that anyone believes safe, and whoever sends again is known by the ids.
This is one of the two places where a request is not one transaction (docs/decisions/0010-events.md).
"""

import asyncio
import contextlib
import contextvars
from typing import Any

import asyncpg
import structlog

from nonet.core import db, errors, metrics
from nonet.signals import days, flush
from nonet.signals.flush import Sent

log: Any = structlog.get_logger("signals")

BUFFER_MOST = 20_000
"""How many events wait at most; at 10,000 a second this is two seconds of work."""
FLUSH_MOST = 5_000
LANES = 2
"""How many flushes are under way at most: while one waits for the disk, the other is written."""
ENOUGH = 400
"""How many events make a flush worth its while at once; fewer wait GATHER_S for others."""
GATHER_S = 0.01
TRIES = 3

_AGAIN = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.CheckViolationError,
    flush.OverlapError,
)
"""Two processes waited for each other or wrote about the same watch, or a partition is gone: once more succeeds."""

Asked = tuple[Sent, asyncio.Future[None]]
"""The events of a request, and where it waits for its answer."""


class EventsFull(errors.Refusal):
    """More events are waiting to be written than may."""

    status = 429
    code = "events_full"
    sentence = "The server is taking in as much as it can. Nothing of this was kept; send it again in a moment."


class Intake:
    """One process's buffer and what empties it."""

    def __init__(self) -> None:
        self._waiting: list[Asked] = []
        self._fresh = 0  # events that no flush has taken yet
        self._size = 0  # those and what is being written
        self._some, self._hurry = asyncio.Event(), asyncio.Event()
        self._writing: set[bytes | int | None] = set()  # whose events a flush is writing
        self._free = asyncio.Event()  # set when one has ended
        self._ending = False
        # In a context of their own: they write for everybody, not for the request that was the first.
        self._lanes = [asyncio.create_task(self._run(), context=contextvars.Context()) for _ in range(LANES)]

    @property
    def size(self) -> int:
        """How many events wait or are being written."""
        return self._size

    @property
    def ended(self) -> bool:
        """Whether nobody writes any more."""
        return all(lane.done() for lane in self._lanes)

    async def take(self, sent: Sent, *, hurry: bool) -> None:
        """Return when the events are durable; ``hurry`` waits for no more to gather."""
        if self._size + len(sent.told) > BUFFER_MOST:
            raise EventsFull(headers={"Retry-After": "1"})
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((sent, done))
        self._size += len(sent.told)
        self._fresh += len(sent.told)
        self._some.set()
        if hurry or self._fresh >= ENOUGH:
            self._hurry.set()
        await done

    async def stop(self) -> None:
        """Write what waits, then end."""
        self._ending = True
        self._some.set()
        self._hurry.set()
        await asyncio.gather(*self._lanes)

    async def _run(self) -> None:
        while self._waiting or not self._ending:
            await self._some.wait()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0 if self._ending else GATHER_S):
                    await self._hurry.wait()
            batches = self._gathered()
            if batches:
                await self._flush(batches)
            elif self._waiting:
                self._free.clear()
                await self._free.wait()

    async def _flush(self, batches: list[Asked]) -> None:
        who = {_sender(sent) for sent, _ in batches}
        self._writing |= who
        try:
            await _settle(batches)
        finally:
            self._writing -= who
            self._size -= sum(len(sent.told) for sent, _ in batches)
            self._free.set()

    def _gathered(self) -> list[Asked]:
        """Take the batches of the next flush out of the buffer; they count as waiting until they are settled.

        When much waits it is half of that: while the database writes these, the others' answers are made and what they
        send next is read. Everybody at once would let the two take turns. Whose events the other flush is writing waits
        for it: two that don't see each other would count the same seconds twice, and one would have to begin again.
        """
        most = min(FLUSH_MOST, max(ENOUGH, self._fresh // 2))
        many = 0
        taken: list[Asked] = []
        left: list[Asked] = []
        for each in self._waiting:
            size = len(each[0].told)
            if (taken and many + size > most) or _sender(each[0]) in self._writing:
                left.append(each)
            else:
                taken.append(each)
                many += size
        self._waiting = left
        self._fresh -= many
        if not self._waiting:
            self._some.clear()
        if self._fresh < ENOUGH:
            self._hurry.clear()
        return taken


def _sender(sent: Sent) -> bytes | int | None:
    return sent.token_hash or sent.visitor


async def _settle(batches: list[Asked]) -> None:
    """Write batches and tell each what came of it; one that can't be written never costs the others."""
    try:
        await _write([sent for sent, _ in batches])
    except db.AWAY as error:
        _tell(batches, ConnectionError(f"the database is away: {type(error).__name__}"))
    except Exception as error:
        if len(batches) == 1:
            log.exception("signals.flush_failed", error=type(error).__name__)
            _tell(batches, error)
            return
        for each in batches:
            await _settle([each])
    else:
        metrics.EVENTS.inc(sum(len(sent.told) for sent, _ in batches))
        _tell(batches, None)


def _tell(batches: list[Asked], error: Exception | None) -> None:
    for _, done in batches:
        if done.done():  # whoever asked has gone
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)


async def _write(batches: list[Sent]) -> None:
    for attempt in range(TRIES):
        try:
            async with (await db.pool()).acquire() as connection:
                await flush.write(connection, batches, attempt)
        except _AGAIN:
            days.forget()
            if attempt == TRIES - 1:
                raise
        else:
            return


_intake: Intake | None = None


async def take(sent: Sent, *, hurry: bool = False) -> None:
    """Return when a request's events are durable and folded; ``sent.viewer`` then says whose they were.

    Raises EventsFull before, and OSError when the database is away: then nothing of this was kept.
    """
    global _intake  # noqa: PLW0603 - one buffer a process
    if not sent.told:
        return
    if _intake is None or _intake.ended:
        _intake = Intake()
    await _intake.take(sent, hurry=hurry)


def waiting() -> int:
    """Return how many events this process has taken in and not yet made durable."""
    return 0 if _intake is None else _intake.size


async def stop() -> None:
    """Write what waits, and take no more in this life of the process."""
    global _intake
    if _intake is not None:
        going, _intake = _intake, None
        await going.stop()
