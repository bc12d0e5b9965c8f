"""The partitions of the log, one a day, in the schema ``days``: made ahead, made when an event asks, dropped when old.

A partition is made beside the log and then attached, which lets every reader and writer go on meanwhile.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import asyncpg

from nonet.core import clock, db, settings
from nonet.signals import moments

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Line = asyncpg.Connection[Any] | PoolConnectionProxy[Any]

AHEAD_DAYS = 2
LOCK = 6_660_010
"""Number of the advisory lock under which partitions come and go."""

_known: set[tuple[str, date]] = set()


def name(day: date) -> str:
    """Return the partition's table: ``events_20261122``."""
    return f"events_{day:%Y%m%d}"


def forget() -> None:
    """Believe in no partition any more; after a write that found none."""
    _known.clear()


async def ready(*days: date) -> None:
    """Make what partitions of these days are missing, on a connection of its own; costs nothing once they are known."""
    where = settings.load().database_url
    missing = sorted({day for day in days if (where, day) not in _known})
    if not missing:
        return
    # Not one of the pool's: whoever asks may hold one of those, and all of them may ask at once.
    connection = await asyncpg.connect(where, timeout=10)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            for day in missing:
                await _make(connection, day)
    finally:
        await connection.close(timeout=10)
    _known.update((where, day) for day in missing)


async def ahead() -> None:
    """Make the partitions that may be asked for soon."""
    today = moments.day(moments.of(clock.now()))
    await ready(*(today + timedelta(days=days) for days in range(-1, AHEAD_DAYS + 1)))


async def _make(connection: "Line", day: date) -> None:
    table = f"days.{name(day)}"
    if await connection.fetchval("SELECT inhparent FROM pg_inherits WHERE inhrelid = to_regclass($1)", table):
        return
    await connection.execute(f"CREATE TABLE IF NOT EXISTS {table} (LIKE events INCLUDING ALL)")
    until = day + timedelta(days=1)
    await connection.execute(f"ALTER TABLE events ATTACH PARTITION {table} FOR VALUES FROM ('{day}') TO ('{until}')")


async def kept(connection: "Line") -> list[date]:
    """Return the days that have a partition, the oldest first."""
    rows = await connection.fetch(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = 'events'::regclass ORDER BY 1"
    )
    return [date(int(row[0][7:11]), int(row[0][11:13]), int(row[0][13:15])) for row in rows]


async def drop(before: date) -> list[date]:
    """Drop every partition of a day before; waits at most two seconds for those who still use the log."""
    async with (await db.pool()).acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL lock_timeout = '2s'")
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        old = [day for day in await kept(connection) if day < before]
        for day in old:
            await connection.execute(f"DROP TABLE days.{name(day)}")
    forget()
    return old
