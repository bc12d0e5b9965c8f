"""The work of the log: who follows whom, days made and dropped, what is old forgotten, who is gone taken out."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from nonet.core import clock, db, ids, jobs, prefs
from nonet.people import following
from nonet.signals import days, moments, service, visitors
from nonet.signals.kinds import Kind

AT_ONCE = 10_000

EVENTS_KEPT_DAYS = prefs.number(
    "events_kept_days",
    default=90,
    low=9,
    high=3650,
    help="Days that the log of what people watched and did is kept, and with it the record of the pages they were"
    " served. Counters and each person's own watch history stay.",
)

_VISITORS = text(
    "WITH old AS (DELETE FROM watches WHERE (viewer, video_id) IN (SELECT viewer, video_id FROM watches"
    " WHERE viewer < 0 AND last_at < :before LIMIT :most) RETURNING viewer, video_id), gone AS ("
    "DELETE FROM views v USING old WHERE v.video_id = old.video_id AND v.viewer = old.viewer)"
    " SELECT count(*) FROM old"
)
_SLATES = text(
    "WITH old AS (DELETE FROM slates WHERE id IN (SELECT id FROM slates WHERE id < :before ORDER BY id LIMIT :most)"
    " RETURNING 1) SELECT count(*) FROM old"
)
_EVENTS = text(
    "DELETE FROM events WHERE day = :day"
    " AND (viewer = :viewer OR (kind IN (:followed, :unfollowed) AND value = :viewer))"
)


@jobs.handler("signals.days_due", every_s=3600, attempts=3)
async def turn_days(job: jobs.Running) -> None:
    """Make the partitions of the coming days, drop those that are kept no longer, forget visitors of a month ago."""
    del job
    await days.ahead()
    async with db.transaction() as session:
        kept = await prefs.get(session, EVENTS_KEPT_DAYS)
    until = clock.now() - timedelta(days=kept)
    await days.drop(moments.day(moments.of(until)))
    oldest_slate = max(0, moments.of(until) - ids.EPOCH_MS) << 22
    await _in_parts(_SLATES, {"before": oldest_slate})
    await _in_parts(_VISITORS, {"before": clock.now() - timedelta(seconds=visitors.LIFE_S)})


async def _in_parts(statement: Any, args: dict[str, Any]) -> None:  # noqa: ANN401 - a text of SQLAlchemy
    """Run a deletion until it finds nothing more, a few rows in one transaction."""
    gone = AT_ONCE
    while gone == AT_ONCE:
        async with db.transaction() as session:
            gone = await session.scalar(statement, {**args, "most": AT_ONCE}) or 0


@jobs.reaction(following.FOLLOWED)
async def note_follow(session: db.Session, args: dict[str, Any]) -> None:
    """Write to the log that someone follows a person: at once, or since they were let in. Asking alone is no follow."""
    if args["state"] == "accepted":
        await service.followed(session, int(args["follower_id"]), int(args["followed_id"]))


@jobs.reaction(following.UNFOLLOWED)
async def note_unfollow(session: db.Session, args: dict[str, Any]) -> None:
    """Write to the log that a follow has ended; a request that was taken back or declined was none."""
    if args["state"] == "accepted":
        await service.unfollowed(session, int(args["follower_id"]), int(args["followed_id"]))


@jobs.handler("account.deleted", attempts=10)
async def forget_viewer(job: jobs.Running) -> None:
    """Take a removed person out of the log, day by day, and who followed them; what they added to counters stays."""
    viewer = {"viewer": int(job.args["account_id"])}
    about = {**viewer, "followed": int(Kind.FOLLOWED), "unfollowed": int(Kind.UNFOLLOWED)}
    async with db.transaction() as session:
        for table in ("views", "watches", "slates"):
            await session.execute(text(f"DELETE FROM {table} WHERE viewer = :viewer"), viewer)  # noqa: S608 - our names
    async with (await db.pool()).acquire() as connection:
        logged = await days.kept(connection)
    for day in logged:
        async with db.transaction() as session:
            await session.execute(_EVENTS, {**about, "day": day})
