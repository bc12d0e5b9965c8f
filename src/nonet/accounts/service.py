"""Accounts: making one, finding one, confirming its address, its role. Passwords come here hashed."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError

from nonet.accounts import addresses, ages, handles, instance, letters, links, names, sessions
from nonet.accounts.tables import Account, Invitation
from nonet.core import clock, db, errors, ids, jobs, prefs, realtime, virtual

Role = Literal["person", "moderator", "operator"]


class RegistrationClosed(errors.Refusal):
    """Nobody new is taken."""

    status = 403
    code = "registration_closed"
    sentence = "This server takes no new accounts right now."


class InvitationInvalid(errors.Refusal):
    """An invitation is needed, and this isn't one that still works."""

    status = 403
    code = "invitation_invalid"
    sentence = "This server takes people by invitation. This one is missing, used up or expired; ask for another."


class EmailTaken(errors.Refusal):
    """Someone else has confirmed this address; told only to who reads its mail."""

    status = 409
    code = "email_taken"
    sentence = "This address belongs to another account here. Sign in with that one, or use another address."


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What a new account starts with; ``handle`` and ``email`` in their one spelling."""

    handle: str
    email: str
    birth_date: date
    invitation: str = ""
    setup: str = ""


async def check_newcomer(session: db.Session, newcomer: Newcomer) -> None:
    """Refuse what ``add`` would refuse, before anyone spends time on a password."""
    if newcomer.setup:
        await links.peek(session, newcomer.setup, "setup")
    elif (registration := await prefs.get(session, instance.REGISTRATION)) == "closed":
        raise RegistrationClosed
    elif registration == "invitation" and await _invitation(session, newcomer.invitation) is None:
        raise InvitationInvalid
    minimum_age = await prefs.get(session, instance.MINIMUM_AGE)
    if ages.age(newcomer.birth_date, clock.now().date()) < minimum_age:
        raise ages.TooYoung(minimum_age=minimum_age)
    await names.check(session, newcomer.handle)


async def _invitation(session: db.Session, code: str) -> Invitation | None:
    query = select(Invitation).where(
        Invitation.code == code, Invitation.used < Invitation.uses, Invitation.expires_at > clock.now()
    )
    return await session.scalar(query.with_for_update()) if code.isascii() and "\0" not in code else None


async def sign_up(session: db.Session, newcomer: Newcomer, password_hash: str) -> Account:
    """Make the account of a newcomer and mail a link to confirm the address; a set-up link makes them operator."""
    await check_newcomer(session, newcomer)
    await real_time(session)
    account = Account(id=ids.new(), handle=newcomer.handle, password_hash=password_hash, birth_date=newcomer.birth_date)
    account.email, account.email_key = newcomer.email, addresses.key(newcomer.email)
    if newcomer.setup:
        await links.use(session, newcomer.setup, "setup")
        account.role = "operator"
    elif invitation := await _invitation(session, newcomer.invitation):
        invitation.used, invitation.used_at = invitation.used + 1, clock.now()
        account.invitation_id = invitation.id
    await add(session, account)
    await ask_to_confirm(session, account)
    return account


async def real_time(session: db.Session) -> None:
    """End the demo's virtual clock, and what its people may do to move it, before an account of somebody real."""
    if await virtual.sealed(session):
        return
    await virtual.seal(session)
    mine = update(Account).where(Account.demo, Account.role == "operator")
    await session.execute(mine.values(role="person").execution_options(synchronize_session=False))


async def add(session: db.Session, account: Account) -> None:
    """Add an account and claim its handle; raises HandleTaken."""
    await names.claim(session, account.id, account.handle)
    session.add(account)
    await session.flush()


async def get(session: db.Session, account_id: int) -> Account:
    """Return an account that is there; a missing one is a fault."""
    return await session.get_one(Account, account_id)


