"""Reading comments: who sees which, in pages that show each once, however many like, write and delete meanwhile.

Lists leave out whom the viewer has muted, but under their own videos. By its number such a comment still answers, and
can be reported.

The page ``top`` begins with the pinned and the most liked as they stood when its first page was read: their ids travel
in the cursor, so that a like between two pages moves nothing. All others follow, the newest first.
"""

import base64
import binascii
import struct
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from nonet.accounts.tables import Account
from nonet.core import cursors, db, errors, statements, texts
from nonet.core.statements import Row, Statement
from nonet.moderation import labels
from nonet.people import avatar, relations
from nonet.people.tables import Profile
from nonet.social.tables import Comment, CommentLike
from nonet.videos import sight
from nonet.videos.tables import Video

PAGE = 20
TOP_MOST = 60
LAST = (1 << 63) - 1
_HEAD = struct.Struct(">HQ")

_viewer = bindparam("viewer", type_=BigInteger)


def seen_by(viewer: BindParameter[Any] | int | None) -> ColumnElement[bool]:
    """Return whether a viewer who sees the video sees a comment of it, in a select over ``Comment`` and ``Video``."""
    own = or_(Comment.author_id == viewer, Video.owner_id == viewer)
    return and_(
        or_(
            Comment.state == "shown",
            and_(Comment.state == "held", own),
            and_(Comment.state == "deleted", Comment.replies > 0),
        ),
        or_(
            Comment.state == "deleted",
            and_(relations.is_active(Comment.author_id), not_(relations.blocked(viewer, Comment.author_id))),
        ),
        not_(labels.hidden("comment", Comment.id)),
        not_(labels.reported("comment", Comment.id, viewer)),
    )


def _liked_by(account: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a column or a parameter of SQLAlchemy
    like = aliased(CommentLike)
    return exists().where(like.comment_id == Comment.id, like.account_id == account)


def _shown(*which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Comment.id, Comment.video_id, Comment.parent_id, Comment.author_id, Comment.text, Comment.created_at),
            *(Comment.likes, Comment.replies, Comment.pinned, Comment.state, Video.owner_id, Account.handle),
            *(Profile.name, Profile.avatar),
            _liked_by(_viewer).label("liked"),
            _liked_by(Video.owner_id).label("liked_by_creator"),
        )
        .join(Video, Video.id == Comment.video_id)
        .outerjoin(Account, Account.id == Comment.author_id)
        .outerjoin(Profile, Profile.account_id == Comment.author_id)
        .where(seen_by(_viewer), *which)
    )


# Under one's own video one answers for what stands there, whoever wrote it.
_met = or_(Video.owner_id == _viewer, not_(relations.mutes(_viewer, Comment.author_id)))


def _number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger)


def _numbers(name: str) -> BindParameter[Any]:
    return bindparam(name, type_=ARRAY(BigInteger))


_most = bindparam("most", type_=Integer)
_first_level = (Comment.video_id == _number("video"), Comment.parent_id == 0, _met)
_NEW = Statement(
    _shown(*_first_level, Comment.id < _number("before"), not_(Comment.id == func.any(_numbers("but"))))
    .order_by(Comment.id.desc())
    .limit(_most)
)
_TOP = Statement(
    select(Comment.id)
    .join(Video, Video.id == Comment.video_id)
    .where(*_first_level, or_(Comment.pinned, Comment.likes > 0), seen_by(_viewer))
    .order_by(Comment.pinned.desc(), Comment.likes.desc(), Comment.id.desc())
    .limit(_most)
)
_THESE = Statement(_shown(*_first_level, Comment.id == func.any(_numbers("ids"))))
_REPLIES = Statement(
    _shown(Comment.parent_id == _number("parent"), _met, Comment.id > _number("after"))
    .order_by(Comment.id)
    .limit(_most)
)
_ONE = Statement(_shown(Comment.id == _number("comment"), sight.visible_to(_viewer)))
_VIDEO = Statement(select(Video.id).where(Video.id == _number("video"), sight.visible_to(_viewer)))
_NAMED = Statement(
    select(Account.id, Account.handle).where(
        Account.handle == func.any(bindparam("handles", type_=ARRAY(Account.handle.type))), Account.state == "active"
    )
)


@dataclass
class Place:
    """Where a page of ``top`` begins: so many of the ``best`` are shown, then come others older than ``before``."""

    shown: int = 0
    before: int = LAST
    best: list[int] = field(default_factory=list)

    def write(self) -> str:
        """Return it as a cursor."""
        packed = _HEAD.pack(self.shown, self.before) + struct.pack(f">{len(self.best)}Q", *self.best)
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read_place(cursor: str) -> Place:
    """Return the place in a cursor; raises CursorInvalid."""
    try:
        packed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        shown, before = _HEAD.unpack_from(packed)
        best = struct.unpack(f">{(len(packed) - _HEAD.size) // 8}Q", packed[_HEAD.size :])
    except (struct.error, ValueError, binascii.Error):
        raise cursors.CursorInvalid from None
    if len(best) > TOP_MOST or any(each > LAST for each in (before, *best)):
        raise cursors.CursorInvalid
    return Place(shown, before, list(best))


