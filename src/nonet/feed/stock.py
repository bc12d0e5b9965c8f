"""This process's catalogue, kept beside the database: loaded once, then by what has changed.

While pages are asked for it is brought up to date each second, and at once for a page that knows of a newer revision,
so a video that was just published can stand on the next page. Whatever is missed here is caught where cards are read:
what a viewer may not see never leaves.
"""

import asyncio
import contextlib
import gc
from collections.abc import Iterable
from typing import Any

import numpy as np
import structlog
from sqlalchemy import ARRAY, BigInteger, Integer, bindparam, func, select

from nonet.core import clock, db, prefs
from nonet.core.statements import Connection, Row, Statement
from nonet.feed.catalogue import COUNTERS, Catalogue, Subject
from nonet.feed.revisions import Revisions
from nonet.feed.trends import Trends
from nonet.signals import tables

log: Any = structlog.get_logger("feed")

TRYOUT_IMPRESSIONS = prefs.number(
    "tryout_impressions",
    default=200,
    low=0,
    high=1_000_000,
    help="How many times a new video is shown to try it out, whoever made it.",
)

AT_ONCE = 1000
EVERY_S = 1.0
OVERLAP_S, COUNTED_OVERLAP_S = 30.0, 2.0
"""How long a transaction that changes videos, or counters, may stay open and still be noticed."""

_SUBJECT = (
    tables.Subject.video_id,
    tables.Subject.owner_id,
    tables.Subject.duration_ms,
    tables.Subject.tags,
    tables.Subject.sound_id,
    tables.Subject.language,
    tables.Subject.listed,
    (func.extract("epoch", tables.Subject.published_at) * 1000).cast(BigInteger).label("published_ms"),
)
_COUNT = (tables.Count.video_id, *(getattr(tables.Count, name) for name in COUNTERS))

_ALL = Statement(
    select(*_SUBJECT, tables.Subject.revision)
    .where(tables.Subject.video_id > bindparam("after", type_=BigInteger))
    .order_by(tables.Subject.video_id)
    .limit(AT_ONCE)
)
_COUNTS_OF = Statement(
    select(*_COUNT, tables.Count.revision).where(
        tables.Count.video_id == func.any(bindparam("ids", type_=ARRAY(BigInteger)))
    )
)
_SUBJECTS_OF = Statement(
    select(*_SUBJECT, tables.Subject.revision).where(
        tables.Subject.video_id == func.any(bindparam("ids", type_=ARRAY(BigInteger)))
    )
)
_CHANGED = Statement(
    select(*_SUBJECT, tables.Subject.revision)
    .where(tables.Subject.revision > bindparam("since", type_=BigInteger))
    .order_by(tables.Subject.revision)
    .limit(bindparam("most", type_=Integer))
)
_COUNTED = Statement(
    select(*_COUNT, tables.Count.revision)
    .where(tables.Count.revision > bindparam("since", type_=BigInteger))
    .order_by(tables.Count.revision)
    .limit(bindparam("most", type_=Integer))
)
_COUNTED_LAST = Statement(select(func.max(tables.Count.revision).label("revision")))
MANY = 10_000
"""From so many videos on a look for garbage among them is worth sparing."""
NOTICED_MOST = 4000
"""After so many changes while nobody asked for a page, everything is looked at again."""


