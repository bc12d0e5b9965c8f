"""How people stand to each other, as conditions of any select; ``viewer_id`` is an id, a bound parameter or None.

Each condition names its tables apart, so that the select around it may use the same ones.
"""

from typing import Any

from sqlalchemy import BindParameter, ColumnElement, exists, false, or_
from sqlalchemy.orm import aliased

from nonet.accounts.tables import Account
from nonet.people.tables import Block, Follow, Profile

Viewer = int | BindParameter[Any] | None


def blocked(viewer_id: Viewer, other_column: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy
    """Return whether either of the two has blocked the other."""
    if viewer_id is None:
        return false()
    by, of = aliased(Block), aliased(Block)
    return or_(
        exists().where(by.blocker_id == viewer_id, by.blocked_id == other_column),
        exists().where(of.blocker_id == other_column, of.blocked_id == viewer_id),
    )


def follows(viewer_id: Viewer, other_column: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy
    """Return whether the viewer is an accepted follower."""
    if viewer_id is None:
        return false()
    follow = aliased(Follow)
    return exists().where(
        follow.follower_id == viewer_id, follow.followed_id == other_column, follow.state == "accepted"
    )


def is_private(owner_column: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy
    """Return whether a person shows their videos to accepted followers alone."""
    profile = aliased(Profile)
    return exists().where(profile.account_id == owner_column, profile.private)


def is_active(owner_column: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy
    """Return whether an account is neither suspended nor leaving."""
    account = aliased(Account)
    return exists().where(account.id == owner_column, account.state == "active")
