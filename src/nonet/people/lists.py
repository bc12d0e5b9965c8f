"""Lists of people, the latest first: followers, followed, those who ask, the blocked, the restricted, the muted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select

from nonet.accounts.tables import Account
from nonet.core import db, errors
from nonet.people import avatar, conditions, relations, service
from nonet.people.tables import Block, Follow, Mute, Profile, Restriction

PAGE = 30
Before = tuple[datetime, int] | None
"""The moment and person that the page before ended with."""


class ListPrivate(errors.Refusal):
    """A private person's list, asked for by someone they have not let in."""

    status = 403
    code = "list_private"
    sentence = "@{handle} shows this to the followers they have let in."


@dataclass(frozen=True, slots=True)
class Listed:
    """Someone in a list, and since when."""

    id: int
    handle: str
    name: str
    avatar_url: str | None
    at: datetime
    relation: relations.Relation | None


@dataclass(frozen=True, slots=True)
class Muted:
    """Something muted; ``person`` is who it is when it is a person who is still here."""

    kind: str
    value: str
    at: datetime
    person: service.Author | None


async def check_open(session: db.Session, viewer_id: int | None, account_id: int, handle: str) -> None:
    """Raise ListPrivate unless a viewer may see whom a person follows and who follows them."""
    if viewer_id == account_id:
        return
    closed = select(conditions.is_private(account_id) & ~conditions.follows(viewer_id, account_id))
    if await session.scalar(closed):
        raise ListPrivate(handle=handle)


async def followers(session: db.Session, viewer_id: int | None, account_id: int, before: Before) -> list[Listed]:
    """Return who follows a person: one more than a page, when there are so many. Whom a block hides is left out."""
    where = and_(Follow.followed_id == account_id, Follow.state == "accepted")
    return await _people(session, viewer_id, Follow.follower_id, Follow.created_at, where, before=before)


async def followed(session: db.Session, viewer_id: int | None, account_id: int, before: Before) -> list[Listed]:
    """Return whom a person follows."""
    where = and_(Follow.follower_id == account_id, Follow.state == "accepted")
    return await _people(session, viewer_id, Follow.followed_id, Follow.created_at, where, before=before)


async def asking(session: db.Session, account_id: int, before: Before) -> list[Listed]:
    """Return who asks to follow a person."""
    where = and_(Follow.followed_id == account_id, Follow.state == "requested")
    return await _people(session, account_id, Follow.follower_id, Follow.created_at, where, before=before)


async def blocks(session: db.Session, account_id: int, before: Before) -> list[Listed]:
    """Return whom a person has blocked."""
    where = Block.blocker_id == account_id
    return await _people(session, account_id, Block.blocked_id, Block.created_at, where, before=before, hide=False)


async def restrictions(session: db.Session, account_id: int, before: Before) -> list[Listed]:
    """Return whom a person has restricted."""
    where = Restriction.restricter_id == account_id
    return await _people(session, account_id, Restriction.restricted_id, Restriction.created_at, where, before=before)


async def _people(
    session: db.Session,
    viewer_id: int | None,
    other: Any,  # noqa: ANN401 - a column of SQLAlchemy
    at: Any,  # noqa: ANN401 - the same
    where: Any,  # noqa: ANN401 - a condition of SQLAlchemy
    *,
    before: Before,
    hide: bool = True,
) -> list[Listed]:
    query = (
        select(Account.id, Account.handle, Profile.name, Profile.avatar, at.label("at"))
        .join(Account, Account.id == other)
        .join(Profile, Profile.account_id == other, isouter=True)
        .where(where)
        .order_by(at.desc(), other.desc())
        .limit(PAGE + 1)
    )
    if hide:
        query = query.where(Account.state == "active", ~conditions.blocked(viewer_id, other))
    if before is not None:
        query = query.where(or_(at < before[0], and_(at == before[0], other < before[1])))
    rows = (await session.execute(query)).all()
    known = await relations.between(session, viewer_id, [row.id for row in rows])
    return [
        Listed(row.id, row.handle, row.name or row.handle, avatar.url(row.avatar), row.at, known.get(row.id))
        for row in rows
    ]


async def muted(session: db.Session, account_id: int) -> list[Muted]:
    """Return everything that a person has muted."""
    query = select(Mute).where(Mute.account_id == account_id).order_by(Mute.created_at.desc(), Mute.kind, Mute.value)
    found = list(await session.scalars(query))
    people = await service.authors(session, [int(each.value) for each in found if each.kind == "person"])
    return [
        Muted(each.kind, each.value, each.created_at, people.get(int(each.value)) if each.kind == "person" else None)
        for each in found
    ]
