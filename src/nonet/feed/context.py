"""What one request has to know of who asks: one statement, answered as packed arrays.

Session, the page a cursor stands on, the page that was served for it already, the last watches and how they went, what
is followed, blocked, muted, refused, reported and liked, and how the person wants their feed. Arrays come as the bytes
PostgreSQL sends them in, which numpy reads without making a Python number of each.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    LargeBinary,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from nonet.accounts import links
from nonet.accounts.tables import Account, LoginSession
from nonet.core.statements import Connection, Row, Statement
from nonet.feed.tables import Choice, Refused
from nonet.moderation.tables import Report
from nonet.people.tables import Block, Follow, Mute
from nonet.recsys.rates import Ints
from nonet.signals.tables import Slate, Subject, Watch
from nonet.social.tables import Like

WATCHES_MOST, SEEN_MOST, LIKED_MOST, FOLLOWED_MOST, MUTES_MOST, UNWANTED_MOST = 300, 2000, 200, 1000, 1000, 10_000
_PACKED = np.dtype([("length", ">i4"), ("value", ">i8")])
_HEADER_BYTES = 20
_NONE: Ints = np.zeros(0, np.int64)
_SHIFTS = {
    "played_ms": (20, (1 << 40) - 1),
    "plays": (12, 255),
    "finishes": (8, 15),
    "loops": (4, 15),
    "skips": (0, 15),
}
"""How one number holds how a watch went: by how many bits each column is shifted, and its most."""
_SLATE = ("id", "session_id", "seed", "again", "before", "video_ids", "ended", "created_at", "terms")


@dataclass(frozen=True, slots=True)
class Served:
    """A page as it was served."""

    id: int
    session_id: int
    seed: int
    again: bool
    before: list[int]
    video_ids: list[int]
    ended: bool
    created_at: datetime
    terms: str


@dataclass(slots=True)
class Viewer:
    """Who asks, and what is known of them; a visitor's ``id`` is minus their number, 0 without one.

    ``seen`` are the videos they watched last, the most recent first; ``went`` how each went, for ``how`` to read,
    0 when that says nothing.
    """

    id: int = 0
    account_id: int | None = None
    personal: bool = True
    language: str = ""
    seen: Ints = field(default_factory=lambda: _NONE)
    went: Ints = field(default_factory=lambda: _NONE)
    liked: Ints = field(default_factory=lambda: _NONE)
    followed: Ints = field(default_factory=lambda: _NONE)
    unwanted_people: Ints = field(default_factory=lambda: _NONE)
    unwanted_videos: Ints = field(default_factory=lambda: _NONE)
    muted_tags: list[str] = field(default_factory=list)
    muted_sounds: list[int] = field(default_factory=list)
    muted_words: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Asked:
    """A request's answer from the database: who, after which page, and what was served there already."""

    viewer: Viewer
    parent: Served | None
    existing: Served | None
    revision: int
    session_id: int | None
    last_seen_at: datetime | None


def _who() -> Any:  # noqa: ANN401 - a subquery of SQLAlchemy
    """Select the one row of who asks: an account by its session's token, or a visitor."""
    me = (
        select(
            Account.id.label("account_id"),
            LoginSession.id.label("session_id"),
            LoginSession.last_seen_at,
            func.coalesce(Choice.personal, true()).label("personal"),
            Choice.reset_at,
        )
        .join(LoginSession, LoginSession.account_id == Account.id)
        .outerjoin(Choice, Choice.account_id == Account.id)
        .where(
            LoginSession.token_hash == bindparam("token", type_=LargeBinary),
            LoginSession.expires_at > bindparam("now", type_=DateTime(timezone=True)),
            Account.state == "active",
        )
        .subquery("me")
    )
    one = select(literal_column("1").label("one")).subquery("one")
    visitor = bindparam("visitor", type_=BigInteger)
    return (
        select(me, func.coalesce(me.c.account_id, visitor).label("viewer"))
        .select_from(one.outerjoin(me, true()))
        .cte("who")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )


def _packed(query: Select[Any]) -> ColumnElement[Any]:
    return func.array_send(func.array(query.scalar_subquery()), type_=LargeBinary)


def _lists(who: Any) -> list[ColumnElement[Any]]:  # noqa: ANN401 - a subquery of SQLAlchemy
    account, since = who.c.account_id, func.coalesce(who.c.reset_at, literal_column("'-infinity'::timestamptz"))
    by, of = aliased(Block), aliased(Block)
    people, videos = aliased(Refused), aliased(Refused)
    muted: Any = (
        select(literal_column("mutes.value::bigint"))
        .select_from(Mute)
        .where(Mute.account_id == account, Mute.kind == "person")
    )
    # Each list has an end: what is older is still kept out where cards are read, or has been told long ago.
    unwanted = union_all(
        select(by.blocked_id).where(by.blocker_id == account).correlate(who),
        select(of.blocker_id).where(of.blocked_id == account).correlate(who),
        select(people.subject_id).where(people.account_id == account, people.kind == "person").correlate(who),
        muted.correlate(who),
    ).lateral("unwanted")
    avoided = union_all(
        select(videos.subject_id).where(videos.account_id == account, videos.kind == "video").correlate(who),
        select(Report.subject_id).where(Report.reporter_id == account, Report.kind == "video").correlate(who),
    ).lateral("avoided")
    liked = select(Like.video_id).where(Like.account_id == account, Like.created_at > since)
    followed = select(Follow.followed_id).where(Follow.follower_id == account, Follow.state == "accepted")
    muted_rest = func.array(
        select(Mute.kind + ":" + Mute.value)
        .where(Mute.account_id == account, or_(Mute.kind == "tag", Mute.kind == "sound", Mute.kind == "word"))
        .limit(MUTES_MOST)
        .scalar_subquery()
    )
    return [
        _packed(liked.order_by(Like.created_at.desc()).limit(LIKED_MOST)).label("liked"),
        _packed(followed.order_by(Follow.created_at.desc()).limit(FOLLOWED_MOST)).label("followed"),
        _packed(select(unwanted).limit(UNWANTED_MOST)).label("unwanted"),
        _packed(select(avoided).limit(UNWANTED_MOST)).label("avoided"),
        muted_rest.label("muted"),
    ]


