"""One flush: the events of many requests into the log, and what follows from them, in one transaction.

Rows are written in the order of their keys, so that two processes never wait for each other in a circle. Docs of what
counts: ``watching``; docs/decisions/0010-events.md.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nonet.core import clock, ids
from nonet.signals import days, moments, sql, tickets, watching
from nonet.signals.reading import Told
from nonet.signals.watching import Watch

if TYPE_CHECKING:
    from nonet.signals.days import Line

Pair = tuple[int, int]
LOCK = 6_660_012
"""Number of the advisory lock under which flushes that overlapped take turns."""


class OverlapError(Exception):
    """Another process took in what the same person watched, in between: judged anew, both are worth their real time."""


@dataclass(slots=True)
class Sent:
    """The events of one request, and who says that they sent them."""

    told: list[Told]
    token_hash: bytes | None
    visitor: int | None
    viewer: int = 0
    """Whose events they are: an account's id, minus a visitor's, or 0 for nobody, whose events are not kept."""


@dataclass(slots=True)
class Row:
    """An event on its way into the log."""

    told: Told
    viewer: int
    watch: Watch | None = None
    counted: bool = False
    worth_ms: int = 0


@dataclass(slots=True)
class Flush:
    """What one flush writes."""

    now: datetime
    believes: bool
    rows: list[Row] = field(default_factory=list)
    watches: dict[Pair, Watch] = field(default_factory=dict)


async def write(connection: "Line", batches: list[Sent], attempt: int = 0) -> None:
    """Write the events of every batch; durable when it returns.

    Raises OverlapError and what asyncpg raises, and then nothing is. Those that try again take turns; in a third
    ``attempt`` a history that holds less than was judged is believed, for then it held that before.
    """
    now = clock.now()
    async with connection.transaction():
        if attempt:
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        await _identify(connection, batches, now)
        flush = Flush(now, attempt > 1, _rows(batches))
        if not flush.rows:
            return
        await _judge(connection, flush)
        new = await _log(connection, flush)
        _sum(flush, new)
        await _fold(connection, flush)


async def _identify(connection: "Line", batches: list[Sent], now: datetime) -> None:
    """Find whose events they are: the sessions are looked at anew in every flush."""
    hashes = list({batch.token_hash for batch in batches if batch.token_hash})
    found: dict[bytes, int] = {}
    if hashes:
        found = {row[0]: row[1] for row in await connection.fetch(sql.SESSIONS, hashes, now)}
    visitors = any(batch.visitor for batch in batches)
    counted = visitors and await connection.fetchval(sql.VISITORS_COUNTED)
    for batch in batches:
        account = found.get(batch.token_hash) if batch.token_hash else None
        if account is not None:
            batch.viewer = account
        elif batch.visitor and counted:
            batch.viewer = -batch.visitor


def _rows(batches: list[Sent]) -> list[Row]:
    """Put the events of all batches in the order of their ids, which is that of their moments, each once."""
    unique: dict[int, Row] = {}
    for batch in batches:
        if batch.viewer:
            for told in batch.told:
                number = told.id.int
                if number not in unique:
                    unique[number] = Row(told, batch.viewer)
    return [unique[number] for number in sorted(unique)]


async def _judge(connection: "Line", flush: Flush) -> None:
    """Tell which events count, and what each is worth."""
    now_ms = moments.of(flush.now)
    served = _served(flush.rows, now_ms)
    pairs = list({(row.viewer, row.told.video_id) for row in served})
    if not pairs:
        return
    viewers, videos = zip(*pairs, strict=True)
    for found in await connection.fetch(sql.STANDING, sql.array(viewers), sql.array(videos)):
        viewer, video_id, duration_ms, last_at, played_ms, loops = found
        known_ms = None if last_at is None else moments.of(last_at)
        flush.watches[viewer, video_id] = Watch(viewer, video_id, duration_ms, known_ms, played_ms, loops)
    for row in served:
        watch = flush.watches.get((row.viewer, row.told.video_id))
        row.counted = watch is not None
        if watch is not None and row.told.kind in watching.WATCHED:
            row.watch = watch
            row.worth_ms = watch.earn(row.told, (row.told.request_id >> 22) + ids.EPOCH_MS, now_ms)


def _served(rows: list[Row], now_ms: int) -> list[Row]:
    """Return the rows whose tickets are good; the events of one watch share theirs, which is looked at once."""
    known: dict[tuple[int, int, int, int, str], bool] = {}
    served = []
    for row in rows:
        told = row.told
        shown = (told.request_id, told.position, told.video_id, row.viewer, told.ticket)
        good = known.get(shown)
        if good is None:
            good = known[shown] = tickets.fresh(told.request_id, now_ms) and tickets.valid(
                told.ticket, told.request_id, told.position, told.video_id, max(0, row.viewer)
            )
        if good:
            served.append(row)
    return served


async def _log(connection: "Line", flush: Flush) -> set[uuid.UUID] | None:
    """Write the log; return the ids that were not in it before, None when none was."""
    rows = flush.rows
    numbers = [row.told.ms // moments.DAY_MS for row in rows]
    dates = {number: moments.day(number * moments.DAY_MS) for number in set(numbers)}
    await days.ready(*dates.values())
    [(many, new)] = await connection.fetch(
        sql.LOG,
        sql.array(dates[number] for number in numbers),
        sql.array(row.told.id.hex for row in rows),
        sql.array(row.viewer for row in rows),
        sql.array(row.told.kind for row in rows),
        sql.array(row.told.video_id for row in rows),
        sql.array(row.told.request_id for row in rows),
        sql.array(row.told.position for row in rows),
        sql.array(row.counted for row in rows),
        sql.array(row.worth_ms if row.counted else row.told.played_ms for row in rows),
        flush.now,
        len(rows),
    )
    return None if many == len(rows) else set(new or ())


def _sum(flush: Flush, new: set[uuid.UUID] | None) -> None:
    for row in flush.rows:
        if row.watch is not None and (new is None or row.told.id in new):
            row.watch.add(row.told, row.worth_ms)


async def _fold(connection: "Line", flush: Flush) -> None:
    """Add the sums to the watch histories, and to the counters what is new of each viewer."""
    watches = [flush.watches[pair] for pair in sorted(flush.watches) if flush.watches[pair].last_ms]
    if not watches:
        return
    loops = [watch.whole_loops() for watch in watches]
    after = await connection.fetch(
        sql.WATCHES,
        sql.array(watch.viewer for watch in watches),
        sql.array(watch.video_id for watch in watches),
        sql.array(watch.plays for watch in watches),
        sql.array(watch.played_ms for watch in watches),
        sql.array(watch.finishes for watch in watches),
        sql.array(loops),
        sql.array(watch.skips for watch in watches),
        sql.array(watch.first_ms for watch in watches),
        sql.array(watch.last_ms for watch in watches),
    )
    sums: dict[int, list[int]] = {}
    viewed: list[Pair] = []
    for row in after:
        watch = flush.watches[row[0], row[1]]
        if row[5] != watch.played_before_ms + watch.played_ms:
            if not flush.believes:
                raise OverlapError
            watch.played_ms = max(0, min(watch.played_ms, row[5] - watch.played_before_ms))
        _count(sums.setdefault(watch.video_id, [0] * 7), watch, row)
        if row[5] - watch.played_ms < watching.view_ms(watch.duration_ms) <= row[5]:
            viewed.append((watch.video_id, watch.viewer))
    for watch, many in zip(watches, loops, strict=True):
        sums[watch.video_id][3] += many
    if viewed:
        told, viewers = zip(*sorted(viewed), strict=True)
        counted = (sql.array(told), sql.array(viewers), watching.VIEW_RULE, flush.now)
        for (video_id,) in await connection.fetch(sql.VIEWS, *counted):
            sums[video_id][6] += 1
    videos = sorted(sums)
    columns = (sql.array(sums[video][column] for video in videos) for column in range(7))
    await connection.execute(sql.COUNTS, sql.array(videos), *columns)


def _count(sums: list[int], watch: Watch, after: Any) -> None:  # noqa: ANN401 - a row of asyncpg
    """Add to a video's counters: whoever sees, starts, finishes or skips it counts once, however often they do."""
    _, _, plays, finishes, skips, _, fresh = after
    sums[0] += fresh
    sums[1] += 0 < plays == watch.plays
    sums[2] += 0 < finishes == watch.finishes
    sums[4] += 0 < skips == watch.skips
    sums[5] += watch.played_ms
