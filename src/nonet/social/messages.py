"""Writing in conversations, and what each of a conversation reads.

A conversation is locked while a message is added, so that its messages have the order of their ids, and a request gets
one message however many are sent at once.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from nonet.accounts.tables import Account
from nonet.core import db, errors, ids, limits
from nonet.inbox import service as inbox
from nonet.moderation import labels
from nonet.people import privacy
from nonet.social import admission, threads, wording
from nonet.social.tables import Message, Thread, ThreadMember
from nonet.videos import service as videos

PAGE = 50
MESSAGES_PER_H, MESSAGES_BURST = 1200, 60
UNREAD_MOST = 100


class AcceptFirst(errors.Refusal):
    """Someone who was asked does something in a conversation before they accept."""

    status = 409
    code = "accept_first"
    sentence = "Accept the request first, then go on."


class NobodyLeft(errors.Refusal):
    """Everyone else has left."""

    status = 409
    code = "nobody_left"
    sentence = "Everyone else has left this conversation. Nothing was sent."


async def send(session: db.Session, author_id: int, thread_id: int, text: str, video_id: int | None) -> Message:
    """Write in a conversation and tell those who take part; return the message.

    Raises NotFound, AcceptFirst, NobodyLeft, WordsInvalid, TooOften and what ``admission.admit`` refuses.
    """
    least = 0 if video_id is not None else 1
    said = wording.clean("A message", text, wording.MESSAGE_MOST, least=least)
    await limits.take(f"messages:{author_id}", rate_per_h=MESSAGES_PER_H, burst=MESSAGES_BURST)
    if video_id is not None:
        await videos.get_visible(session, author_id, video_id)
    taken = await threads.take(session, author_id, thread_id, lock=True)
    if taken.asked:
        raise AcceptFirst
    if taken.thread.pair is not None:
        await _admit(session, taken.thread, author_id, with_video=video_id is not None)
    message = Message(id=ids.new(), thread_id=thread_id, author_id=author_id, text=said, video_id=video_id)
    session.add(message)
    taken.thread.last_id = message.id
    taken.me.read_id = message.id
    await session.flush()
    await _tell(session, taken.thread, message)
    return message


async def _admit(session: db.Session, thread: Thread, author_id: int, *, with_video: bool) -> None:
    """Give the other of a pair the seat in which they get a message, or refuse it."""
    query = (
        select(ThreadMember, Account.handle)
        .join(Account, Account.id == ThreadMember.account_id)
        .where(ThreadMember.thread_id == thread.id, ThreadMember.account_id != author_id)
        .with_for_update(of=ThreadMember)
    )
    row = (await session.execute(query)).first()
    if row is None:
        raise NobodyLeft
    other: ThreadMember = row[0]
    sent = await session.scalar(select(exists().where(Message.thread_id == thread.id, Message.author_id == author_id)))
    seats = {other.account_id: cast("admission.Seat", other.state)}
    found = await threads.standings(session, author_id, {other.account_id: row[1]}, seats=seats)
    other.state = admission.admit(replace(found[other.account_id], sent=bool(sent)), with_video=with_video)


async def _tell(session: db.Session, thread: Thread, message: Message) -> None:
    """Tell whoever sees the message; those who were asked hear of the first alone, the muted only see it.

    So do those who hold it back. In a group nobody hears of whom they have restricted.
    """
    told = ThreadMember
    born_by = await privacy.adults_born_by(session)
    account, earlier = aliased(Account), aliased(Message)
    said_before = exists().where(
        earlier.thread_id == thread.id, earlier.kind == "said", earlier.id > told.since_id, earlier.id < message.id
    )
    query = (
        select(told, threads.held())
        .join(Thread, Thread.id == told.thread_id)
        .join(Message, Message.id == message.id)
        .join(account, account.id == told.account_id)
        .where(told.thread_id == thread.id, or_(told.state == "in", and_(told.state == "asked", not_(said_before))))
        .where(threads.heard_by(told.account_id, minor=account.birth_date > born_by))
        .order_by(told.account_id)
    )
    rows = (await session.execute(query)).all()
    hearing = [each for each, held in rows if not (held or each.muted)]
    shown = {"excerpt": wording.excerpt(message.text)}
    for state, kind, details in _NEWS:
        await inbox.notify_each(
            session,
            {each.account_id: kind for each in hearing if each.state == state},
            actor_id=message.author_id,
            subject_kind="thread",
            subject_id=thread.id,
            group_key=threads.group_key(thread.id),
            details=shown if details else {},
            accepted=thread.pair is not None,
        )
    await threads.tell(session, thread.id, [each for each, _ in rows])


_NEWS: tuple[tuple[admission.Seat, inbox.Kind, bool], ...] = (
    ("in", "message", True),
    ("asked", "message_requested", False),
)
"""What is told in which seat, and whether with a few words of it."""


def seen(account_id: int, since_id: int | SQLColumnExpression[int], *, asked: bool, minor: bool) -> ColumnElement[bool]:
    """Return whether a message is seen by one of its conversation, in a select over ``Message`` and ``Thread``.

    It came after ``since_id``; who was ``asked`` sees the first thing said alone.
    """
    condition = and_(
        Message.thread_id == Thread.id,
        Message.id > since_id,
        threads.heard_by(account_id, minor=minor),
        not_(labels.hidden("message", Message.id)),
        not_(labels.reported("message", Message.id, account_id)),
    )
    if asked:
        earliest = aliased(Message)
        said = and_(earliest.thread_id == Thread.id, earliest.kind == "said", earliest.id > since_id)
        first = select(func.min(earliest.id)).where(said).correlate(Thread, ThreadMember)
        condition = and_(condition, Message.id == first.scalar_subquery())
    return condition


async def _seen(session: db.Session, me: ThreadMember) -> ColumnElement[bool]:
    minor = await privacy.is_minor(session, me.account_id)
    return seen(me.account_id, me.since_id, asked=me.state == "asked", minor=minor)


async def page(
    session: db.Session, account_id: int, thread_id: int, before: int | None
) -> tuple[list[Message], int | None]:
    """Return a conversation's messages, the newest first, and the id before which more stand. Raises NotFound.

    Who was asked sees the first alone.
    """
    taken = await threads.take(session, account_id, thread_id)
    query = select(Message).join(Thread, Thread.id == thread_id).where(await _seen(session, taken.me))
    if before is not None:
        query = query.where(Message.id < before)
    found = list(await session.scalars(query.order_by(Message.id.desc()).limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


async def last_and_unread(
    session: db.Session, account_id: int, found: Sequence[threads.Taken]
) -> dict[int, tuple[Message | None, int]]:
    """Return, by conversation, the last thing said that someone sees and how much they haven't read, up to 100."""
    minor = await privacy.is_minor(session, account_id) if found else False
    summed: dict[int, tuple[int | None, int]] = {}
    for asked in {each.me.state == "asked" for each in found}:
        condition = and_(Message.kind == "said", seen(account_id, ThreadMember.since_id, asked=asked, minor=minor))
        new = and_(Message.id > ThreadMember.read_id, Message.author_id != account_id, not_(Message.deleted))
        last = select(func.max(Message.id)).where(condition).correlate(Thread, ThreadMember)
        unread = select(func.least(func.count(Message.id), UNREAD_MOST)).where(condition, new)
        query = (
            select(Thread.id, last.scalar_subquery(), unread.correlate(Thread, ThreadMember).scalar_subquery())
            .join(ThreadMember, ThreadMember.thread_id == Thread.id)
            .where(ThreadMember.account_id == account_id)
            .where(Thread.id.in_([each.thread.id for each in found if (each.me.state == "asked") == asked]))
        )
        summed |= {row[0]: (row[1], row[2]) for row in await session.execute(query)}
    wanted = [last for last, _ in summed.values() if last]
    lasts = {each.id: each for each in await session.scalars(select(Message).where(Message.id.in_(wanted)))}
    return {thread_id: (lasts.get(last or 0), unread) for thread_id, (last, unread) in summed.items()}


async def delete_one(session: db.Session, author_id: int, message_id: int) -> None:
    """Empty one's own message, for everyone in the conversation; raises NotFound."""
    message = await session.scalar(
        select(Message)
        .where(Message.id == message_id, Message.author_id == author_id)
        .where(Message.kind == "said", not_(Message.deleted))
    )
    if message is None:
        raise errors.NotFound
    await threads.take(session, author_id, message.thread_id)
    message.text, message.video_id, message.deleted = "", None, True
    await session.flush()
    await threads.tell(session, message.thread_id, await threads.members(session, [message.thread_id]))
