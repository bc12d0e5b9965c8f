"""The mails of accounts, in plain text: whom each is about, what happens next, what to do if it wasn't you."""

from datetime import datetime

from nonet.accounts import instance, links
from nonet.accounts.tables import Account
from nonet.core import clock, db, mail, prefs, settings


async def _send(session: db.Session, to: str, subject: str, body: str) -> None:
    name = await prefs.get(session, instance.NAME) or instance.NAME.default
    await mail.send(session, to, subject.format(name=name), body.format(name=name) + f"\n\n{name}\n{_origin()}\n")


def _origin() -> str:
    return settings.load().origin


def _until(kind: links.Kind) -> str:
    return _moment(clock.now() + links.LIFE[kind])


def _moment(ends: datetime) -> str:
    return f"{ends.day} {ends:%b %Y, %H:%M} UTC"


async def confirm(session: db.Session, account: Account, url: str) -> None:
    """Ask whoever reads an account's mail to confirm that the address is theirs."""
    await _send(
        session,
        account.email,
        "Confirm your address for {name}",
        f"@{account.handle} on {{name}} gave this address.\n\nOpen this link to confirm that it is yours:\n\n{url}\n\n"
        f"It works once, until {_until('verify')}. If this wasn't you, do nothing: the address stays unconfirmed.",
    )


async def already_here(session: db.Session, to: str, owner: Account, account: Account) -> None:
    """Tell the owner of a confirmed address that another account gave it; nothing of theirs changes."""
    await _send(
        session,
        to,
        "You have an account on {name} already",
        f"@{account.handle} on {{name}} gave this address just now. It belongs to @{owner.handle} and stays there.\n\n"
        f"If you made both, sign in as @{owner.handle}: {_origin()}/signin\n"
        "If you don't remember the password, ask for a new one there. If this wasn't you, do nothing.",
    )


async def new_password(session: db.Session, account: Account, url: str) -> None:
    """Send the link to choose a new password by."""
    await _send(
        session,
        account.email,
        "Choose a new password for {name}",
        f"Someone asked for a new password of @{account.handle} on {{name}}.\n\nOpen this link to choose it:\n\n{url}"
        f"\n\nIt works once, until {_until('reset')}. If this wasn't you, do nothing: your password stays as it is.",
    )


async def password_changed(session: db.Session, account: Account) -> None:
    """Tell the owner that the password is another now."""
    await _send(
        session,
        account.email,
        "Your password for {name} was changed",
        f"The password of @{account.handle} on {{name}} was changed. Every other browser was signed out.\n\n"
        f"If this wasn't you, choose a new one: {_origin()}/forgot",
    )


async def confirm_new(session: db.Session, account: Account, to: str, url: str) -> None:
    """Ask whoever reads the new address to confirm it."""
    await _send(
        session,
        to,
        "Confirm your new address for {name}",
        f"@{account.handle} on {{name}} wants to use this address from now on.\n\n"
        f"Open this link to confirm it:\n\n{url}\n\n"
        f"It works once, until {_until('email')}. If this wasn't you, do nothing: nothing changes.",
    )


async def address_leaves(session: db.Session, account: Account) -> None:
    """Tell the old address that another one is to take its place."""
    await _send(
        session,
        account.email,
        "Your address for {name} is about to change",
        f"@{account.handle} on {{name}} asked to use another address than this one. It changes once the new one is"
        " confirmed.\n\nIf this wasn't you, choose a new password at once, which also stops the change: "
        f"{_origin()}/forgot",
    )


async def suspended(session: db.Session, account: Account, rule: str, statement: str) -> None:
    """Tell whose account was suspended by which rule and why, and how they appeal, export and leave."""
    said = f"{rule}\n\n{statement}".replace("{", "{{").replace("}", "}}")
    await _send(
        session,
        account.email,
        "Your account on {name} is suspended",
        f"A moderator of {{name}} has suspended @{account.handle}. The rule, and the reason:\n\n{said}\n\n"
        f"What you made is kept, and nobody else sees it. Sign in to appeal, to take your data along, or to leave: "
        f"{_origin()}/signin",
    )


async def leaving(session: db.Session, account: Account, until: datetime) -> None:
    """Tell the owner that the account is out of sight, when it goes, and how to take that back."""
    await _send(
        session,
        account.email,
        "Your account on {name} is being removed",
        f"@{account.handle} on {{name}} is out of sight from now on, with all its videos, and every browser was signed"
        f" out. On {_moment(until)} all of it is removed for good.\n\n"
        f"To take this back until then, sign in: {_origin()}/signin\n\n"
        f"If this wasn't you, sign in and choose a new password at once; ask for one here: {_origin()}/forgot",
    )


async def stays(session: db.Session, account: Account) -> None:
    """Tell the owner that signing in has taken their leaving back."""
    await _send(
        session,
        account.email,
        "Your account on {name} stays",
        f"Someone signed in as @{account.handle} on {{name}}, so it isn't removed. Everything is as it was before.\n\n"
        f"If this wasn't you, choose a new password: {_origin()}/forgot",
    )
