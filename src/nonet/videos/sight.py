"""Who may see which video, who may comment on it, and which stand in lists: conditions of any select over ``Video``.

``viewer`` is an account's id, None for a visitor, or a column or bound parameter that is either.
"""

from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, false, not_, or_, true

from nonet.moderation import labels
from nonet.people import relations
from nonet.people.conditions import Viewer
from nonet.videos.tables import Video


def _one_of(*visibilities: str) -> ColumnElement[bool]:
    return or_(*(Video.visibility == each for each in visibilities))  # IN can't be compiled beforehand


def own(viewer: Viewer) -> ColumnElement[bool]:
    """Return whether a video is the viewer's."""
    return false() if viewer is None else Video.owner_id == viewer


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Return whether a viewer may open a video by its address. One that moderators hid stays open to its owner."""
    follower = relations.follows(viewer, Video.owner_id)
    shared = and_(
        Video.state == "published",
        or_(
            and_(_one_of("public", "unlisted"), or_(not_(relations.is_private(Video.owner_id)), follower)),
            and_(Video.visibility == "followers", follower),
        ),
        relations.is_active(Video.owner_id),
        not_(labels.hidden("video", Video.id)),
        not_(labels.reported("video", Video.id, viewer)),
        not_(relations.blocked(viewer, Video.owner_id)),
    )
    return shared if viewer is None else or_(own(viewer), shared)


def listed() -> ColumnElement[bool]:
    """Return whether a video stands in lists that everyone sees, visitors too."""
    return and_(
        Video.state == "published",
        Video.visibility == "public",
        relations.is_active(Video.owner_id),
        not_(relations.is_private(Video.owner_id)),
        not_(labels.hidden("video", Video.id)),
    )


def in_lists(viewer: Viewer) -> ColumnElement[bool]:
    """Return whether a video stands in the lists that a viewer sees: what they may open, but for unlisted ones."""
    return and_(Video.state == "published", _one_of("public", "followers"), visible_to(viewer))


def commentable(viewer: Viewer) -> ColumnElement[bool]:
    """Return whether a viewer who sees a video may comment on it."""
    if viewer is None:
        return false()
    followers = and_(Video.comments_from == "followers", or_(own(viewer), relations.follows(viewer, Video.owner_id)))
    return and_(viewer_is_known(viewer), or_(Video.comments_from == "everyone", followers))


def viewer_is_known(viewer: SQLColumnExpression[Any] | int) -> ColumnElement[bool]:
    """Return whether the viewer has an account."""
    return true() if isinstance(viewer, int) else viewer.is_not(None)
