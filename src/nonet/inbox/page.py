"""The inbox as its owner reads it: rows, the latest first, and what is unread. Whom a block hides is in no row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import and_, func, or_, select

from nonet.accounts.tables import Account
from nonet.core import db
from nonet.inbox import service
from nonet.inbox.tables import Notification
from nonet.people import conditions
from nonet.people import service as people
from nonet.people.tables import Follow

PAGE = 30
ACTORS_SHOWN = 3
Filter = Literal["all", "follows", "likes", "comments", "mentions", "notices"]
OF_FILTER: dict[Filter, tuple[service.Kind, ...]] = {
    "follows": ("followed", "follow_requested", "follow_accepted"),
    "likes": ("liked", "comment_liked", "reposted"),
    "comments": ("commented", "replied"),
    "mentions": ("mentioned",),
    "notices": ("decided", "appealed", "export_ready", "published"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One row: what happened, to what, by whom, the last first; ``count`` is how many there were."""

    id: int
    kind: str
    actors: list[people.Author]
    count: int
    subject_kind: str
    subject_id: int
    details: dict[str, Any]
    read: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Unread:
    """How much a person has not seen: news, conversations with something new, people who ask to follow."""

    notifications: int
    messages: int
    requests: int


async def page(
    session: db.Session, account_id: int, which: Filter, before: tuple[datetime, int] | None
) -> tuple[list[Item], tuple[datetime, int] | None]:
    """Return a page of a person's inbox and where the next one begins, None after the last."""
    at = Notification.updated_at
    query = select(Notification).where(Notification.account_id == account_id)
    kinds = OF_FILTER.get(which)
    query = query.where(Notification.kind.in_(kinds) if kinds else Notification.kind.not_in(service.ELSEWHERE))
    if before is not None:
        query = query.where(or_(at < before[0], and_(at == before[0], Notification.id < before[1])))
    query = query.order_by(at.desc(), Notification.id.desc()).limit(PAGE + 1)
    rows = list(await session.scalars(query))
    shown = rows[:PAGE]
    known = await _met(session, account_id, {each for row in shown for each in row.actor_ids})
    last = shown[-1] if len(rows) > PAGE else None
    items = [item for row in shown if (item := _item(row, known)) is not None]
    return items, (last.updated_at, last.id) if last else None


async def _met(session: db.Session, viewer_id: int, actor_ids: set[int]) -> dict[int, people.Author]:
    """Return those of some people whom a viewer may meet."""
    if not actor_ids:
        return {}
    met = select(Account.id).where(
        Account.id.in_(actor_ids), Account.state == "active", ~conditions.blocked(viewer_id, Account.id)
    )
    return await people.authors(session, await session.scalars(met))


def _item(row: Notification, known: dict[int, people.Author]) -> Item | None:
    actors = [known[each] for each in row.actor_ids if each in known]
    if row.actor_ids and not actors:
        return None
    return Item(
        row.id,
        row.kind,
        actors[:ACTORS_SHOWN],
        row.count - (len(row.actor_ids) - len(actors)),
        row.subject_kind,
        row.subject_id,
        row.details,
        row.read_at is not None,
        row.created_at,
        row.updated_at,
    )


async def unread(session: db.Session, account_id: int) -> Unread:
    """Return how much a person has not seen yet."""
    elsewhere = Notification.kind.in_(service.ELSEWHERE)
    news = select(func.count().filter(~elsewhere), func.count().filter(elsewhere)).where(
        Notification.account_id == account_id, Notification.read_at.is_(None)
    )
    notifications, messages = (await session.execute(news)).one()
    asking = (
        select(func.count())
        .select_from(Follow)
        .where(Follow.followed_id == account_id, Follow.state == "requested")
        .where(conditions.is_active(Follow.follower_id))
    )
    return Unread(notifications, messages, int(await session.scalar(asking) or 0))
