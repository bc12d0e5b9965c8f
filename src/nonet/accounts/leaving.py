"""Leaving: an account goes out of sight at once, may be taken back for some days, and is then removed with its rows.

At the end each slice is told by ``account.deleted`` and removes what it keeps; when all have, the account itself goes.
Its handle stays reserved for ninety days.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, select, update

from nonet.accounts import letters, links, names, sessions
from nonet.accounts.tables import Account, HandleClaim, HandleHistory, Invitation
from nonet.core import clock, db, errors, jobs, mail, prefs

LEAVING_DAYS = prefs.number(
    "leaving_days", default=30, low=0, high=365, help="For how long someone who left can take it back, in days."
)
LEFT, RETURNED, DELETED = "account.left", "account.returned", "account.deleted"
DUE, LAST = "accounts.leave_due", "accounts.last_rows_due"
ASK_AGAIN_S = 20.0


class NobodyElseOperates(errors.Refusal):
    """The only operator wants to leave."""

    status = 409
    code = "nobody_else_operates"
    sentence = "You are the only operator of this server. Give someone else that role first, then leave."


async def leave(session: db.Session, account: Account, days: int | None = None) -> datetime:
    """Take a locked account out of sight, sign it out everywhere, mail how to take it back; return when it goes.

    That is after ``days``, or as many as the preference says.
    """
    if account.role == "operator" and not await _other_operator(session, account.id):
        raise NobodyElseOperates
    grace = await prefs.get(session, LEAVING_DAYS) if days is None else days
    account.leaves_at = clock.now() + timedelta(days=grace)
    if account.state == "active":
        account.state = "leaving"
    told = {"account_id": str(account.id), "leaves_at": account.leaves_at.isoformat()}
    await sessions.end_others(session, account.id)
    await links.take_back(session, account.id, "reset", "email")
    await letters.leaving(session, account, account.leaves_at)
    await jobs.publish(session, LEFT, {"account_id": str(account.id)})
    await jobs.enqueue(session, DUE, told, run_at=account.leaves_at, key=" ".join(told.values()))
    return account.leaves_at


async def _other_operator(session: db.Session, account_id: int) -> bool:
    other = exists().where(Account.role == "operator", Account.id != account_id, Account.state == "active")
    return bool(await session.scalar(select(other)))


async def come_back(session: db.Session, account: Account) -> None:
    """Take a locked account's leaving back, as signing in does; one that is suspended stays so."""
    if account.leaves_at is None:
        return
    account.leaves_at = None
    if account.state == "leaving":
        account.state = "active"
    await letters.stays(session, account)
    await jobs.publish(session, RETURNED, {"account_id": str(account.id)})


async def go(session: db.Session, account_id: int, leaves_at: str) -> None:
    """Begin to remove an account whose days are over, unless it was taken back or left anew meanwhile."""
    account = await session.get(Account, account_id, with_for_update=True)
    if account is None or account.leaves_at is None or account.leaves_at.isoformat() != leaves_at:
        return
    account.state, account.leaves_at = "gone", None
    await sessions.end_others(session, account.id)
    gone = {"account_id": str(account.id)}
    await jobs.publish(session, DELETED, gone, key=str(account.id))
    await jobs.enqueue(session, LAST, gone, key=str(account.id), priority=-1)


async def remove_last(session: db.Session, account_id: int) -> None:
    """Remove an account's own rows; raises ``jobs.Later`` until every slice has removed its own."""
    waits = exists().where(jobs.Job.topic == DELETED, jobs.Job.key == str(account_id), jobs.Job.state != "done")
    if await session.scalar(select(waits)):
        raise jobs.Later(ASK_AGAIN_S)
    account = await session.get(Account, account_id, with_for_update=True)
    if account is None:
        return
    until = clock.now() if account.demo else clock.now() + names.REDIRECTS_FOR  # nobody comes back for a made-up name
    mine = update(HandleClaim).where(HandleClaim.account_id == account_id)
    await session.execute(mine.values(until=func.coalesce(HandleClaim.until, until)))
    await session.execute(delete(HandleHistory).where(HandleHistory.account_id == account_id))
    await session.execute(update(Invitation).where(Invitation.made_by == account_id).values(made_by=0))
    await mail.forget(session, [each for each in (account.email, account.pending_email) if each])
    await session.delete(account)
