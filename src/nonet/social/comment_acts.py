"""What is done with a comment that stands: liking it, pinning it, showing one that was held."""

from typing import Any

from sqlalchemy import BigInteger, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from nonet.core import db, errors, statements
from nonet.core.statements import Statement
from nonet.inbox import service as inbox
from nonet.signals import service as signals
from nonet.social import comment_pages, comments, wording
from nonet.social.tables import Comment, CommentLike
from nonet.videos.tables import Video

_viewer = bindparam("viewer", type_=BigInteger)
_comment = bindparam("comment", type_=BigInteger)


class NotForPins(errors.Refusal):
    """Only a comment of the first level that everyone sees can be pinned."""

    status = 409
    code = "not_for_pins"
    sentence = "Only a comment that everyone sees can be pinned, and no answer."


def _counting(rows: Any, by: int) -> Statement:  # noqa: ANN401 - an insert or a delete
    """Change the counter by what a change of rows did, in one statement."""
    changed = rows.returning(CommentLike.comment_id).cte("changed")
    return Statement(
        update(Comment)
        .where(Comment.id.in_(select(changed.c.comment_id)))
        .values(likes=Comment.likes + by)
        .returning(Comment.id)
    )


_LIKE = _counting(insert(CommentLike).values(comment_id=_comment, account_id=_viewer).on_conflict_do_nothing(), 1)
_UNLIKE = _counting(
    delete(CommentLike).where(CommentLike.comment_id == _comment, CommentLike.account_id == _viewer), -1
)


async def like(session: db.Transaction, viewer_id: int, comment_id: int) -> dict[str, Any]:
    """Like a comment unless that is done; return it. Raises NotFound."""
    row = await _shown(session, viewer_id, comment_id)
    if await _LIKE.fetch(await statements.raw(session), viewer=viewer_id, comment=comment_id):
        await inbox.notify(
            session,
            row["author_id"],
            "comment_liked",
            actor_id=viewer_id,
            subject_kind="comment",
            subject_id=comment_id,
            group_key=f"comment_liked:{comment_id}",
            details={"video_id": str(row["video_id"]), "excerpt": wording.excerpt(row["text"])},
        )
    return await comment_pages.one(session, viewer_id, comment_id)


async def unlike(session: db.Transaction, viewer_id: int, comment_id: int) -> dict[str, Any]:
    """Take a like of a comment back; return it. Raises NotFound."""
    row = await _shown(session, viewer_id, comment_id)
    if await _UNLIKE.fetch(await statements.raw(session), viewer=viewer_id, comment=comment_id):
        await inbox.retract(session, row["author_id"], f"comment_liked:{comment_id}", viewer_id)
    return await comment_pages.one(session, viewer_id, comment_id)


async def _shown(session: db.Transaction, viewer_id: int, comment_id: int) -> statements.Row:
    row = await comment_pages.row(session, viewer_id, comment_id)
    if row["state"] == "deleted":
        raise errors.NotFound
    return row


async def _own(session: db.Session, owner_id: int, comment_id: int) -> Comment:
    """Return a comment on a person's own video, locked, one change of pins at a time; raises NotFound."""
    query = (
        select(Comment.video_id)
        .join(Video, Video.id == Comment.video_id)
        .where(Comment.id == comment_id, Video.owner_id == owner_id, Comment.state != "deleted")
    )
    video_id = await session.scalar(query)
    if video_id is None:
        raise errors.NotFound
    await session.execute(select(func.pg_advisory_xact_lock(video_id)))
    comment = await session.scalar(select(Comment).where(Comment.id == comment_id).with_for_update())
    if comment is None or comment.state == "deleted":
        raise errors.NotFound
    return comment


async def pin(session: db.Session, owner_id: int, comment_id: int) -> dict[str, Any]:
    """Put a comment on one's own video at the top, in the place of another; raises NotFound, NotForPins."""
    comment = await _own(session, owner_id, comment_id)
    if comment.parent_id or comment.state != "shown":
        raise NotForPins
    others = update(Comment).where(Comment.video_id == comment.video_id, Comment.pinned, Comment.id != comment_id)
    await session.execute(others.values(pinned=False))
    comment.pinned = True
    await session.flush()
    return await comment_pages.one(session, owner_id, comment_id)


async def unpin(session: db.Session, owner_id: int, comment_id: int) -> dict[str, Any]:
    """Take a comment from the top; raises NotFound."""
    comment = await _own(session, owner_id, comment_id)
    comment.pinned = False
    await session.flush()
    return await comment_pages.one(session, owner_id, comment_id)


async def show(session: db.Session, owner_id: int, comment_id: int) -> dict[str, Any]:
    """Show a held comment on one's own video to everyone; from then on it counts and is told. Raises NotFound."""
    comment = await _own(session, owner_id, comment_id)
    if comment.state == "held":
        comment.state = "shown"
        await session.flush()
        await signals.act(session, "commented", viewer=comment.author_id, video_id=comment.video_id, counter="comments")
        above = update(Comment).where(Comment.id == comment.parent_id).values(replies=Comment.replies + 1)
        answered = await session.scalar(above.returning(Comment.author_id)) or None
        named = await comment_pages.named(session, [comment.text])
        said = comments.Said(
            comment.id, comment.author_id, comment.video_id, owner_id, comment.parent_id, comment.text, answered, named
        )
        await comments.tell(session, said)
    return await comment_pages.one(session, owner_id, comment_id)
