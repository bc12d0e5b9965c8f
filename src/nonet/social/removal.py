"""What goes with a video or a person: their likes, comments, links, lists and messages, a few in one transaction."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import delete, exists, select, tuple_, update

from nonet.core import db
from nonet.inbox import service as inbox
from nonet.signals import service as signals
from nonet.social import comments
from nonet.social.tables import (
    Comment,
    CommentLike,
    Like,
    Message,
    Playlist,
    PlaylistItem,
    Repost,
    Save,
    Share,
    ShareOpen,
    Thread,
    ThreadMember,
)

AT_ONCE = 500

Part = Callable[[db.Session, int], Awaitable[int]]
"""Removes a few rows of whoever or whatever is gone; returns how many."""


async def of_video(video_id: int) -> None:
    """Remove what people did with a video that is gone; the messages that brought it stay, without it."""
    for table in (Like, Save, Repost, PlaylistItem):
        await _all(_rows_of_video(table), video_id)
    await _all(_comments_of_video, video_id)
    async with db.transaction() as session:
        await session.execute(delete(Share).where(Share.video_id == video_id))


async def of_person(account_id: int) -> None:
    """Remove what a person did, wrote and kept; counters lose what was theirs."""
    for table, counter in ((Like, "likes"), (Save, "saves"), (Repost, "reposts")):
        await _all(_acts_of_person(table, counter), account_id)
    for part in (_likes_of_comments, _comments_of_person, _messages_of_person):
        await _all(part, account_id)
    async with db.transaction() as session:
        for mine in (Share.account_id, Playlist.owner_id):
            await session.execute(delete(mine.class_).where(mine == account_id))
        left = delete(ThreadMember).where(ThreadMember.account_id == account_id).returning(ThreadMember.thread_id)
        thread_ids = (await session.scalars(left)).all()
        made = update(Thread).where(Thread.id.in_(thread_ids), Thread.made_by == account_id)
        await session.execute(made.values(made_by=0))
        await session.execute(update(Message).where(Message.about_id == account_id).values(about_id=None))
        await session.execute(delete(ShareOpen).where(ShareOpen.viewer == account_id))
        taken = exists().where(ThreadMember.thread_id == Thread.id, ThreadMember.state != "left")
        await session.execute(delete(Thread).where(Thread.id.in_(thread_ids), ~taken))


async def _all(part: Part, whose: int) -> None:
    gone = AT_ONCE
    while gone == AT_ONCE:
        async with db.transaction() as session:
            gone = await part(session, whose)


def _rows_of_video(table: Any) -> Part:  # noqa: ANN401 - a table with an account or a list, and a video
    async def part(session: db.Session, video_id: int) -> int:
        key = list(table.__table__.primary_key.columns)
        some = select(*key).where(table.video_id == video_id).limit(AT_ONCE)
        gone = delete(table).where(tuple_(*key).in_(some)).returning(table.video_id)
        return len((await session.scalars(gone)).all())

    return part


async def _comments_of_video(session: db.Session, video_id: int) -> int:
    some = select(Comment.id).where(Comment.video_id == video_id).limit(AT_ONCE)
    gone = (await session.scalars(delete(Comment).where(Comment.id.in_(some)).returning(Comment.id))).all()
    await inbox.forget(session, "comment", *gone)
    return len(gone)


def _acts_of_person(table: Any, counter: str) -> Part:  # noqa: ANN401 - a table of acts
    async def part(session: db.Session, account_id: int) -> int:
        some = select(table.video_id).where(table.account_id == account_id).limit(AT_ONCE)
        gone = delete(table).where(table.account_id == account_id, table.video_id.in_(some))
        video_ids = (await session.scalars(gone.returning(table.video_id))).all()
        await signals.change(session, counter, video_ids, -1)
        return len(video_ids)

    return part


async def _likes_of_comments(session: db.Session, account_id: int) -> int:
    some = select(CommentLike.comment_id).where(CommentLike.account_id == account_id).limit(AT_ONCE)
    gone = delete(CommentLike).where(CommentLike.account_id == account_id, CommentLike.comment_id.in_(some))
    comment_ids = (await session.scalars(gone.returning(CommentLike.comment_id))).all()
    # In the order of their ids, as everyone who locks several of them.
    locked = select(Comment.id).where(Comment.id.in_(comment_ids)).order_by(Comment.id).with_for_update()
    await session.execute(locked)
    await session.execute(update(Comment).where(Comment.id.in_(comment_ids)).values(likes=Comment.likes - 1))
    return len(comment_ids)


async def _comments_of_person(session: db.Session, account_id: int) -> int:
    written = select(Comment).where(Comment.author_id == account_id, Comment.state != "deleted")
    comment = (await session.scalars(written.limit(1).with_for_update())).first()
    if comment is not None:
        await comments.remove(session, comment, logged=False)
    return AT_ONCE if comment is not None else 0


async def _messages_of_person(session: db.Session, account_id: int) -> int:
    some = select(Message.id).where(Message.author_id == account_id).limit(AT_ONCE)
    gone = delete(Message).where(Message.id.in_(some)).returning(Message.id)
    return len((await session.scalars(gone)).all())
