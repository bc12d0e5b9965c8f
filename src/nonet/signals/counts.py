"""Counters as other slices read them: what is folded, and the changes that wait to be."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, literal, select
from sqlalchemy.sql.selectable import LateralFromClause

from nonet.signals.tables import Count, CountDelta

SHOWN = ("views", "likes", "comments", "saves", "shares", "reposts")
"""What a card shows."""
CHANGED = ("likes", "saves", "shares", "comments", "reposts", "hides")
"""What acts change; the other counters come from watching."""


def total(name: str, video_id: Any) -> ColumnElement[int]:  # noqa: ANN401 - any expression of SQLAlchemy
    """Return a counter of the video in a column, as it is now; for any select."""
    folded = select(getattr(Count, name)).where(Count.video_id == video_id).scalar_subquery()
    waiting = (
        select(cast(func.sum(CountDelta.delta), BigInteger))
        .where(CountDelta.video_id == video_id, CountDelta.name == name)
        .scalar_subquery()
    )
    return func.coalesce(folded, 0) + func.coalesce(waiting, 0)


def totals(video_id: Any, *names: str) -> LateralFromClause:  # noqa: ANN401 - any expression of SQLAlchemy
    """Return all counters of the video in a column at once, to be joined ``ON true``: two index scans a video."""
    one = select(literal(1).label("one")).subquery("one")
    both = (
        cast(
            func.coalesce(func.max(getattr(Count, name)), 0)
            + func.coalesce(func.sum(CountDelta.delta).filter(CountDelta.name == name), 0),
            BigInteger,
        ).label(name)
        for name in names or SHOWN
    )
    # The column stands in the conditions of joins alone: in a WHERE, its table would come in with all its rows.
    joined = one.outerjoin(Count, Count.video_id == video_id).outerjoin(CountDelta, CountDelta.video_id == video_id)
    return select(*both).select_from(joined).lateral("totals")
