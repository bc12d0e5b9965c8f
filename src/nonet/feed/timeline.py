"""Following: what the people someone follows have published, the newest first, by key and not by number.

A page begins after the moment and id in its cursor, so each video comes exactly once however much is published or
deleted meanwhile.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    DateTime,
    Text,
    bindparam,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)

from nonet.cards import select as cards
from nonet.core import cursors, ids
from nonet.core.statements import Row, Statement
from nonet.feed.pages import SIZE, Cursor, serving, unmuted
from nonet.people import relations
from nonet.people.tables import Follow
from nonet.videos import sight
from nonet.videos.tables import Video

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = (datetime(9999, 1, 1, tzinfo=UTC), (1 << 63) - 1)
_DIGITS = 18


def mark(row: Row) -> str:
    """Return a card's place in the list, for its cursor."""
    return f"{(row['published_at'] - _EPOCH) // timedelta(microseconds=1)}-{row['id']}"


def after(cursor: Cursor | None) -> dict[str, Any]:
    """Return the parameters of the place a cursor names; raises CursorInvalid."""
    at, video_id = _FIRST
    if cursor is not None:
        moment, _, number = cursor.key.partition("-")
        parsed = ids.parse(number)
        if parsed is None or not moment.isascii() or not moment.isdecimal() or len(moment) > _DIGITS:
            raise cursors.CursorInvalid
        try:
            at, video_id = _EPOCH + timedelta(microseconds=int(moment)), parsed
        except OverflowError:
            raise cursors.CursorInvalid from None
    return {"before_at": at, "before_id": video_id}


def _serve() -> Statement:
    by = cards.viewer()
    found = _found(by)
    place = func.row_number().over(order_by=(found.c.published_at.desc(), found.c.id.desc()))
    chosen = (
        select(
            found.c.id,
            literal("following", Text).label("source"),
            literal(1.0).label("propensity"),
            func.concat('[["follows","', cast(found.c.owner_id, Text), '",1.0]]').label("terms"),
            place.label("place"),
        )
        .order_by(place)
        .limit(SIZE)
        .cte("chosen")
    )
    shown = cards.of(chosen, by, checked=True).cte("shown")
    return serving(chosen, shown, select(func.count()).select_from(found).scalar_subquery() <= SIZE)


def _found(by: BindParameter[int]) -> CTE:
    """Select the newest of followed people: one more than a page, to know of an end.

    They can only be of those whose own newest are the newest, so that many followed cost one video each.
    """
    follow = Follow.__table__
    followed = (follow.c.follower_id == by, follow.c.state == "accepted")
    their_last = _newest_of(follow.c.followed_id, by, 1).correlate(follow).lateral("their_last")
    latest = (
        select(their_last.c.owner_id)
        .select_from(follow)
        .join(their_last, true())
        .where(*followed, not_(relations.mutes(by, follow.c.followed_id)))
        .order_by(their_last.c.published_at.desc(), their_last.c.id.desc())
        .limit(SIZE + 1)
        .cte("latest")
    )
    theirs = _newest_of(latest.c.owner_id, by, SIZE + 1).correlate(latest).lateral("theirs")
    newest = select(theirs).select_from(latest).join(theirs, true())
    return newest.order_by(theirs.c.published_at.desc(), theirs.c.id.desc()).limit(SIZE + 1).cte("found")


def _newest_of(owner: Any, by: BindParameter[int], most: int) -> Any:  # noqa: ANN401 - expressions of SQLAlchemy
    at, number = bindparam("before_at", type_=DateTime(timezone=True)), bindparam("before_id", type_=BigInteger)
    return (
        select(Video.id, Video.owner_id, Video.published_at)
        .where(
            Video.owner_id == owner,
            Video.published_at <= at,
            or_(Video.published_at < at, Video.id < number),
            sight.in_lists(by),
            unmuted(),
        )
        .order_by(Video.published_at.desc(), Video.id.desc())
        .limit(most)
    )


SERVE = _serve()
"""Takes ``viewer``, ``before_at`` and ``before_id``, what is muted, and the record of the page."""