def _watches(who: Any) -> Any:  # noqa: ANN401 - a subquery of SQLAlchemy
    since = func.coalesce(who.c.reset_at, literal_column("'-infinity'::timestamptz"))
    packed: Any = literal_column("0")
    for name, (shift, most) in _SHIFTS.items():
        column = func.least(getattr(Watch, name), literal_column(str(most)))
        packed += column.op("<<")(literal_column(str(shift)))
    last = (
        select(Watch.video_id, case((and_(Watch.last_at > since, Watch.plays > 0), packed), else_=0).label("went"))
        .where(Watch.viewer == who.c.viewer)
        .order_by(Watch.last_at.desc())
        .limit(SEEN_MOST)
        .correlate(who)
        .lateral("last")
    )
    columns = {"seen": last.c.video_id, "went": last.c.went}
    return select(
        *(func.array_send(func.array_agg(column), type_=LargeBinary).label(name) for name, column in columns.items())
    ).lateral("watched")


def how(went: Ints) -> dict[str, Ints]:
    """Read how watches went, by the columns of ``Watch``."""
    return {name: went >> shift & most for name, (shift, most) in _SHIFTS.items()}


def pack(**columns: int) -> int:
    """Write how a watch went into one number."""
    return sum(min(columns.get(name, 0), most) << shift for name, (shift, most) in _SHIFTS.items())


def _statement() -> Statement:
    who = _who()
    watched = _watches(who)
    parent, existing = aliased(Slate), aliased(Slate)
    after, cut = bindparam("parent", type_=BigInteger), bindparam("cut", type_=BigInteger)
    # What nobody in particular was served stays theirs when they get a number, or sign in.
    theirs, same = (or_(slate.viewer == who.c.viewer, slate.viewer == 0) for slate in (parent, existing))
    return Statement(
        select(
            who,
            *_lists(who),
            *watched.c,
            *(getattr(parent, name).label(f"parent_{name}") for name in _SLATE),
            *(getattr(existing, name).label(f"existing_{name}") for name in _SLATE),
            select(func.max(Subject.revision)).scalar_subquery().label("revision"),
        )
        .select_from(who)
        .join(watched, true())
        .outerjoin(parent, (parent.id == after) & (parent.surface == bindparam("surface")) & theirs)
        .outerjoin(existing, (existing.parent == parent.id) & (existing.cut == cut) & same)
    )


STATEMENT = _statement()


def unpack(sent: bytes | None) -> Ints:
    """Read a bigint array without nulls, as PostgreSQL sends it."""
    if sent is None or len(sent) <= _HEADER_BYTES:
        return _NONE
    return np.frombuffer(sent, _PACKED, offset=_HEADER_BYTES)["value"].astype(np.int64)


def _served(row: Row, name: str) -> Served | None:
    if row[f"{name}_id"] is None:
        return None
    return Served(*(row[f"{name}_{column}"] for column in _SLATE))


def _muted(entries: list[str], kind: str) -> list[str]:
    return [entry[len(kind) + 1 :] for entry in entries if entry.startswith(kind + ":")]


async def read(
    connection: Connection,
    *,
    token: str | None,
    visitor: int,
    surface: str,
    parent: int | None,
    cut: int,
    now: datetime,
    language: str = "",
) -> Asked:
    """Return who asks with what is known of them, after which page, and what was served there already."""
    (row,) = await STATEMENT.fetch(
        connection,
        token=links.token_hash(token) if token else None,
        visitor=-visitor,
        surface=surface,
        parent=parent,
        cut=cut,
        now=now,
    )
    muted = row["muted"]
    viewer = Viewer(
        id=row["viewer"],
        account_id=row["account_id"],
        personal=row["personal"] is not False,
        language=language,
        seen=unpack(row["seen"]),
        went=unpack(row["went"]),
        liked=unpack(row["liked"]),
        followed=unpack(row["followed"]),
        unwanted_people=unpack(row["unwanted"]),
        unwanted_videos=unpack(row["avoided"]),
        muted_tags=_muted(muted, "tag"),
        muted_sounds=[int(each) for each in _muted(muted, "sound")],
        muted_words=_muted(muted, "word"),
    )
    return Asked(
        viewer,
        _served(row, "parent"),
        _served(row, "existing"),
        row["revision"] or 0,
        row["session_id"],
        row["last_seen_at"],
    )
