"""People: what they show of themselves, to themselves and to others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from nonet.accounts import names
from nonet.accounts.tables import Account
from nonet.core import clock, db
from nonet.people import avatar, words
from nonet.people.tables import Profile


@dataclass(frozen=True, slots=True)
class Author:
    """Who made something, as a card shows them."""

    id: int
    handle: str
    name: str
    avatar_url: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """What anyone may know of someone."""

    id: int
    handle: str
    name: str
    bio: str
    link: str
    avatar_url: str | None


@dataclass(frozen=True, slots=True)
class Me(Person):
    """What someone knows of themselves besides."""

    email: str
    email_verified: bool
    pending_email: str | None
    role: str
    created_at: datetime


def _joined(*columns: Any) -> Select[Any]:  # noqa: ANN401 - columns of SQLAlchemy
    """Select accounts beside their profiles, the latter empty when there is none."""
    return select(*columns).select_from(Account).join(Profile, Profile.account_id == Account.id, isouter=True)


async def authors(session: db.Session, account_ids: Iterable[int]) -> dict[int, Author]:
    """Return who stands behind ids, by id, in one query; ids of nobody are left out."""
    wanted = set(account_ids)
    if not wanted:
        return {}
    rows = await session.execute(
        _joined(Account.id, Account.handle, Profile.name, Profile.avatar).where(Account.id.in_(wanted))
    )
    return {row.id: Author(row.id, row.handle, row.name or row.handle, avatar.url(row.avatar)) for row in rows}


async def person(session: db.Session, account_id: int) -> Person:
    """Return what anyone may know of an account that is there."""
    row = (await session.execute(_joined(Account, Profile).where(Account.id == account_id))).one()
    return Person(**_shown(row.Account, row.Profile))


async def me(session: db.Session, account_id: int) -> Me:
    """Return what a person knows of themselves."""
    row = (await session.execute(_joined(Account, Profile).where(Account.id == account_id))).one()
    account: Account = row.Account
    return Me(
        **_shown(account, row.Profile),
        email=account.email,
        email_verified=account.email_verified_at is not None,
        pending_email=account.pending_email,
        role=account.role,
        created_at=account.created_at,
    )


def _shown(account: Account, profile: Profile | None) -> dict[str, Any]:
    return {
        "id": account.id,
        "handle": account.handle,
        "name": (profile.name if profile else "") or account.handle,
        "bio": profile.bio if profile else "",
        "link": profile.link if profile else "",
        "avatar_url": avatar.url(profile.avatar) if profile else None,
    }


async def find(session: db.Session, handle: str) -> names.Found | None:
    """Return whose a handle is or was; ``handle`` of the answer differs when they have another now."""
    return await names.find(session, handle)


async def describe(session: db.Session, account_id: int, changes: dict[str, str | None]) -> None:
    """Change ``name``, ``bio`` or ``link``; nothing for a field empties it. Raises TextInvalid or WebsiteInvalid."""
    checks = {"name": words.name, "bio": words.bio, "link": words.link}
    checked = {field: checks[field](text or "") for field, text in changes.items()}
    if not checked:
        return
    fresh = {"account_id": account_id, "name": "", "bio": "", "link": ""} | checked | {"updated_at": clock.now()}
    await session.execute(
        insert(Profile)
        .values(fresh)
        .on_conflict_do_update(index_elements=["account_id"], set_=checked | {"updated_at": clock.now()})
    )
