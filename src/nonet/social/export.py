"""What a person's archive holds of what they did with others: all they wrote, liked, kept, shared and arranged."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import Select, select

from nonet.core import db
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
    ThreadMember,
)

AT_ONCE = 500


async def export(session: db.Session, account_id: int) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Give what social knows of a person, row by row, each with the name of its list.

    Of conversations it holds what they wrote themselves, and which they take part in.
    """
    for name, query in _lists(account_id):
        async for row in await session.stream(query.execution_options(yield_per=AT_ONCE)):
            yield name, {key: _value(value) for key, value in row._mapping.items()}  # noqa: SLF001 - SQLAlchemy's name


def _lists(account_id: int) -> list[tuple[str, Select[*tuple[Any, ...]]]]:
    did = (("likes", Like), ("saves", Save), ("reposts", Repost))
    acts: list[tuple[str, Select[*tuple[Any, ...]]]] = []
    for name, table in did:
        act = select(table.video_id, table.created_at).where(table.account_id == account_id)
        acts.append((name, act.order_by(table.created_at)))
    comment = (Comment.id, Comment.video_id, Comment.parent_id, Comment.text, Comment.state, Comment.created_at)
    message = (
        *(Message.id, Message.thread_id, Message.kind, Message.text),
        *(Message.video_id, Message.deleted, Message.created_at),
    )
    member = (
        *(ThreadMember.thread_id, ThreadMember.state, ThreadMember.read_id),
        *(ThreadMember.muted, ThreadMember.accepted_at),
    )
    share = (Share.video_id, Share.code, Share.opens, Share.created_at)
    playlist = (Playlist.id, Playlist.title, Playlist.visibility, Playlist.created_at, Playlist.updated_at)
    item = (PlaylistItem.playlist_id, PlaylistItem.video_id, PlaylistItem.place)
    return [
        *acts,
        ("comments", select(*comment).where(Comment.author_id == account_id).order_by(Comment.id)),
        ("comment_likes", select(CommentLike.comment_id).where(CommentLike.account_id == account_id)),
        ("shares", select(*share).where(Share.account_id == account_id).order_by(Share.created_at)),
        ("playlists", select(*playlist).where(Playlist.owner_id == account_id).order_by(Playlist.id)),
        (
            "playlist_videos",
            select(*item)
            .join(Playlist, Playlist.id == PlaylistItem.playlist_id)
            .where(Playlist.owner_id == account_id)
            .order_by(PlaylistItem.playlist_id, PlaylistItem.place),
        ),
        ("conversations", select(*member).where(ThreadMember.account_id == account_id)),
        ("messages", select(*message).where(Message.author_id == account_id).order_by(Message.id)),
    ]


def _value(value: Any) -> Any:  # noqa: ANN401 - a column's value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