class Stock:
    """The catalogue of a process; made on the first page, left when the process ends."""

    def __init__(self) -> None:
        self.trends = Trends(Catalogue(), _now_ms())
        self._changes, self._counted = Revisions(OVERLAP_S), Revisions(COUNTED_OVERLAP_S)
        self._noticed: set[int] = set()
        self._one = asyncio.Lock()
        self._asked = asyncio.Event()
        self._missed = False
        self._loaded = False
        self._keeper = asyncio.create_task(self._keep())

    async def ready(self) -> Trends:
        """Return what pages are made of, once it has been loaded."""
        self._asked.set()
        if not self._loaded:
            async with self._one, (await db.pool()).acquire() as connection:
                if not self._loaded:
                    await self._load(connection)
        return self.trends

    def behind(self, revision: int) -> bool:
        """Tell whether something has been published or changed that is not known here."""
        return revision > self._changes.latest or bool(self._noticed)

    def notice(self, payload: str) -> None:
        """Remember a video that was published, changed or removed."""
        if payload.isdecimal():
            self._noticed.add(int(payload))
        if len(self._noticed) > NOTICED_MOST:
            self._noticed.clear()
            self.missed()

    def missed(self) -> None:
        """Look at everything again: news may have been lost."""
        self._missed = True

    async def stop(self) -> None:
        """Keep it no longer."""
        self._keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._keeper

    async def refresh(self, revision: int | None = None) -> None:
        """Take in what has changed; nothing when another request has just brought in ``revision``."""
        async with self._one, (await db.pool()).acquire() as connection:
            if revision is not None and not self.behind(revision):
                return
            if self._missed or not self._loaded:
                await self._load(connection)
                return
            noticed, self._noticed = list(self._noticed), set()
            async for rows in self._changes.rows(connection, _CHANGED):
                await self._take_new(connection, rows)
            if noticed:
                found = await _SUBJECTS_OF.fetch(connection, ids=noticed)
                self._lose(set(noticed) - {row["video_id"] for row in found})
                await self._take_new(connection, found)
            async for rows in self._counted.rows(connection, _COUNTED):
                self._count(rows)
            self.trends.settle(_now_ms())

    async def _take_new(self, connection: Connection, rows: list[Row]) -> None:
        """Take in what has changed; a video that is new here, but was elsewhere before, with what it has counted."""
        row_of = self.trends.catalogue.row_of
        new = [row["video_id"] for row in rows if row["listed"] and row["video_id"] not in row_of]
        self._take(rows)
        if new:
            self._count(await _COUNTS_OF.fetch(connection, ids=new), loaded=True)

    async def _keep(self) -> None:
        """Refresh each second while pages are asked for."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            await asyncio.sleep(EVERY_S)
            try:
                await self.refresh()
                async with db.transaction() as session:
                    self.trends.budget = await prefs.get(session, TRYOUT_IMPRESSIONS)
            except Exception as error:  # noqa: BLE001 - pages go on with what is known
                log.warning("feed.refresh", error=type(error).__name__)

    async def _load(self, connection: Connection) -> None:
        """Take in everything, some thousands of videos at a time."""
        self._missed, self._noticed = False, set()
        [counted] = await _COUNTED_LAST.fetch(connection)
        self._counted.saw(counted["revision"] or 0)
        found: set[int] = set()
        after = 0
        while rows := await _ALL.fetch(connection, after=after):
            after = rows[-1]["video_id"]
            self._take(rows)
            listed = [row["video_id"] for row in rows if row["listed"]]
            found.update(listed)
            self._count(await _COUNTS_OF.fetch(connection, ids=listed), loaded=not self._loaded)
            await asyncio.sleep(0)
        self._lose(set(self.trends.catalogue.row_of) - found)
        self.trends.settle(_now_ms(), at_once=True)
        self._loaded = True
        if len(found) >= MANY:
            # What was loaded stays: looking through it for garbage again and again would hold up requests.
            gc.collect()
            gc.freeze()

    def _take(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._changes.saw(row["revision"])
            self.trends.catalogue.put(
                Subject(
                    row["video_id"],
                    row["owner_id"],
                    row["duration_ms"],
                    row["tags"],
                    row["sound_id"],
                    row["language"],
                    row["listed"],
                    row["published_ms"] or 0,
                )
            )

    def _lose(self, video_ids: set[int]) -> None:
        for video_id in video_ids:
            self.trends.catalogue.lose(video_id)

    def _count(self, rows: list[Row], *, loaded: bool = False) -> None:
        row_of = self.trends.catalogue.row_of
        known = [row for row in rows if row["video_id"] in row_of]
        if known:
            places = np.array([row_of[row["video_id"]] for row in known], dtype=np.int64)
            counts = np.array([tuple(row)[1:-1] for row in known], dtype=np.float64)
            self.trends.count(places, counts, _now_ms(), loaded=loaded)


def _now_ms() -> int:
    return int(clock.now().timestamp() * 1000)


_stock: Stock | None = None


def here() -> Stock:
    """Return this process's catalogue, made on first use."""
    global _stock  # noqa: PLW0603 - one catalogue a process
    if _stock is None:
        _stock = Stock()
    return _stock


async def warm() -> None:
    """Load the catalogue before the first page asks for it; should the database be away, the first page does."""
    try:
        await here().ready()
    except db.AWAY as error:
        log.warning("feed.warm", error=type(error).__name__)


def notice(payload: str) -> None:
    """Hear that a video was published, changed or removed."""
    if _stock is not None:
        _stock.notice(payload)


def missed() -> None:
    """Hear that news may have been lost."""
    if _stock is not None:
        _stock.missed()


async def stop() -> None:
    """Leave the catalogue; before the process's connections are given back."""
    global _stock
    if _stock is not None:
        going, _stock = _stock, None
        await going.stop()
