"""What can be reported, as whoever reports it sees it: whose each is, and what it says. One function a kind."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import and_, not_, select

from nonet.accounts.tables import Account
from nonet.cards import sounds
from nonet.core import db, errors
from nonet.people import relations
from nonet.people.tables import Profile
from nonet.social import comment_pages, playlists
from nonet.social.tables import Comment, Message, ThreadMember
from nonet.sounds.tables import Sound
from nonet.videos import service as videos
from nonet.videos import sight
from nonet.videos.tables import Video


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose a thing is, and what it says."""

    owner_id: int
    excerpt: str


async def seen(session: db.Session, viewer_id: int, kind: str, subject_id: int) -> Subject:
    """Return a thing that the viewer sees; raises NotFound."""
    found = await _SEEN[kind](session, viewer_id, subject_id)
    if found is None:
        raise errors.NotFound
    return found


async def _video(session: db.Session, viewer_id: int, subject_id: int) -> Subject | None:
    video = await videos.get_visible(session, viewer_id, subject_id)
    return Subject(video.owner_id, video.caption)


async def _comment(session: db.Session, viewer_id: int, subject_id: int) -> Subject | None:
    query = (
        select(Comment.author_id, Comment.text)
        .join(Video, Video.id == Comment.video_id)
        .where(Comment.id == subject_id, Comment.state != "deleted")
        .where(comment_pages.seen_by(viewer_id), sight.visible_to(viewer_id))
    )
    row = (await session.execute(query)).first()
    return Subject(row.author_id, row.text) if row else None


async def _person(session: db.Session, viewer_id: int, subject_id: int) -> Subject | None:
    query = (
        select(Account.handle, Profile.name, Profile.bio, Profile.link)
        .join(Profile, Profile.account_id == Account.id, isouter=True)
        .where(Account.id == subject_id, Account.state == "active", not_(relations.blocked(viewer_id, Account.id)))
    )
    row = (await session.execute(query)).first()
    if row is None:
        return None
    said = [f"@{row.handle}", row.name, row.bio, row.link]
    return Subject(subject_id, "\n".join(part for part in said if part))


async def _message(session: db.Session, viewer_id: int, subject_id: int) -> Subject | None:
    query = (
        select(Message.author_id, Message.text)
        .join(ThreadMember, and_(ThreadMember.thread_id == Message.thread_id, ThreadMember.account_id == viewer_id))
        .where(Message.id == subject_id, Message.kind == "said", not_(Message.deleted), ThreadMember.state != "left")
    )
    row = (await session.execute(query)).first()
    return Subject(row.author_id, row.text) if row else None


async def _sound(session: db.Session, viewer_id: int, subject_id: int) -> Subject | None:
    query = select(Sound.owner_id, Sound.title).where(Sound.id == subject_id, sounds.visible_to(viewer_id))
    row = (await session.execute(query)).first()
    return Subject(row.owner_id, row.title) if row else None


async def _playlist(session: db.Session, viewer_id: int, subject_id: int) -> Subject | None:
    playlist = await playlists.get_visible(session, viewer_id, subject_id)
    return Subject(playlist.owner_id, playlist.title)


_SEEN: dict[str, Callable[[db.Session, int, int], Awaitable[Subject | None]]] = {
    "video": _video,
    "comment": _comment,
    "person": _person,
    "message": _message,
    "sound": _sound,
    "playlist": _playlist,
}
