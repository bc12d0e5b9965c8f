"""Counters as other slices read them: what is folded, and the changes that wait to be."""

from typing import Any

from sqlalchemy import BigInteger, cast, func, literal, select
from sqlalchemy.sql.selectable import LateralFromClause

from nonet.signals.tables import Count, CountDelta

SHOWN = ("views", "likes", "comments", "saves", "shares", "reposts")
"""What a card shows."""
CHANGED = ("likes", "saves", "shares", "comments", "reposts", "hides")
"""What acts change; the other counters come from watching."""


def totals(video_id: Any) -> LateralFromClause:  # noqa: ANN401 - any expression of SQLAlchemy
    """Return the counters SHOWN of the video in a column as they are now, to be joined ``ON true``; two index scans."""
    one = select(literal(1).label("one")).subquery("one")
    both = (
        cast(
            func.coalesce(func.max(getattr(Count, name)), 0)
            + func.coalesce(func.sum(CountDelta.delta).filter(CountDelta.name == name), 0),
            BigInteger,
        ).label(name)
        for name in SHOWN
    )
    # The column stands in the conditions of joins alone: in a WHERE, its table would come in with all its rows.
    joined = one.outerjoin(Count, Count.video_id == video_id).outerjoin(CountDelta, CountDelta.video_id == video_id)
    return select(*both).select_from(joined).lateral("totals")
