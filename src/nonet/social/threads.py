"""Conversations: how one stands to who writes to them, taking part, accepting, leaving, and what each sees.

While one of two has blocked the other, their conversation is closed: neither finds it. In a group, the two see nothing
of each other's messages.

Who has restricted the other finds their conversation among the requests, until they accept it or the restriction ends.
The other's view of it stays as it was: what is read meanwhile isn't noted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, func, literal, not_, or_, select, update
from sqlalchemy.orm import aliased

from nonet.accounts.tables import Account
from nonet.core import clock, db, errors, realtime
from nonet.inbox import service as inbox
from nonet.people import privacy, relations
from nonet.people.tables import Profile
from nonet.social import admission
from nonet.social.tables import Message, Thread, ThreadMember


@dataclass(frozen=True, slots=True)
class Taken:
    """A conversation and someone's own part in it."""

    thread: Thread
    me: ThreadMember
    held: bool

    @property
    def asked(self) -> bool:
        """Whether they accept before they write: a request, or what someone restricted writes."""
        return self.held or self.me.state == "asked"


def _closed(account_id: int) -> ColumnElement[bool]:
    """Return whether a conversation of two is closed because one has blocked the other."""
    other = aliased(ThreadMember)
    return and_(
        Thread.pair.is_not(None),
        exists().where(
            other.thread_id == Thread.id,
            other.account_id != account_id,
            relations.blocked(account_id, other.account_id),
        ),
    )


def held() -> ColumnElement[bool]:
    """Return whether someone holds back what the other of two writes, in a select over ``Thread`` and their part."""
    other = aliased(ThreadMember)
    return and_(
        Thread.pair.is_not(None),
        exists().where(
            other.thread_id == Thread.id,
            other.account_id != ThreadMember.account_id,
            relations.restricts(ThreadMember.account_id, other.account_id, since=ThreadMember.accepted_at),
        ),
    )


def mine(account_id: int) -> Select[Thread, ThreadMember, bool]:
    """Select someone's conversations with their own part in each, and whether they hold back what the other writes."""
    return (
        select(Thread, ThreadMember, held().label("held"))
        .join(ThreadMember, and_(ThreadMember.thread_id == Thread.id, ThreadMember.account_id == account_id))
        .where(ThreadMember.state != "left", not_(_closed(account_id)))
    )


async def take(session: db.Session, account_id: int, thread_id: int, *, lock: bool = False) -> Taken:
    """Return a conversation that someone takes part in or is asked to; raises NotFound."""
    query = mine(account_id).where(Thread.id == thread_id)
    row = (await session.execute(query.with_for_update(of=Thread) if lock else query)).first()
    if row is None:
        raise errors.NotFound
    return Taken(*row)


async def standings(
    session: db.Session,
    writer_id: int,
    handles: Mapping[int, str],
    *,
    seats: Mapping[int, admission.Seat] | None = None,
) -> dict[int, admission.Standing]:
    """Return how each of some people, by id, stands to who writes to them, in one query; ``seats`` are those they have.

    Raises NotFound when one of them is no more.
    """
    writer, other = aliased(Account), aliased(Account)
    born_by = await privacy.adults_born_by(session)
    query = (
        select(
            other.id,
            and_(other.state == "active", not_(relations.blocked(writer_id, other.id))).label("reachable"),
            relations.follows(other.id, literal(writer_id)).label("follows"),
            relations.follows(writer_id, other.id).label("writer_follows"),
            (other.birth_date > born_by).label("minor"),
            (writer.birth_date > born_by).label("writer_minor"),
            func.coalesce(Profile.messages_from, "everyone").label("messages_from"),
        )
        .select_from(other)
        .join(writer, writer.id == writer_id)
        .outerjoin(Profile, Profile.account_id == other.id)
        .where(other.id.in_(handles))
    )
    found = {row.id: row._asdict() for row in await session.execute(query)}
    if found.keys() != handles.keys():
        raise errors.NotFound
    return {each: _standing(found[each], handles[each], (seats or {}).get(each)) for each in handles}


def _standing(row: dict[str, object], handle: str, seat: admission.Seat | None) -> admission.Standing:
    known = {name: value for name, value in row.items() if name != "id"}
    return admission.Standing(handle=handle, seat=seat, **known)  # type: ignore[arg-type] # the columns are its fields


