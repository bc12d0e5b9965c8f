"""Opening conversations: the one of two people, which is always the same, and groups."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from nonet.accounts import handles, names
from nonet.core import clock, db, errors, ids, limits
from nonet.people.following import NotYourself
from nonet.social import admission, threads, wording
from nonet.social.tables import Thread, ThreadMember

PEOPLE_MOST = 10
THREADS_PER_H, THREADS_BURST = 60, 20


class TooManyPeople(errors.Refusal):
    """A group takes ten."""

    code = "too_many_people"
    sentence = "A conversation takes {most} people, you among them."


async def limit(account_id: int) -> None:
    """Count one conversation or change of a group by a person, before a transaction is opened; raises TooOften."""
    await limits.take(f"threads:{account_id}", rate_per_h=THREADS_PER_H, burst=THREADS_BURST)


async def with_whom(session: db.Session, typed: Sequence[str]) -> dict[int, str]:
    """Return whose handles these are, by id; raises NotFound when one is nobody's."""
    found = await names.find_all(session, typed)
    if any(handles.key(each) not in found for each in typed):
        raise errors.NotFound
    return {each.account_id: each.handle for each in found.values()}


async def open_with(account_id: int, typed: Sequence[str], title: str) -> int:
    """Return the conversation with one other person, made when there is none, or make a group; its id.

    Raises NotFound, NotYourself, TooManyPeople, WordsInvalid, TooOften and what ``admission.admit`` refuses.
    """
    named = wording.line("A title", title, wording.TITLE_MOST, least=0)
    async with db.transaction() as session:
        others = await with_whom(session, typed)
        if account_id in others:
            raise NotYourself
        if len(others) == 1 and (known := await _go_on(session, account_id, *others)) is not None:
            return known
    await limit(account_id)
    async with db.transaction() as session:
        make = _pair(session, account_id, others) if len(others) == 1 else _group(session, account_id, others, named)
        return await make


async def _go_on(session: db.Session, account_id: int, other_id: int) -> int | None:
    """Return the conversation that two have, to which the one comes back who had left it; raises NotFound."""
    known = await session.scalar(select(Thread.id).where(Thread.pair == threads.pair_key(account_id, other_id)))
    if known is None:
        return None
    if not (await threads.standings(session, account_id, {other_id: ""}))[other_id].reachable:
        raise errors.NotFound
    back = update(ThreadMember).where(ThreadMember.thread_id == known, ThreadMember.account_id == account_id)
    await session.execute(back.where(ThreadMember.state == "left").values(state="in", accepted_at=clock.now()))
    return known


async def _pair(session: db.Session, account_id: int, others: Mapping[int, str]) -> int:
    (other_id,) = others
    seats = await admitted(session, account_id, others)
    made = ids.new()
    row = insert(Thread).values(
        id=made,
        pair=threads.pair_key(account_id, other_id),
        title="",
        made_by=account_id,
        last_id=made,
        created_at=clock.now(),
    )
    if await session.scalar(row.on_conflict_do_nothing(index_elements=["pair"]).returning(Thread.id)) is not None:
        await seat(session, made, {account_id: "in", **seats}, since_id=made, by=account_id)
        return made
    known = await _go_on(session, account_id, other_id)  # someone else was quicker
    if known is None:
        raise errors.NotFound
    return known


async def _group(session: db.Session, account_id: int, others: Mapping[int, str], title: str) -> int:
    if len(others) >= PEOPLE_MOST:
        raise TooManyPeople(most=PEOPLE_MOST)
    seats = await admitted(session, account_id, others)
    made = ids.new()
    session.add(Thread(id=made, pair=None, title=title, made_by=account_id, last_id=made))
    await session.flush()
    await seat(session, made, {account_id: "in", **seats}, since_id=made)
    return made


async def admitted(session: db.Session, account_id: int, others: Mapping[int, str]) -> dict[int, admission.Seat]:
    """Return the seat that each of some people takes in what someone opens; raises what ``admission.admit`` refuses."""
    found = await threads.standings(session, account_id, others)
    return {other_id: admission.admit(found[other_id]) for other_id in others}


async def seat(
    session: db.Session, thread_id: int, seats: Mapping[int, admission.Seat], *, since_id: int, by: int | None = None
) -> None:
    """Give people their seats in a conversation, new or again; they see what comes after ``since_id``.

    Who it is begun ``by`` has accepted the other of a pair.
    """
    rows: list[dict[str, Any]] = [
        {"account_id": each, "state": seats[each], "accepted_at": clock.now() if each == by else None}
        for each in sorted(seats)
    ]
    fresh = {"thread_id": thread_id, "since_id": since_id, "read_id": 0, "muted": False}
    added = insert(ThreadMember).values([row | fresh for row in rows])
    again = fresh | {"state": added.excluded.state, "accepted_at": added.excluded.accepted_at}
    await session.execute(added.on_conflict_do_update(index_elements=["thread_id", "account_id"], set_=again))
