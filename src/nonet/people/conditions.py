"""How people stand to each other, as conditions of any select; a viewer is an id, a bound parameter, a column or None.

Each condition names its tables apart, so that the select around it may use the same ones. A visitor (None) has no
relations.
"""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, Text, cast, exists, false, or_
from sqlalchemy.orm import aliased

from nonet.accounts.tables import Account
from nonet.people.tables import Block, Follow, Mute, Profile, Restriction

Viewer = int | SQLColumnExpression[Any] | None


def blocks(blocker: Any, blocked_one: Any) -> ColumnElement[bool]:  # noqa: ANN401 - columns or ids
    """Return whether one person has blocked another."""
    kept = aliased(Block)
    return exists().where(kept.blocker_id == blocker, kept.blocked_id == blocked_one)


def blocked(viewer_id: Viewer, other_column: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy
    """Return whether either of the two has blocked the other."""
    if viewer_id is None:
        return false()
    return or_(blocks(viewer_id, other_column), blocks(other_column, viewer_id))


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


def mutes(viewer_id: Viewer, other_column: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy
    """Return whether the viewer doesn't want to meet a person."""
    if viewer_id is None:
        return false()
    mute = aliased(Mute)
    return exists().where(mute.account_id == viewer_id, mute.kind == "person", mute.value == cast(other_column, Text))


def restricts(
    restricter_column: Any,  # noqa: ANN401 - a column of SQLAlchemy
    restricted_column: Any,  # noqa: ANN401 - the same
    *,
    since: SQLColumnExpression[Any] | None = None,
) -> ColumnElement[bool]:
    """Return whether what one person writes to another is held back, by a restriction made later than ``since``."""
    held = aliased(Restriction)
    condition = exists().where(held.restricter_id == restricter_column, held.restricted_id == restricted_column)
    if since is not None:
        condition = condition.where(or_(since.is_(None), held.created_at > since))
    return condition.correlate_except(held)


def is_adult(owner_column: Any, born_by: date) -> ColumnElement[bool]:  # noqa: ANN401 - a column of SQLAlchemy
    """Return whether a person was born by a day, which ``privacy.adults_born_by`` tells; no minor is suggested."""
    account = aliased(Account)
    return exists().where(account.id == owner_column, account.birth_date <= born_by)
