"""Who has which handle: claims, renaming, redirects, and free ones nearby.

A claim on a skeleton is taken by one statement, so that of two people who want one handle at the same moment one gets
it, whether they sign up or rename. A claim that was left stays its owner's for ninety days.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import ColumnElement, delete, literal, or_, select, union_all, update
from sqlalchemy.dialects.postgresql import insert

from nonet.accounts import handles
from nonet.accounts.tables import Account, HandleClaim, HandleHistory
from nonet.core import clock, db, errors, limits

REDIRECTS_FOR = timedelta(days=90)
RENAMES, RENAMES_IN = 3, timedelta(days=30)
SUGGESTIONS = 3


class HandleInvalid(errors.Refusal):
    """The handle isn't well formed."""

    code = "handle_invalid"
    sentence = handles.RULE


class HandleReserved(errors.Refusal):
    """The handle is, or looks like, a word that the product uses itself."""

    code = "handle_reserved"
    sentence = "@{handle} is kept for the server itself. Choose another."


class HandleTaken(errors.Refusal):
    """Someone has this handle, one that looks like it, or left it less than ninety days ago."""

    status = 409
    code = "handle_taken"
    sentence = "@{handle} {why}.{free}"


@dataclass(frozen=True, slots=True)
class Found:
    """Whose a handle is; ``handle`` is the one they have now."""

    account_id: int
    handle: str


def well_formed(text: str) -> str:
    """Return the one spelling of a handle that a person may have; raises HandleInvalid or HandleReserved."""
    if not handles.well_formed(text):
        raise HandleInvalid
    known = handles.key(text)
    if handles.reserved(known):
        raise HandleReserved(handle=known)
    return known


async def check(session: db.Session, text: str, account_id: int | None = None) -> str:
    """Return the spelling of a handle that is free for this person now; raises what ``claim`` would."""
    known = well_formed(text)
    query = select(HandleClaim.account_id).where(HandleClaim.skeleton == handles.skeleton(known), _held(clock.now()))
    holder = await session.scalar(query)
    if holder is not None and holder != account_id:
        raise await taken(session, known)
    return known


async def claim(session: db.Session, account_id: int, known: str) -> None:
    """Give a person every handle of this one's skeleton; raises HandleTaken. Waits for whoever tries the same."""
    now = clock.now()
    wanted = insert(HandleClaim).values(skeleton=handles.skeleton(known), account_id=account_id, until=None)
    got = await session.scalar(
        wanted.on_conflict_do_update(
            index_elements=["skeleton"],
            set_={"account_id": account_id, "until": None},
            where=or_(HandleClaim.account_id == account_id, HandleClaim.until <= now),
        ).returning(HandleClaim.skeleton)
    )
    if got is None:
        raise await taken(session, known)
    await session.execute(delete(HandleHistory).where(HandleHistory.handle == known))


async def rename(session: db.Session, account_id: int, text: str) -> None:
    """Give a person another handle; the old one leads to them for ninety days and can be taken by nobody else."""
    known = well_formed(text)
    account = await session.get_one(Account, account_id, with_for_update=True)
    if account.handle == known:
        return
    await _not_too_often(session, account_id)
    old, until = account.handle, clock.now() + REDIRECTS_FOR
    await claim(session, account_id, known)
    account.handle = known
    await session.execute(
        insert(HandleHistory)
        .values(handle=old, account_id=account_id, until=until)
        .on_conflict_do_update(index_elements=["handle"], set_={"account_id": account_id, "until": until})
    )
    if handles.skeleton(old) != handles.skeleton(known):
        left = update(HandleClaim).where(HandleClaim.skeleton == handles.skeleton(old)).values(until=until)
        await session.execute(left)


async def _not_too_often(session: db.Session, account_id: int) -> None:
    """Refuse the fourth handle in thirty days, or one person could hold any number of them."""
    recent = select(HandleHistory.until).where(
        HandleHistory.account_id == account_id, HandleHistory.until > clock.now() + REDIRECTS_FOR - RENAMES_IN
    )
    ends = sorted(await session.scalars(recent))
    if len(ends) >= RENAMES:
        days = (ends[-RENAMES] - REDIRECTS_FOR + RENAMES_IN - clock.now()).days + 1
        raise limits.TooOften(
            wait=f"{days} days" if days > 1 else "1 day", headers={"Retry-After": str(days * 24 * 3600)}
        )


async def find(session: db.Session, text: str, *, active: bool = True) -> Found | None:
    """Return whose a handle is or was; None when nobody may be found by it.

    Without ``active`` also someone suspended or leaving is found.
    """
    return (await find_all(session, [text], active=active)).get(handles.key(text))


async def find_all(session: db.Session, typed: Iterable[str], *, active: bool = True) -> dict[str, Found]:
    """Return whose handles are or were, by their one spelling, in one query; those that find nobody are left out."""
    known = [each for each in {handles.key(text) for text in typed} if _possible(each)]
    states = ("active",) if active else ("active", "suspended", "leaving")
    here = Account.state.in_(states)
    had = HandleHistory.handle.in_(known), HandleHistory.until > clock.now()
    once_had = select(HandleHistory.handle, Account.id, Account.handle.label("now"), literal(0).label("rank"))
    once_had = once_had.join(Account, Account.id == HandleHistory.account_id).where(*had, here)
    now_had = select(Account.handle, Account.id, Account.handle.label("now"), literal(1).label("rank"))
    both = union_all(once_had, now_had.where(Account.handle.in_(known), here)).order_by("rank")
    return {row.handle: Found(row.id, row.now) for row in await session.execute(both)}


def _possible(known: str) -> bool:
    return known.isascii() and len(known) <= handles.LONGEST and "\0" not in known


async def taken(session: db.Session, known: str) -> HandleTaken:
    """Build the refusal of a handle, with free ones nearby."""
    free = await suggestions(session, known)
    shape = HandleClaim.skeleton == handles.skeleton(known)
    held = select(Account.handle).join(HandleClaim, HandleClaim.account_id == Account.id)
    holder = await session.scalar(held.where(shape, HandleClaim.until.is_(None)))
    why = "is taken" if holder in {None, known} else f"looks like @{holder}, which is taken"
    said = f" {' and '.join(free[:2])} {'are' if len(free) > 1 else 'is'} free." if free else ""
    return HandleTaken(handle=known, why=why, free=said, suggestions=free)


async def suggestions(session: db.Session, text: str) -> list[str]:
    """Return up to three free handles near a text, the same ones for the same text while they stay free."""
    near = {known: handles.skeleton(known) for known in islice(handles.candidates(text), 24)}
    query = select(HandleClaim.skeleton).where(HandleClaim.skeleton.in_(near.values()), _held(clock.now()))
    held = set(await session.scalars(query))
    free: dict[str, str] = {}
    for known, shape in near.items():
        if shape not in held:
            free.setdefault(shape, known)
    return list(free.values())[:SUGGESTIONS]


def _held(now: datetime) -> ColumnElement[bool]:
    return or_(HandleClaim.until.is_(None), HandleClaim.until > now)


async def sweep(session: db.Session) -> None:
    """Forget handles whose ninety days are over."""
    await session.execute(delete(HandleHistory).where(HandleHistory.until <= clock.now()))
    await session.execute(delete(HandleClaim).where(HandleClaim.until <= clock.now()))
