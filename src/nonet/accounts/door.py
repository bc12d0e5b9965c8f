"""The verbs that need a password: sign up, sign in, change it, lose it, change the address.

Each is claim, hash, record: a hash takes long, so no transaction is open meanwhile, and what was read before is checked
again when the outcome is written. Whether an account exists can't be told from an answer, nor from how long it takes.
"""

import contextlib
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from nonet.accounts import addresses, ages, handles, leaving, letters, links, names, passwords, service, sessions
from nonet.accounts.tables import Account
from nonet.core import clock, db, errors, jobs, limits

RESET_ASKED = "accounts.reset_requested"


class WrongCredentials(errors.Refusal):
    """No account has this name and password."""

    status = 401
    code = "wrong_credentials"
    sentence = "The name and the password don't belong together. Check both, or ask for a new password."


class WrongPassword(errors.Refusal):
    """A signed-in person gave a password that isn't theirs."""

    status = 403
    code = "wrong_password"
    sentence = "That isn't your present password. Nothing was changed."


class Suspended(errors.Refusal):
    """The account is suspended: it may read why, appeal, take its data along and leave, and nothing else."""

    status = 403
    code = "suspended"
    sentence = "This account is suspended. What it made is kept. The decision says why, and you can appeal against it."


class EmailUnchanged(errors.Refusal):
    """The new address is the one the account has."""

    code = "email_unchanged"
    sentence = "This is your address already."


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a request comes from: the client's address (IPv6 as its /64) and its User-Agent."""

    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Entered:
    """Someone who is signed in now; ``token`` goes into their cookie and nowhere else."""

    account_id: int
    token: str


@dataclass(frozen=True, slots=True)
class SignUp:
    """What someone typed to sign up."""

    handle: str
    email: str
    password: str
    birth_date: str
    invitation: str = ""
    setup: str = ""


Begin = Callable[[db.Session, Account], Awaitable[None]]
"""What a slice above does for a new account, in the transaction that makes it."""


async def sign_up(form: SignUp, browser: Browser, begin: Begin) -> Entered:
    """Make an account and sign its browser in; one address may do so sixty times an hour, as a class in a room does."""
    await limits.take(f"sign_up:{browser.address}", rate_per_h=60, burst=40)
    newcomer = service.Newcomer(
        handle=names.well_formed(form.handle),
        email=addresses.parse(form.email),
        birth_date=ages.parse(form.birth_date, clock.now().date()),
        invitation=form.invitation,
        setup=form.setup,
    )
    passwords.check(form.password, newcomer.handle, newcomer.email)
    async with db.transaction() as session:
        await service.check_newcomer(session, newcomer)
    hashed = await passwords.hash(form.password)
    async with db.transaction() as session:
        account = await service.sign_up(session, newcomer, hashed)
        await begin(session, account)
        return Entered(account.id, await sessions.start(session, account.id, browser.user_agent))


async def sign_in(login: str, password: str, browser: Browser, before: str | None) -> Entered:
    """Sign a browser in, and take a leaving back; ``before`` is the token it had, which ends.

    Raises WrongCredentials.
    """
    await limits.take(f"sign_in:{browser.address}", rate_per_h=300, burst=60)
    await limits.take(f"sign_in:{browser.address}:{_short(login)}", rate_per_h=30, burst=10)
    await limits.take(f"sign_in:{_short(login)}", rate_per_h=300, burst=100)
    async with db.transaction() as session:
        account = await service.by_login(session, login)
    if not await passwords.verify(account.password_hash if account else None, password) or account is None:
        raise WrongCredentials
    kept = account.password_hash
    better = await passwords.hash(password) if passwords.outdated(kept) else kept
    async with db.transaction() as session:
        account = await _same(session, account.id, kept, WrongCredentials)
        if account.state == "gone":
            raise WrongCredentials
        await leaving.come_back(session, account)
        account.password_hash = better
        if before:
            await sessions.end_token(session, before)
        return Entered(account.id, await sessions.start(session, account.id, browser.user_agent))


async def change_password(person: sessions.Person, current: str, password: str) -> None:
    """Give a person another password; every other browser of theirs is signed out, and a mail tells of it."""
    account = await _proved(person, current)
    passwords.check(password, account.handle, account.email)
    hashed = await passwords.hash(password)
    async with db.transaction() as session:
        account = await _same(session, person.id, account.password_hash, WrongPassword)
        await _record(session, account, hashed, but=person.session_id)


