"""People: what they show of themselves, to themselves and to others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, literal, select
from sqlalchemy.dialects.postgresql import insert

from nonet.accounts import ages, instance, names
from nonet.accounts.tables import Account
from nonet.core import clock, db, errors, prefs, texts
from nonet.people import avatar, conditions, privacy, relations, words
from nonet.people.tables import FollowCount, Profile

is_minor = privacy.is_minor


@dataclass(frozen=True, slots=True)
class Author:
    """Who made something, as a card shows them."""

    id: int
    handle: str
    name: str
    avatar_url: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """What anyone may know of someone; ``relation`` is how the viewer stands to them, None for a visitor."""

    id: int
    handle: str
    name: str
    bio: str
    link: str
    avatar_url: str | None
    private: bool
    followers: int
    following: int
    video_count: int
    relation: relations.Relation | None


@dataclass(frozen=True, slots=True)
class Me(Person):
    """What someone knows of themselves besides; ``minor`` is under the adult age."""

    email: str
    email_verified: bool
    pending_email: str | None
    role: str
    state: str
    minor: bool
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


async def person(session: db.Session, account_id: int, viewer_id: int | None = None) -> Person:
    """Return what a viewer may know of an account that is there."""
    row = await _whole(session, account_id)
    found = await relations.between(session, viewer_id, [account_id])
    return Person(**_shown(row), relation=found.get(account_id))


async def me(session: db.Session, account_id: int) -> Me:
    """Return what a person knows of themselves."""
    row = await _whole(session, account_id)
    account: Account = row.Account
    return Me(
        **_shown(row),
        relation=None,
        email=account.email,
        email_verified=account.email_verified_at is not None,
        pending_email=account.pending_email,
        role=account.role,
        state=account.state,
        minor=ages.age(account.birth_date, clock.now().date()) < await prefs.get(session, instance.ADULT_AGE),
        created_at=account.created_at,
    )


async def _whole(session: db.Session, account_id: int) -> Any:  # noqa: ANN401 - a row of SQLAlchemy
    query = _joined(Account, Profile, FollowCount).join(FollowCount, FollowCount.account_id == Account.id, isouter=True)
    return (await session.execute(query.where(Account.id == account_id))).one()


def _shown(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row of SQLAlchemy
    account: Account = row.Account
    profile: Profile | None = row.Profile
    count: FollowCount | None = row.FollowCount
    return {
        "id": account.id,
        "handle": account.handle,
        "name": (profile.name if profile else "") or account.handle,
        "bio": profile.bio if profile else "",
        "link": profile.link if profile else "",
        "avatar_url": avatar.url(profile.avatar) if profile else None,
        "private": profile.private if profile else False,
        "followers": count.followers if count else 0,
        "following": count.following if count else 0,
        "video_count": count.videos if count else 0,
    }


async def find(session: db.Session, handle: str) -> names.Found | None:
    """Return whose a handle is or was; ``handle`` of the answer differs when they have another now."""
    return await names.find(session, handle)


async def visible(session: db.Session, viewer_id: int | None, handle: str) -> names.Found:
    """Return whose a handle is, for someone who may know; raises NotFound, also when they have blocked the viewer."""
    found = await names.find(session, handle)
    if found is None or (viewer_id is not None and await _blocked_by(session, found.account_id, viewer_id)):
        raise errors.NotFound
    return found


async def _blocked_by(session: db.Session, account_id: int, viewer_id: int) -> bool:
    return bool(await session.scalar(select(conditions.blocks(account_id, viewer_id))))


async def describe(session: db.Session, account_id: int, changes: dict[str, str | None]) -> None:
    """Change ``name``, ``bio`` or ``link``; nothing for a field empties it. Raises TextInvalid or WebsiteInvalid."""
    checks = {"name": words.name, "bio": words.bio, "link": words.link}
    checked = {field: checks[field](text or "") for field, text in changes.items()}
    if not checked:
        return
    if "name" in checked:
        checked["search_name"] = texts.fold(checked["name"])
    fresh = {"account_id": account_id, "name": "", "bio": "", "link": ""} | checked | {"updated_at": clock.now()}
    await session.execute(
        insert(Profile)
        .values(fresh)
        .on_conflict_do_update(index_elements=["account_id"], set_=checked | {"updated_at": clock.now()})
    )


async def count_video(session: db.Session, account_id: int, change: int) -> None:
    """Note that a person has one listed video more (1) or less (-1), with the transaction that lists or unlists it."""
    there = select(Account.id, literal(0), literal(0), literal(change)).where(
        Account.id == account_id, Account.state != "gone"
    )
    added = insert(FollowCount).from_select(["account_id", "followers", "following", "videos"], there)
    await session.execute(
        added.on_conflict_do_update(
            index_elements=["account_id"], set_={"videos": FollowCount.videos + added.excluded.videos}
        )
    )
