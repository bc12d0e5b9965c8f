"""Counters as other slices read them: what is folded, and the changes that wait to be."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, select, true
from sqlalchemy.sql.selectable import LateralFromClause

from nonet.signals.tables import Count, CountDelta

SHOWN = ("views", "likes", "comments", "saves", "shares", "reposts")
"""What a card shows."""


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
    wanted = names or SHOWN
    waiting = (
        select(*(func.sum(CountDelta.delta).filter(CountDelta.name == name).label(name) for name in wanted))
        .where(CountDelta.video_id == video_id)
        .subquery("waiting")
    )
    folded = select(*(getattr(Count, name) for name in wanted)).where(Count.video_id == video_id).subquery("folded")
    both = (
        cast(func.coalesce(folded.c[name], 0) + func.coalesce(waiting.c[name], 0), BigInteger).label(name)
        for name in wanted
    )
    return select(*both).select_from(waiting.outerjoin(folded, true())).lateral("totals")
