"""What other slices tell the log: which videos there are, and what people did with them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, text
from sqlalchemy.dialects.postgresql import insert

from nonet.core import clock, db, realtime, statements
from nonet.signals import counts, days, deltas, moments
from nonet.signals.kinds import ACTS
from nonet.signals.tables import Count, CountDelta, Subject, View

SUBJECTS = "nonet_subjects"
"""Channel that names each video whose subject changed or went; whoever missed one reads all again."""

NO_VIDEO = 0
"""In place of a video's number in an event that is about none."""

_next_revision = func.nextval("signals_revision")


async def register(
    session: db.Session,
    *,
    video_id: int,
    owner_id: int,
    duration_ms: int,
    tags: Sequence[str],
    sound_id: int | None,
    language: str,
    listed: bool,
    published_at: datetime | None,
) -> None:
    """Let the log know a video, or what has changed of it; ``listed`` ones may stand in feeds."""
    values: dict[str, Any] = {
        "owner_id": owner_id,
        "duration_ms": duration_ms,
        "tags": list(tags),
        "sound_id": sound_id,
        "language": language,
        "listed": listed,
        "published_at": published_at,
        "revision": _next_revision,
    }
    await session.execute(
        insert(Subject)
        .values(video_id=video_id, **values)
        .on_conflict_do_update(index_elements=["video_id"], set_=values)
    )
    await session.execute(insert(Count).values(video_id=video_id, revision=_next_revision).on_conflict_do_nothing())
    realtime.notify(session, SUBJECTS, str(video_id))


async def forget(session: db.Session, video_id: int) -> None:
    """Forget a video with its counters; what people watched of it stays in their own histories until they go."""
    # In the order in which a flush locks them.
    for table in (View, CountDelta, Count, Subject):
        await session.execute(delete(table).where(table.video_id == video_id))
    realtime.notify(session, SUBJECTS, str(video_id))


_ACT = statements.Statement(
    text(
        "WITH written AS ("
        "INSERT INTO events (day, id, viewer, kind, video_id, request_id, position, counted, value, at)"
        " VALUES (:day, :id, :viewer, :kind, :video_id, 0, 0, true, :delta, :at))"
        " INSERT INTO count_deltas (video_id, name, delta)"
        " SELECT :video_id, name, :delta FROM unnest(CAST(:names AS text[])) AS name"
    ).bindparams(bindparam("delta", type_=CountDelta.delta.type), bindparam("video_id", type_=CountDelta.video_id.type))
)


async def act(
    session: db.Transaction, kind: str, *, viewer: int, video_id: int, counter: str | None = None, delta: int = 1
) -> None:
    """Write an act to the log and change a counter by ``delta``, in one statement of the act's own transaction.

    ``kind`` is a word of ``kinds.ACTS``, ``counter`` a column of ``counts``; ``delta`` is the event's value as well.
    Nobody waits here for another: the change is a row of its own, which readers add and the fold sums up.
    """
    ms = moments.of(clock.now())
    day = moments.day(ms)
    if counter is not None and counter not in counts.CHANGED:
        raise LookupError(f"acts change no counter {counter}")
    await days.ready(day)
    await _ACT.fetch(
        await statements.raw(session),
        day=day,
        id=moments.new(ms),
        viewer=viewer,
        kind=int(ACTS[kind]),
        video_id=video_id,
        delta=delta,
        at=clock.now(),
        names=[counter] if counter else [],
    )
    db.after_commit(session, deltas.wake)


async def followed(session: db.Session, follower_id: int, followed_id: int) -> None:
    """Write to the log that one person follows another, whose number is the event's ``value``; no video, no counter."""
    await act(session, "followed", viewer=follower_id, video_id=NO_VIDEO, delta=followed_id)


async def unfollowed(session: db.Session, follower_id: int, followed_id: int) -> None:
    """Write to the log that a follow has ended, whoever ended it, as ``followed`` wrote that it began."""
    await act(session, "unfollowed", viewer=follower_id, video_id=NO_VIDEO, delta=followed_id)


async def change(session: db.Session, counter: str, video_ids: Sequence[int], delta: int) -> None:
    """Change one counter of many videos by ``delta`` each, without an act: for what goes with a removed person."""
    if counter not in counts.CHANGED:
        raise LookupError(f"acts change no counter {counter}")
    if video_ids:
        rows = [{"video_id": video_id, "name": counter, "delta": delta} for video_id in video_ids]
        await session.execute(insert(CountDelta), rows)
        db.after_commit(session, deltas.wake)