async def change_email(person: sessions.Person, password: str, text: str) -> None:
    """Mail a link to a new address, which becomes the account's once it is used; the old address is told."""
    await limits.take(f"email:{person.id}", rate_per_h=6, burst=5)
    address = addresses.parse(text)
    account = await _proved(person, password)
    if addresses.key(address) == account.email_key:
        raise EmailUnchanged
    async with db.transaction() as session:
        account = await _same(session, person.id, account.password_hash, WrongPassword)
        account.pending_email = address
        await links.take_back(session, account.id, "email")
        await letters.address_leaves(session, account)
        await service.ask_to_confirm(session, account)


async def confirm_again(person: sessions.Person) -> None:
    """Mail the link that confirms an address once more: of the new address when one waits, else of the present one."""
    await limits.take(f"email:{person.id}", rate_per_h=6, burst=5)
    async with db.transaction() as session:
        account = await service.get(session, person.id)
        if account.pending_email or account.email_verified_at is None:
            await service.ask_to_confirm(session, account)


async def ask_for_reset(login: str, browser: Browser) -> None:
    """Note that someone lost a password; a job looks whether there is such an account, so every answer is the same."""
    await limits.take(f"reset:{browser.address}", rate_per_h=30, burst=20)
    await limits.take(f"reset:{_short(login)}", rate_per_h=4, burst=4)
    async with db.transaction() as session:
        await jobs.enqueue(session, RESET_ASKED, {"login": login.replace("\0", "")})


async def mail_reset(session: db.Session, login: str) -> None:
    """Mail the link to choose a new password by, when the login is someone's."""
    account = await service.by_login(session, login)
    if account is None or account.state == "gone":
        return
    await letters.new_password(session, account, await reset_link(session, account))


async def reset_link(session: db.Session, account: Account) -> str:
    """Return a new link to choose a password by; those before it end."""
    await links.take_back(session, account.id, "reset")
    return await links.make(session, "reset", account.id, email=account.email)


async def reset_password(token: str, password: str, browser: Browser) -> None:
    """Use a link up: a new password, every browser signed out, other links and a waiting change of address ended."""
    async with db.transaction() as session:
        link = await links.peek(session, token, "reset")
        account = await service.get(session, int(link.account_id or 0))
    passwords.check(password, account.handle, account.email)
    await limits.take(f"reset:{browser.address}", rate_per_h=30, burst=20)
    hashed = await passwords.hash(password)
    async with db.transaction() as session:
        link = await links.use(session, token, "reset")
        account = await session.get_one(Account, int(link.account_id or 0), with_for_update=True)
        account.pending_email = None
        await links.take_back(session, account.id, "email")
        await _record(session, account, hashed, but=None)
        await _reached(session, account, str(link.payload.get("email")))


async def _reached(session: db.Session, account: Account, address: str) -> None:
    """Confirm the address that a used reset link was mailed to, unless someone else has."""
    fits = account.email_verified_at is None and account.email == address
    if fits:
        with contextlib.suppress(service.EmailTaken):
            await service.take_address(session, account, address)


async def leave(person: sessions.Person, password: str) -> datetime:
    """Take a person's account out of sight and have it removed; returns when. Raises what leaving is refused for."""
    account = await _proved(person, password)
    async with db.transaction() as session:
        return await leaving.leave(session, await _same(session, person.id, account.password_hash, WrongPassword))


async def _proved(person: sessions.Person, password: str) -> Account:
    """Return a person's account when the password is theirs."""
    await limits.take(f"password:{person.id}", rate_per_h=20, burst=10)
    async with db.transaction() as session:
        account = await service.get(session, person.id)
    if not await passwords.verify(account.password_hash, password):
        raise WrongPassword
    return account


async def _same(session: db.Session, account_id: int, kept: str, refusal: type[errors.Refusal]) -> Account:
    """Lock an account and return it, unless its password was changed while we were hashing."""
    account = await session.get_one(Account, account_id, with_for_update=True)
    if account.password_hash != kept:
        raise refusal
    return account


async def _record(session: db.Session, account: Account, hashed: str, but: int | None) -> None:
    account.password_hash = hashed
    await links.take_back(session, account.id, "reset")
    await sessions.end_others(session, account.id, but)
    await letters.password_changed(session, account)


def _short(login: str) -> str:
    """Return a bucket's key for a login: what people type need not stand in another table."""
    return hashlib.sha256(handles.key(login).encode("utf-8", "surrogatepass")).hexdigest()[:16]
