"""What a person watched, the last first: theirs to read, to take along and to clear."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, tuple_

from nonet.core import db
from nonet.signals.kinds import Kind
from nonet.signals.tables import Event, Slate, Watch

AT_ONCE = 1_000


async def page(
    session: db.Session, viewer: int, after: tuple[datetime, int] | None, most: int
) -> list[tuple[int, datetime]]:
    """Return the videos a person played, each with the last time, after one of them in that order."""
    query = select(Watch.video_id, Watch.last_at).where(Watch.viewer == viewer, Watch.plays > 0)
    if after is not None:
        query = query.where(tuple_(Watch.last_at, Watch.video_id) < after)
    rows = await session.execute(query.order_by(Watch.last_at.desc(), Watch.video_id.desc()).limit(most))
    return [(row.video_id, row.last_at) for row in rows]


async def clear(session: db.Session, viewer: int, video_id: int | None = None) -> None:
    """Forget what a person watched, all or one video; feeds forget it with them. Their views stay counted."""
    query = delete(Watch).where(Watch.viewer == viewer)
    await session.execute(query if video_id is None else query.where(Watch.video_id == video_id))


async def export(session: db.Session, account_id: int) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Give all that the log knows of a person, row by row, each with the name of its list."""
    watches = select(Watch).where(Watch.viewer == account_id).order_by(Watch.last_at, Watch.video_id)
    async for watch in await session.stream_scalars(watches.execution_options(yield_per=AT_ONCE)):
        yield "watched", _watch(watch)
    events = select(Event).where(Event.viewer == account_id).order_by(Event.day, Event.id)
    async for event in await session.stream_scalars(events.execution_options(yield_per=AT_ONCE)):
        yield "events", _event(event)
    slates = select(Slate).where(Slate.viewer == account_id).order_by(Slate.id)
    async for slate in await session.stream_scalars(slates.execution_options(yield_per=AT_ONCE)):
        yield "pages", _slate(slate)


def _watch(watch: Watch) -> dict[str, Any]:
    return {
        "video_id": str(watch.video_id),
        "plays": watch.plays,
        "played_ms": watch.played_ms,
        "finishes": watch.finishes,
        "loops": watch.loops,
        "skips": watch.skips,
        "first_at": watch.first_at,
        "last_at": watch.last_at,
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "kind": Kind(event.kind).name.lower(),
        "video_id": str(event.video_id),
        "request_id": str(event.request_id),
        "position": event.position,
        "counted": event.counted,
        "value": event.value,
        "at": event.at,
    }


def _slate(slate: Slate) -> dict[str, Any]:
    return {
        "id": str(slate.id),
        "surface": slate.surface,
        "video_ids": [str(video_id) for video_id in slate.video_ids],
        "sources": list(slate.sources),
        "created_at": slate.created_at,
    }
