"""Conversations: opening one, taking part, accepting, leaving, and what each of a conversation sees of it.

A conversation of two is one however often it is opened. While either has blocked the other it is closed: neither finds
it. In a group, the two see nothing of each other's messages.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, literal, not_, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from nonet.accounts.tables import Account
from nonet.core import clock, db, errors, ids, limits, realtime
from nonet.inbox import service as inbox
from nonet.people import privacy, relations
from nonet.people import service as people
from nonet.people.following import NotYourself
from nonet.social import admission, wording
from nonet.social.tables import Message, Thread, ThreadMember

PEOPLE_MOST = 10
THREADS_PER_H, THREADS_BURST = 60, 20


class TooManyPeople(errors.Refusal):
    """A group takes ten."""

    code = "too_many_people"
    sentence = "A conversation takes {most} people, you among them."


@dataclass(frozen=True, slots=True)
class Taken:
    """A conversation and someone's own part in it."""

    thread: Thread
    me: ThreadMember


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


def mine(account_id: int) -> Select[Thread, ThreadMember]:
    """Select someone's conversations with their own part in each."""
    return (
        select(Thread, ThreadMember)
        .join(ThreadMember, and_(ThreadMember.thread_id == Thread.id, ThreadMember.account_id == account_id))
        .where(ThreadMember.state != "left", not_(_closed(account_id)))
    )


async def take(session: db.Session, account_id: int, thread_id: int, *, lock: bool = False) -> Taken:
    """Return a conversation that someone takes part in or is asked to; raises NotFound."""
    query = mine(account_id).where(Thread.id == thread_id)
    row = (await session.execute(query.with_for_update(of=Thread) if lock else query)).first()
    if row is None:
        raise errors.NotFound
    return Taken(row[0], row[1])


async def open_with(session: db.Session, account_id: int, handles: Sequence[str], title: str) -> int:
    """Return the conversation with one other person, made when there is none, or make a group; its id.

    Raises NotFound, NotYourself, TooManyPeople, WordsInvalid and what ``admission.admit`` refuses.
    """
    others = await _found(session, handles)
    if account_id in others:
        raise NotYourself
    if len(others) == 1:
        return await _pair(session, account_id, *others.items())
    named = wording.line("A title", title, wording.TITLE_MOST, least=0)
    if len(others) >= PEOPLE_MOST:
        raise TooManyPeople(most=PEOPLE_MOST)
    await _limit(account_id)
    seats = {}
    for other_id, handle in others.items():
        seats[other_id] = admission.admit(await standing(session, account_id, other_id, handle))
    made = ids.new()
    session.add(Thread(id=made, pair=None, title=named, made_by=account_id, last_id=made))
    await session.flush()
    await _seat(session, made, {account_id: "in", **seats})
    return made


async def _limit(account_id: int) -> None:
    await limits.take(f"threads:{account_id}", rate_per_h=THREADS_PER_H, burst=THREADS_BURST)


async def _found(session: db.Session, handles: Iterable[str]) -> dict[int, str]:
    """Return whose handles these are; raises NotFound when one is nobody's."""
    found = {}
    for handle in handles:
        person = await people.find(session, handle)
        if person is None:
            raise errors.NotFound
        found[person.account_id] = person.handle
    return found


async def _pair(session: db.Session, account_id: int, other: tuple[int, str]) -> int:
    other_id, handle = other
    pair = f"{min(account_id, other_id)}:{max(account_id, other_id)}"
    known = await session.scalar(select(Thread.id).where(Thread.pair == pair))
    if known is None:
        await _limit(account_id)
        seat = admission.admit(await standing(session, account_id, other_id, handle))
        made = ids.new()
        row = insert(Thread).values(
            id=made, pair=pair, title="", made_by=account_id, last_id=made, created_at=clock.now()
        )
        known = await session.scalar(row.on_conflict_do_nothing(index_elements=["pair"]).returning(Thread.id))
        if known is not None:
            await _seat(session, made, {account_id: "in", other_id: seat})
            return made
        known = (await session.scalars(select(Thread.id).where(Thread.pair == pair))).one()
    elif not (await _standing(session, account_id, other_id)).reachable:
        raise errors.NotFound
    back = update(ThreadMember).where(ThreadMember.thread_id == known, ThreadMember.account_id == account_id)
    await session.execute(back.where(ThreadMember.state == "left").values(state="in"))
    return int(known)


async def _seat(session: db.Session, thread_id: int, seats: dict[int, str]) -> None:
    session.add_all(ThreadMember(thread_id=thread_id, account_id=each, state=seats[each]) for each in sorted(seats))
    await session.flush()


async def _standing(session: db.Session, writer_id: int, other_id: int) -> Any:  # noqa: ANN401 - a row of SQLAlchemy
    writer, other = aliased(Account), aliased(Account)
    query = (
        select(
            and_(other.state == "active", not_(relations.blocked(writer_id, other.id))).label("reachable"),
            relations.follows(other_id, literal(writer_id)).label("follows"),
            relations.follows(writer_id, literal(other_id)).label("writer_follows"),
            *(other.birth_date.label("born"), writer.birth_date.label("writer_born"), other.handle),
        )
        .select_from(other)
        .join(writer, writer.id == writer_id)
        .where(other.id == other_id)
    )
    row = (await session.execute(query)).first()
    if row is None:
        raise errors.NotFound
    return row


async def standing(
    session: db.Session,
    writer_id: int,
    other_id: int,
    handle: str,
    *,
    seat: str | None = None,
    sent: bool = False,
) -> admission.Standing:
    """Return how someone stands to who writes to them."""
    row = await _standing(session, writer_id, other_id)
    adults_born_by = await privacy.adults_born_by(session)
    return admission.Standing(
        handle=handle,
        reachable=row.reachable,
        follows=row.follows,
        minor=row.born > adults_born_by,
        messages_from=(await privacy.of(session, other_id)).messages_from,
        seat=cast("admission.Seat | None", seat),
        sent=sent,
        writer_minor=row.writer_born > adults_born_by,
        writer_follows=row.writer_follows,
    )


async def accept(session: db.Session, account_id: int, thread_id: int) -> None:
    """Accept a request; from then on the conversation is like any other. Raises NotFound."""
    taken = await take(session, account_id, thread_id, lock=True)
    taken.me.state = "in"
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
    """Note the last message that someone has seen; never an earlier one than before. Raises NotFound."""
    taken = await take(session, account_id, thread_id)
    seen = min(up_to, taken.thread.last_id)
    raised = update(ThreadMember).where(ThreadMember.thread_id == thread_id, ThreadMember.account_id == account_id)
    await session.execute(raised.values(read_id=func.greatest(ThreadMember.read_id, seen)))
    if seen >= taken.thread.last_id:
        await inbox.read_group(session, account_id, group_key(thread_id))


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
    """Return someone's conversations in a state, the last one written in first; requests without a message wait."""
    query = mine(account_id).where(ThreadMember.state == state)
    begun = or_(Thread.made_by == account_id, Thread.last_id > Thread.id)
    query = query.where(begun).order_by(Thread.last_id.desc()).limit(most)
    if before is not None:
        query = query.where(Thread.last_id < before)
    return [Taken(row[0], row[1]) for row in await session.execute(query)]


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