async def accept(session: db.Session, account_id: int, thread_id: int) -> None:
    """Accept a request; from then on the conversation is like any other. Raises NotFound."""
    taken = await take(session, account_id, thread_id, lock=True)
    taken.me.state, taken.me.accepted_at = "in", clock.now()
    await session.flush()
    await inbox.read_group(session, account_id, group_key(thread_id))
    await tell(session, thread_id, await members(session, [thread_id]))


async def leave(session: db.Session, account_id: int, thread_id: int) -> None:
    """Leave a conversation or decline a request; one that everybody left is gone. Raises NotFound."""
    taken = await take(session, account_id, thread_id, lock=True)
    taken.me.state = "left"
    await session.flush()
    await inbox.read_group(session, account_id, group_key(thread_id))
    left = await members(session, [thread_id])
    if left:
        await tell(session, thread_id, left)
    else:
        await session.execute(delete(Thread).where(Thread.id == thread_id))


async def mute(session: db.Session, account_id: int, thread_id: int, *, muted: bool) -> None:
    """Stop, or start again, telling someone of what is written in a conversation; raises NotFound."""
    (await take(session, account_id, thread_id)).me.muted = muted
    await session.flush()


async def read(session: db.Session, account_id: int, thread_id: int, up_to: int) -> None:
    """Note the last message that someone has seen; never an earlier one than before, none held. Raises NotFound."""
    taken = await take(session, account_id, thread_id)
    seen = min(up_to, taken.thread.last_id)
    if not taken.held:
        raised = update(ThreadMember).where(ThreadMember.thread_id == thread_id, ThreadMember.account_id == account_id)
        await session.execute(raised.values(read_id=func.greatest(ThreadMember.read_id, seen)))
    if seen >= taken.thread.last_id:
        await inbox.read_group(session, account_id, group_key(thread_id))


async def hush(session: db.Session, account_id: int, other_id: int) -> None:
    """Take what one of two was told of their conversation as read, while they hold it back."""
    query = mine(account_id).where(Thread.pair == pair_key(account_id, other_id), held())
    row = (await session.execute(query)).first()
    if row is not None:
        await inbox.read_group(session, account_id, group_key(row[0].id))


def pair_key(one: int, other: int) -> str:
    """Return what the conversation of two people is known by."""
    return f"{min(one, other)}:{max(one, other)}"


def group_key(thread_id: int) -> str:
    """Return the key under which the inbox gathers what happens in a conversation."""
    return f"thread:{thread_id}"


async def members(session: db.Session, thread_ids: Sequence[int]) -> list[ThreadMember]:
    """Return who takes part in conversations, or is asked to."""
    query = select(ThreadMember).where(ThreadMember.thread_id.in_(thread_ids), ThreadMember.state != "left")
    found = await session.scalars(query.order_by(ThreadMember.thread_id, ThreadMember.account_id))
    return list(found)


async def tell(session: db.Session, thread_id: int, to: Iterable[ThreadMember]) -> None:
    """Let the open pages of some read a conversation again, once this is durable."""
    for each in to:
        realtime.tell(session, each.account_id, {"type": "message", "thread_id": str(thread_id)})


async def page(session: db.Session, account_id: int, state: str, before: int | None, most: int) -> list[Taken]:
    """Return someone's conversations in a state, the last one written in first; requests without a message wait.

    Those in which they hold back what the other writes stand among the requests.
    """
    asked = or_(ThreadMember.state == "asked", held())
    query = mine(account_id).where(asked if state == "asked" else not_(asked))
    since = case((ThreadMember.state == "asked", ThreadMember.since_id), else_=Thread.id)
    begun = or_(Thread.made_by == account_id, Thread.last_id > since)
    query = query.where(begun).order_by(Thread.last_id.desc()).limit(most)
    if before is not None:
        query = query.where(Thread.last_id < before)
    return [Taken(*row) for row in await session.execute(query)]


def heard_by(viewer: Any, *, minor: ColumnElement[bool] | bool) -> ColumnElement[bool]:  # noqa: ANN401 - an id or a column
    """Return whether someone sees what another writes, in a select over ``Message`` and ``Thread``.

    In a group, someone under the adult age sees nothing of people they don't follow.
    """
    from_whom = or_(
        Thread.pair.is_not(None),
        Message.author_id == viewer,
        not_(literal(minor) if isinstance(minor, bool) else minor),
        relations.follows(viewer, Message.author_id),
    )
    return and_(from_whom, not_(relations.blocked(viewer, Message.author_id)))
