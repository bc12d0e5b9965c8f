"""What a person's archive holds of their profile and of how they stand to others."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import Select, select

from nonet.accounts.tables import Account
from nonet.core import db
from nonet.people.tables import Block, Follow, Mute, Profile, Restriction

AT_ONCE = 500


async def export(session: db.Session, account_id: int) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Give what people know of a person, row by row, each with the name of its list; others are named by handle."""
    profile = await session.get(Profile, account_id)
    if profile is not None:
        columns = ("name", "bio", "link", "private", "messages_from", "updated_at")
        yield "profile", {name: getattr(profile, name) for name in columns}
    for name, query in _lists(account_id):
        async for row in await session.stream(query.execution_options(yield_per=AT_ONCE)):
            yield name, row._asdict()


def _lists(account_id: int) -> list[tuple[str, Select[Any]]]:
    def others(other: Any, *columns: Any) -> Select[Any]:  # noqa: ANN401 - columns of SQLAlchemy
        return select(Account.handle, *columns).select_from(other.class_).join(Account, Account.id == other)

    since = Follow.created_at, Follow.state
    muted = select(Mute.kind, Mute.value, Mute.created_at).where(Mute.account_id == account_id)
    return [
        ("following", others(Follow.followed_id, *since).where(Follow.follower_id == account_id)),
        ("followers", others(Follow.follower_id, *since).where(Follow.followed_id == account_id)),
        ("blocked", others(Block.blocked_id, Block.created_at).where(Block.blocker_id == account_id)),
        ("muted", muted),
        (
            "restricted",
            others(Restriction.restricted_id, Restriction.created_at).where(Restriction.restricter_id == account_id),
        ),
    ]


async def files(session: db.Session, account_id: int) -> list[tuple[str, str]]:
    """Return the person's picture by its name in an archive and its object's key, when they have one."""
    avatar = await session.scalar(select(Profile.avatar).where(Profile.account_id == account_id))
    return [("picture.webp", f"open/{avatar}")] if avatar else []
