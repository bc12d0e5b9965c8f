"""The fold of what acts changed: rows of ``count_deltas`` become counters, a moment after they were written.

Readers add what is not folded yet, so nobody sees the difference; it keeps their sum short.
"""

import asyncio
import contextlib
from typing import Any

import structlog

from nonet.core import db
from nonet.signals import counts, days, sql

log: Any = structlog.get_logger("signals")

EVERY_S = 0.5
AT_LEAST_EVERY_S = 5.0
LOCK = 6_660_011
"""Number of the advisory lock under which one process folds at a time."""

_FOLD = sql.DELTAS.format(
    sums=", ".join(f"coalesce(sum(delta) FILTER (WHERE name = '{c}'), 0) AS {c}" for c in counts.CHANGED),
    added=", ".join(f"{c} = c.{c} + sums.{c}" for c in counts.CHANGED),
)
_some: asyncio.Event | None = None


async def wake() -> None:
    """Fold soon; called when an act of this process is durable."""
    if _some is not None:
        _some.set()


async def fold() -> int:
    """Add up what waits; return how many rows there were, 0 when another process is at it."""
    async with (await db.pool()).acquire() as connection:
        return int(await connection.fetchval(_FOLD, LOCK))


async def run() -> None:
    """Fold for as long as the process lives, half a second after an act; make the partitions that will be needed."""
    global _some  # noqa: PLW0603 - one fold a process
    _some = asyncio.Event()
    ready = False
    while True:
        try:
            if not ready:
                await days.ahead()
                ready = True
            while await fold():
                pass
        except db.AWAY as error:
            log.warning("signals.database_away", error=type(error).__name__)
        await asyncio.sleep(EVERY_S)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(AT_LEAST_EVERY_S):
                await _some.wait()
        _some.clear()
