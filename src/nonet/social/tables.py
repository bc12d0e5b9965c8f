"""Rows of likes, saves, reposts, comments, shares, playlists and messages."""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import clock, db, ids


class Like(db.Base):
    """A person likes a video."""

    __tablename__ = "likes"
    __table_args__ = (Index("ix_likes_person", "account_id", "created_at", "video_id"),)

    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    video_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Save(db.Base):
    """A person keeps a video for later; nobody else sees that."""

    __tablename__ = "saves"
    __table_args__ = (Index("ix_saves_person", "account_id", "created_at", "video_id"),)

    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    video_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Repost(db.Base):
    """A person shows a video to their followers."""

    __tablename__ = "reposts"
    __table_args__ = (Index("ix_reposts_person", "account_id", "created_at", "video_id"),)

    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    video_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Comment(db.Base):
    """A comment on a video, or a reply to one (``parent_id``); ``state`` is shown, held or deleted.

    A held one waits for the video's author: it has a word they filter, or its writer is restricted.
    """

    __tablename__ = "comments"
    __table_args__ = (
        Index("ix_comments_page", "video_id", "parent_id", "id"),
        Index("ix_comments_top", "video_id", "parent_id", "pinned", "likes", "id"),
        Index("ix_comments_author", "author_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    video_id: Mapped[int]
    author_id: Mapped[int]
    parent_id: Mapped[int] = mapped_column(default=0)
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="shown")
    pinned: Mapped[bool] = mapped_column(Boolean, default=False)
    likes: Mapped[int] = mapped_column(default=0)
    replies: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class CommentLike(db.Base):
    """A person likes a comment."""

    __tablename__ = "comment_likes"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)


class Share(db.Base):
    """A link that says who shared a video: ``/v/{id}?s={code}``."""

    __tablename__ = "shares"
    __table_args__ = (Index("uq_shares_person", "account_id", "video_id", unique=True),)

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[int]
    video_id: Mapped[int] = mapped_column(index=True)
    opens: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class ShareOpen(db.Base):
    """Somebody opened a link on a day; ``viewer`` is a keyed hash of who, and goes with the day."""

    __tablename__ = "share_opens"

    code: Mapped[str] = mapped_column(ForeignKey("shares.code", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    viewer: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Playlist(db.Base):
    """A person's list of videos; ``visibility`` is public or private."""

    __tablename__ = "playlists"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    owner_id: Mapped[int] = mapped_column(index=True)
    title: Mapped[str] = mapped_column(Text)
    visibility: Mapped[str] = mapped_column(Text, default="public")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)


class PlaylistItem(db.Base):
    """A video in a list; ``place`` orders them."""

    __tablename__ = "playlist_items"

    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True)
    video_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    place: Mapped[int]


class Thread(db.Base):
    """A conversation; ``pair`` is ``low:high`` of two people's ids, empty for a group."""

    __tablename__ = "threads"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    pair: Mapped[str | None] = mapped_column(Text, unique=True)
    title: Mapped[str] = mapped_column(Text, default="")
    made_by: Mapped[int]
    last_id: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class ThreadMember(db.Base):
    """Who takes part; ``state`` is in, asked (a stranger's request) or left.

    They see what comes after ``since_id``: what was said in a group before they were added isn't theirs to read. With
    ``accepted_at`` they last chose to hear from the other of a pair; whom they have restricted since then they don't.
    """

    __tablename__ = "thread_members"
    __table_args__ = (Index("ix_thread_members_person", "account_id", "state", "thread_id"),)

    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(Text, default="in")
    since_id: Mapped[int] = mapped_column(default=0)
    read_id: Mapped[int] = mapped_column(default=0)
    muted: Mapped[bool] = mapped_column(Boolean, default=False)
    accepted_at: Mapped[datetime | None]


class Message(db.Base):
    """What someone wrote in a conversation, or the video they sent; ``kind`` said.

    A group's own lines stand between: added (its author added ``about_id``) and titled (they called it ``text``).
    """

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_page", "thread_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    thread_id: Mapped[int] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(Text, default="said")
    about_id: Mapped[int | None] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(Text)
    video_id: Mapped[int | None]
    deleted: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
