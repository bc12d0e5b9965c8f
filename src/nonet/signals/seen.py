"""What a feed reads of the log about its viewer, as parts of the feed's own statement."""

from typing import Any

from sqlalchemy import Label, Subquery, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from nonet.signals.tables import Subject, Watch

NAMES = ("video_id", "plays", "played_ms", "finishes", "loops", "skips", "last_at")


def recent(viewer: Any, most: int) -> Subquery:  # noqa: ANN401 - any expression of SQLAlchemy
    """Return one row of arrays by NAMES, the last watched first; they are NULL when there is nothing.

    A watch with ``plays`` 0 was shown and never started. ``viewer`` is an account's id or minus a visitor's. Costs one
    scan of ``ix_watches_recent``.
    """
    last = _last(viewer, most)
    return select(*_arrays(last)).subquery("recent")


def recent_with_lengths(viewer: Any, most: int) -> Subquery:  # noqa: ANN401 - any expression of SQLAlchemy
    """Return the same with ``duration_ms``, of those videos that are still there."""
    last = _last(viewer, most)
    lengths = func.array_agg(aggregate_order_by(Subject.duration_ms, last.c.last_at.desc())).label("duration_ms")
    joined = last.join(Subject, Subject.video_id == last.c.video_id)
    return select(*_arrays(last), lengths).select_from(joined).subquery("recent")


def _last(viewer: Any, most: int) -> Subquery:  # noqa: ANN401 - any expression of SQLAlchemy
    return select(Watch).where(Watch.viewer == viewer).order_by(Watch.last_at.desc()).limit(most).subquery("last")


def _arrays(last: Subquery) -> list[Label[Any]]:
    newest = last.c.last_at.desc()
    return [func.array_agg(aggregate_order_by(last.c[name], newest)).label(name) for name in NAMES]