async def page(
    session: db.Transaction, viewer_id: int | None, video_id: int, order: str, cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of a video's comments of the first level, ``top`` or ``new``, and the next cursor.

    Raises NotFound for a video that the viewer may not see.
    """
    raw = await statements.raw(session)
    if not await _VIDEO.fetch(raw, viewer=viewer_id, video=video_id):
        raise errors.NotFound
    if order == "new":
        before = cursors.read_id_cursor(cursor) or LAST
        rows = await _NEW.fetch(raw, viewer=viewer_id, video=video_id, before=before, but=[], most=PAGE + 1)
        after = cursors.write_cursor(rows[PAGE - 1]["id"]) if len(rows) > PAGE else None
        return await shape(session, viewer_id, rows[:PAGE]), after
    if cursor:
        place = read_place(cursor)
    else:
        best = await _TOP.fetch(raw, viewer=viewer_id, video=video_id, most=TOP_MOST)
        place = Place(best=[row["id"] for row in best])
    rows, after = await _top(raw, viewer_id, video_id, place)
    return await shape(session, viewer_id, rows), after


async def _top(raw: Any, viewer_id: int | None, video_id: int, place: Place) -> tuple[list[Row], str | None]:  # noqa: ANN401 - asyncpg's connection
    wanted = place.best[place.shown : place.shown + PAGE]
    found = await _THESE.fetch(raw, viewer=viewer_id, video=video_id, ids=wanted) if wanted else []
    rows = sorted(found, key=lambda row: wanted.index(row["id"]))
    shown, room = place.shown + len(wanted), PAGE - len(wanted)
    if room == 0 and shown < len(place.best):
        return rows, Place(shown, place.before, place.best).write()
    given = {"viewer": viewer_id, "video": video_id, "before": place.before, "but": place.best, "most": room + 1}
    others = await _NEW.fetch(raw, **given)
    rows += others[:room]
    if len(others) <= room:
        return rows, None
    before = others[room - 1]["id"] if room else place.before
    return rows, Place(shown, before, place.best).write()


async def replies(
    session: db.Transaction, viewer_id: int | None, comment_id: int, cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of the answers under a comment, the oldest first, and the next cursor. Raises NotFound."""
    await one(session, viewer_id, comment_id)
    after = cursors.read_id_cursor(cursor) or 0
    raw = await statements.raw(session)
    rows = await _REPLIES.fetch(raw, viewer=viewer_id, parent=comment_id, after=after, most=PAGE + 1)
    next_cursor = cursors.write_cursor(rows[PAGE - 1]["id"]) if len(rows) > PAGE else None
    return await shape(session, viewer_id, rows[:PAGE]), next_cursor


async def row(session: db.Transaction, viewer_id: int | None, comment_id: int) -> Row:
    """Return the row of a comment that a viewer sees; raises NotFound."""
    found = await _ONE.fetch(await statements.raw(session), viewer=viewer_id, comment=comment_id)
    if not found:
        raise errors.NotFound
    return found[0]


async def one(session: db.Transaction, viewer_id: int | None, comment_id: int) -> dict[str, Any]:
    """Return one comment as a viewer sees it; raises NotFound."""
    return (await shape(session, viewer_id, [await row(session, viewer_id, comment_id)]))[0]


async def named(session: db.Transaction, texts_said: list[str]) -> dict[str, int]:
    """Return whose the handles in some texts are, by handle, in one query; none without handles."""
    handles = {handle for each in texts_said if "@" in each for handle in texts.mentions(each)}
    if not handles:
        return {}
    found = await _NAMED.fetch(await statements.raw(session), handles=sorted(handles)[:500])
    return {each["handle"]: each["id"] for each in found}


async def shape(session: db.Transaction, viewer_id: int | None, rows: list[Row]) -> list[dict[str, Any]]:
    """Shape rows as ``schemas.Comment`` has them."""
    known = await named(session, [each["text"] for each in rows])
    return [shaped(each, viewer_id, known) for each in rows]


def shaped(row: Any, viewer_id: int | None, known: dict[str, int]) -> dict[str, Any]:  # noqa: ANN401 - a row or a mapping
    """Shape one row; ``known`` are the ids of the handles that texts name. Who is held back isn't told."""
    mine = viewer_id is not None and row["author_id"] == viewer_id
    creator = viewer_id is not None and row["owner_id"] == viewer_id
    deleted = row["state"] == "deleted"
    names = texts.mentions(row["text"]) if "@" in row["text"] else []
    return {
        "id": row["id"],
        "video_id": row["video_id"],
        "parent_id": row["parent_id"] or None,
        "author": None if deleted else _author(row),
        "text": row["text"],
        "created_at": row["created_at"],
        "likes": row["likes"],
        "replies": row["replies"],
        "liked": row["liked"],
        "pinned": row["pinned"],
        "state": "shown" if row["state"] == "held" and not creator else row["state"],
        "by_creator": not deleted and row["author_id"] == row["owner_id"],
        "liked_by_creator": row["liked_by_creator"],
        "mine": mine and not deleted,
        "may_delete": (mine or creator) and not deleted,
        "mentions": [{"handle": each, "id": known[each]} for each in names if each in known],
    }


def _author(row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row or a mapping
    return {
        "id": row["author_id"],
        "handle": row["handle"],
        "name": row["name"] or row["handle"],
        "avatar_url": avatar.url(row["avatar"]),
    }
