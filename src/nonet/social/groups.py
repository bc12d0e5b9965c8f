"""Groups that change: anyone in one adds people and gives it a name, and a line among its messages says so to all."""

from collections.abc import Sequence

from sqlalchemy import select

from nonet.core import db, errors, ids
from nonet.social import admission, messages, opening, threads, wording
from nonet.social.tables import Message, ThreadMember


class NotAGroup(errors.Refusal):
    """A conversation of two stays one."""

    status = 409
    code = "not_a_group"
    sentence = "This conversation is between the two of you, and stays so. Begin a group to write to more people."


async def add(session: db.Session, account_id: int, thread_id: int, typed: Sequence[str]) -> None:
    """Add people to a group, each as if they were written to for the first time; who is in it stays as they are.

    They see what comes from now on. Who had left is asked before they are in again. Raises NotFound, NotAGroup,
    AcceptFirst, TooManyPeople and what ``admission.admit`` refuses.
    """
    taken = await _take(session, account_id, thread_id)
    members = await session.scalars(select(ThreadMember).where(ThreadMember.thread_id == thread_id))
    were = {each.account_id: each.state for each in members}
    others = await opening.with_whom(session, typed)
    fresh = {each: handle for each, handle in others.items() if were.get(each, "left") == "left"}
    if sum(state != "left" for state in were.values()) + len(fresh) > opening.PEOPLE_MOST:
        raise opening.TooManyPeople(most=opening.PEOPLE_MOST)
    found = await threads.standings(session, account_id, fresh)
    seats: dict[int, admission.Seat] = {}
    for each in fresh:
        admitted = admission.admit(found[each])
        seats[each] = "asked" if each in were else admitted
    if seats:
        await opening.seat(session, thread_id, seats, since_id=taken.thread.last_id)
        await _note(session, *(_line(taken, "added", about_id=each) for each in seats))


async def name(session: db.Session, account_id: int, thread_id: int, title: str) -> None:
    """Give a group another name, or none. Raises NotFound, NotAGroup, AcceptFirst, WordsInvalid."""
    named = wording.line("A title", title, wording.TITLE_MOST, least=0)
    taken = await _take(session, account_id, thread_id)
    if named != taken.thread.title:
        taken.thread.title = named
        await _note(session, _line(taken, "titled", text=named))


async def _take(session: db.Session, account_id: int, thread_id: int) -> threads.Taken:
    """Lock a group that someone is in, so that no two add people at once."""
    taken = await threads.take(session, account_id, thread_id, lock=True)
    if taken.thread.pair is not None:
        raise NotAGroup
    if taken.me.state == "asked":
        raise messages.AcceptFirst
    return taken


def _line(taken: threads.Taken, kind: str, *, text: str = "", about_id: int | None = None) -> Message:
    whose = {"thread_id": taken.thread.id, "author_id": taken.me.account_id}
    return Message(id=ids.new(), kind=kind, about_id=about_id, text=text, **whose)


async def _note(session: db.Session, *lines: Message) -> None:
    """Add lines that nobody said: they are seen, and count neither as unread nor as the last message."""
    session.add_all(lines)
    await session.flush()
    thread_id = lines[0].thread_id
    await threads.tell(session, thread_id, await threads.members(session, [thread_id]))