async def by_login(session: db.Session, login: str) -> Account | None:
    """Return whose a handle or e-mail is: of an e-mail, who confirmed it, else who gave it first."""
    if "@" not in login.strip().removeprefix("@"):
        known = handles.key(login)
        by_handle = select(Account).where(Account.handle == known, Account.state != "gone")
        return await session.scalar(by_handle) if handles.well_formed(known) else None
    try:
        known = addresses.key(addresses.parse(login))
    except addresses.EmailInvalid:
        return None
    first = (Account.email_verified_at.is_(None), Account.id)
    by_address = select(Account).where(Account.email_key == known, Account.state != "gone")
    return await session.scalar(by_address.order_by(*first).limit(1))


async def owner_of(session: db.Session, address: str, but: int) -> Account | None:
    """Return who, other than one account, has confirmed an address."""
    query = select(Account).where(Account.email_key == addresses.key(address), Account.email_verified_at.is_not(None))
    return await session.scalar(query.where(Account.id != but))


async def ask_to_confirm(session: db.Session, account: Account) -> None:
    """Mail the link that confirms the account's address, the new one when one waits.

    When someone else has confirmed that address, the mail says so instead; nobody but its reader learns of it.
    """
    kind: links.Kind = "email" if account.pending_email else "verify"
    address = account.pending_email or account.email
    url = await links.make(session, kind, account.id, email=address)
    if owner := await owner_of(session, address, account.id):
        await letters.already_here(session, address, owner, account)
    elif kind == "email":
        await letters.confirm_new(session, account, address, url)
    else:
        await letters.confirm(session, account, url)


async def confirm_address(session: db.Session, token: str) -> None:
    """Use a link of either kind up: the address it was sent to is the account's, and confirmed."""
    link = await links.use(session, token, "verify", "email")
    account = await session.get_one(Account, link.account_id, with_for_update=True)
    address = str(link.payload["email"])
    if address != (account.pending_email if link.kind == "email" else account.email):
        raise links.LinkInvalid
    await take_address(session, account, address)


async def take_address(session: db.Session, account: Account, address: str) -> None:
    """Make a confirmed address the account's; raises EmailTaken when someone else confirmed it before."""
    if await owner_of(session, address, account.id):
        raise EmailTaken
    try:
        async with session.begin_nested():
            account.email, account.email_key = address, addresses.key(address)
            account.email_verified_at = clock.now()
            if account.pending_email == address:
                account.pending_email = None
            await session.flush()
    except IntegrityError:
        raise EmailTaken from None


async def promote(session: db.Session, account_id: int, role: Role) -> None:
    """Give an account a role, which its sessions have from their next request; an operator ends all set-up links."""
    if role == "operator":
        await links.take_back(session, None, "setup")
    await session.execute(update(Account).where(Account.id == account_id).values(role=role))


async def setup_link(session: db.Session) -> str | None:
    """Return a new link that makes its one user operator, ending any before it; None while there is an operator."""
    if await session.scalar(select(exists().where(Account.role == "operator", ~Account.demo))):
        return None
    await links.take_back(session, None, "setup")
    return await links.make(session, "setup", None)


async def set_up(session: db.Session, account_id: int, token: str) -> None:
    """Use the set-up link up: this account is operator."""
    await links.use(session, token, "setup")
    await promote(session, account_id, "operator")


async def suspend(session: db.Session, account_id: int) -> None:
    """Take an account out of use and out of sight; its owner may read why, appeal, take their data along and leave."""
    account = await session.get_one(Account, account_id, with_for_update=True)
    if account.state in {"active", "leaving"}:
        account.state = "suspended"
        realtime.tell(session, account_id, sessions.ENDED)
        await jobs.publish(session, "account.suspended", {"account_id": str(account_id)})


async def reinstate(session: db.Session, account_id: int) -> None:
    """Give a suspended account back to its owner; one that was leaving goes on leaving."""
    account = await session.get_one(Account, account_id, with_for_update=True)
    if account.state == "suspended":
        account.state = "leaving" if account.leaves_at else "active"
        await jobs.publish(session, "account.reinstated", {"account_id": str(account_id)})
