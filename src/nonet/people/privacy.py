"""Who sees a person's videos and who may write to them; what holds for people under the adult age."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from nonet.accounts import ages, instance
from nonet.accounts.tables import Account
from nonet.core import clock, db, errors, jobs, prefs
from nonet.people import following
from nonet.people.tables import Profile

MessagesFrom = Literal["everyone", "followed", "nobody"]
CLOSED, OPENED = "people.closed", "people.opened"


class MinorMessages(errors.Refusal):
    """Someone under the adult age wants to be written to by everyone."""

    status = 403
    code = "minor_messages"
    sentence = "Under {adult_age} only people you follow may write to you, or nobody. Nothing was changed."


@dataclass(frozen=True, slots=True)
class Privacy:
    """What a person chose: ``private`` videos are for accepted followers."""

    private: bool
    messages_from: MessagesFrom


async def begin(session: db.Session, account: Account) -> None:
    """Give a new account its first settings: under the adult age it is private and closed to strangers' messages."""
    if account.birth_date > await adults_born_by(session):
        await _set(session, account.id, {"private": True, "messages_from": "followed"})


async def adults_born_by(session: db.Session) -> date:
    """Return the last day on which someone was born who is an adult today."""
    adult_age, today = await prefs.get(session, instance.ADULT_AGE), clock.now().date()
    try:
        return today.replace(year=today.year - adult_age)
    except ValueError:  # 29 February: who was born on 28 February is of age, who was on 1 March is not
        return today.replace(year=today.year - adult_age, day=28)


async def is_minor(session: db.Session, account_id: int) -> bool:
    """Tell whether a person is under the adult age."""
    born = await session.scalar(select(Account.birth_date).where(Account.id == account_id))
    adult_age = await prefs.get(session, instance.ADULT_AGE)
    return born is not None and ages.age(born, clock.now().date()) < adult_age


async def of(session: db.Session, account_id: int) -> Privacy:
    """Return what holds for a person now; a minor's messages never come from everyone, whatever stands there."""
    row = (
        await session.execute(select(Profile.private, Profile.messages_from).where(Profile.account_id == account_id))
    ).first()
    messages_from: MessagesFrom = row.messages_from if row else "everyone"
    if messages_from == "everyone" and await is_minor(session, account_id):
        messages_from = "followed"
    return Privacy(row.private if row else False, messages_from)


async def change(session: db.Session, account_id: int, changes: dict[str, Any]) -> None:
    """Change ``private`` or ``messages_from``; raises MinorMessages. Who stops being private lets in all who asked."""
    if changes.get("messages_from") == "everyone" and await is_minor(session, account_id):
        raise MinorMessages(adult_age=await prefs.get(session, instance.ADULT_AGE))
    if not changes:
        return
    held = select(Profile.private).where(Profile.account_id == account_id).with_for_update()
    before = await session.scalar(held) or False
    await _set(session, account_id, changes)
    after = changes.get("private", before)
    if before and not after:
        await following.accept_all(session, account_id)
    if before != after:
        await jobs.publish(session, CLOSED if after else OPENED, {"account_id": str(account_id)})


async def _set(session: db.Session, account_id: int, changes: dict[str, Any]) -> None:
    fresh = {"account_id": account_id, "name": "", "bio": "", "link": "", "updated_at": clock.now()} | changes
    changed = insert(Profile).values(fresh)
    await session.execute(changed.on_conflict_do_update(index_elements=["account_id"], set_=changes))
