"""Which videos nobody watched for long, and which of those are watched again: the log knows, media does the rest."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from nonet.core import clock, db, prefs
from nonet.media import cold
from nonet.media.tables import Asset
from nonet.signals.tables import Count
from nonet.videos.tables import Video

COLD_AFTER_DAYS = prefs.number(
    "cold_after_days",
    default=0,
    low=0,
    high=3650,
    help="After how many days without a view a video keeps its smallest size alone, until it is watched again; 0 keeps"
    " every size of every video.",
)
REBUILDS_PER_H = prefs.number(
    "rebuilds_per_h",
    default=30,
    low=0,
    high=10_000,
    help="Of how many videos that are watched again the larger sizes are made anew in an hour, behind all other work.",
)
RUNS_PER_H = 6
AT_ONCE = 100
LOOKS_BACK = timedelta(days=2)

Told = Callable[[int, int], None]
"""``told(done, total)``: how many bytes went so far, of how many that may."""


async def note_watched() -> None:
    """Tell media of videos that were watched in these days and of which it knows that from more than a day ago."""
    query = select(Video.asset_id, Count.watched_at).join(Video, Video.id == Count.video_id)
    query = query.join(Asset, Asset.id == Video.asset_id).order_by(Asset.id).limit(AT_ONCE)
    query = query.where(Count.watched_at > clock.now() - LOOKS_BACK, Asset.watched_at < Count.watched_at - cold.COARSE)
    last = 0
    while True:
        async with db.transaction() as session:
            found = (await session.execute(query.where(Asset.id > last))).all()
            await cold.watched(session, {row.asset_id: row.watched_at for row in found})
        if len(found) < AT_ONCE:
            return
        last = found[-1].asset_id


async def warm() -> None:
    """Make the sizes of cold videos again that were watched since, those watched last first, as many as may be now."""
    query = select(Video.asset_id).join(Asset, Asset.id == Video.asset_id).join(Count, Count.video_id == Video.id)
    again = (Asset.cooled_at.is_not(None), Count.watched_at > Asset.cooled_at, Asset.state == "complete")
    recent = Count.watched_at > clock.now() - LOOKS_BACK
    async with db.transaction() as session:
        share = share_of_run(await prefs.get(session, REBUILDS_PER_H), clock.now())
        found = await session.scalars(query.where(recent, *again).order_by(Count.watched_at.desc()))
        wanted = list(found)
    for asset_id in wanted:
        if share <= 0:
            return
        async with db.transaction() as session:
            share -= await cold.warm(session, asset_id)


def share_of_run(per_h: int, now: datetime) -> int:
    """Return how many a run at this time may do, so that the runs of an hour do ``per_h``. Pure."""
    run = now.minute * RUNS_PER_H // 60
    return per_h * (run + 1) // RUNS_PER_H - per_h * run // RUNS_PER_H


async def drop(told: Told = lambda _done, _total: None) -> tuple[int, int]:
    """Let the larger sizes of every video go that nobody watched for as long as the policy says.

    Returns how many videos that were, and how many bytes they will give back.
    """
    async with db.transaction() as session:
        days = await prefs.get(session, COLD_AFTER_DAYS)
        until = clock.now() - timedelta(days=days)
        _, (total,) = await cold.estimate(session, [until])
    dropped = size_bytes = 0
    last: cold.Candidate | None = None
    while days:
        async with db.transaction() as session:
            found = await cold.candidates(session, until, last, AT_ONCE)
            watched = await _watched(session, [each.id for each in found], until)
            await cold.watched(session, watched)
        for last in found:
            freed = 0 if last.id in watched else await cold.cool(last.id)
            dropped, size_bytes = dropped + bool(freed), size_bytes + freed
            told(size_bytes, total)
        if len(found) < AT_ONCE:
            break
    return dropped, size_bytes


async def _watched(session: db.Session, asset_ids: Sequence[int], since: datetime) -> Mapping[int, datetime]:
    """Return when those of the assets were last watched that were since."""
    query = select(Video.asset_id, func.max(Count.watched_at).label("at")).join(Count, Count.video_id == Video.id)
    query = query.where(Video.asset_id.in_(asset_ids), Count.watched_at >= since).group_by(Video.asset_id)
    rows: Any = await session.execute(query)
    return {row.asset_id: row.at for row in rows}
