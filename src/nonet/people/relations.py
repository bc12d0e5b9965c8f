"""How people stand to each other, as conditions of any select: ``viewer_id`` may be an id, a bound parameter or None."""

from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, exists, false, or_

from nonet.accounts.tables import Account
from nonet.people.tables import Block, Follow, Profile

Viewer = int | BindParameter[Any] | None


def blocked(viewer_id: Viewer, other_column: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy
    """Return whether either of the two has blocked the other."""
    if viewer_id is None:
        return false()
    return exists().where(
        or_(
            and_(Block.blocker_id == viewer_id, Block.blocked_id == other_column),
            and_(Block.blocker_id == other_column, Block.blocked_id == viewer_id),
        )
    )


def follows(viewer_id: Viewer, other_column: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy
    """Return whether the viewer is an accepted follower."""
    if viewer_id is None:
        return false()
    return exists().where(
        Follow.follower_id == viewer_id, Follow.followed_id == other_column, Follow.state == "accepted"
    )


def is_private(owner_column: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy
    """Return whether a person shows their videos to accepted followers alone."""
    return exists().where(Profile.account_id == owner_column, Profile.private)


def is_active(owner_column: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy
    """Return whether an account is neither suspended nor leaving."""
    return exists().where(Account.id == owner_column, Account.state == "active")
