"""What a case is about, as it is now, whoever may see it otherwise. Reading it is written to the audit log.

A moderator has no other way to what isn't public: there is a case, or there is nothing to read.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from nonet.accounts.tables import Account
from nonet.cards.case_schemas import (
    PersonEvidence,
    PlaylistEvidence,
    SaidEvidence,
    SoundEvidence,
    Subject,
    VideoEvidence,
)
from nonet.core import db
from nonet.media import service as media
from nonet.media.tables import Asset
from nonet.moderation import labels
from nonet.moderation.tables import Case
from nonet.people import avatar
from nonet.people import service as people
from nonet.people.schemas import Author
from nonet.people.tables import Profile
from nonet.social.tables import Comment, Message, Playlist, PlaylistItem
from nonet.sounds.tables import Sound
from nonet.videos.tables import Video

AROUND = 5
VIDEOS_MOST = 6


async def of(session: db.Session, case: Case) -> Subject:
    """Return what a case is about, with what stands around it."""
    parts = await _PARTS[case.kind](session, case)
    is_hidden = await session.scalar(select(labels.hidden(case.kind, case.subject_id)))
    owner = await _person(session, case.owner_id)
    gone = owner is None if case.kind == "person" else parts is None
    return Subject(gone=gone, hidden=bool(is_hidden), owner=owner, **(parts or {}))


async def _person(session: db.Session, account_id: int) -> PersonEvidence | None:
    query = select(Account, Profile).join(Profile, Profile.account_id == Account.id, isouter=True)
    row = (await session.execute(query.where(Account.id == account_id))).first()
    if row is None:
        return None
    account, profile = row.Account, row.Profile
    return PersonEvidence(
        id=account.id,
        handle=account.handle,
        name=(profile.name if profile else "") or account.handle,
        avatar_url=avatar.url(profile.avatar) if profile else None,
        bio=profile.bio if profile else "",
        link=profile.link if profile else "",
        state=account.state,
        created_at=account.created_at,
    )


async def _authors(session: db.Session, account_ids: Sequence[int]) -> dict[int, Author]:
    found = await people.authors(session, account_ids)
    return {number: Author.model_validate(author) for number, author in found.items()}


async def _videos(session: db.Session, query: Select[Any]) -> list[VideoEvidence]:
    """Shape the videos that a select of ``Video`` finds."""
    joined = query.add_columns(Asset).join(Asset, Asset.id == Video.asset_id, isouter=True)
    rows = (await session.execute(joined.limit(VIDEOS_MOST))).all()
    known = await _authors(session, [row.Video.owner_id for row in rows])
    return [_video(row.Video, row.Asset, known.get(row.Video.owner_id)) for row in rows]


def _video(video: Video, asset: Asset | None, author: Author | None) -> VideoEvidence:
    return VideoEvidence(
        id=video.id,
        author=author,
        caption=video.caption,
        alt_text=video.alt_text,
        visibility=video.visibility,
        state=video.state,
        published_at=video.published_at,
        duration_ms=(asset.duration_ms if asset else 0) or 0,
        width=(asset.width if asset else 0) or 0,
        height=(asset.height if asset else 0) or 0,
        poster_url=media.address(asset, asset.poster) if asset else None,
        mp4_url=media.address(asset, asset.mp4) if asset else None,
    )


async def _of_video(session: db.Session, case: Case) -> dict[str, Any] | None:
    found = await _videos(session, select(Video).where(Video.id == case.subject_id))
    return {"videos": found} if found else None


async def _of_person(session: db.Session, case: Case) -> dict[str, Any] | None:
    published = and_(Video.owner_id == case.owner_id, Video.state == "published")
    latest = select(Video).where(published, Video.visibility != "private").order_by(Video.id.desc())
    return {"videos": await _videos(session, latest)}


async def _of_comment(session: db.Session, case: Case) -> dict[str, Any] | None:
    """Return a comment, the one it stands under, its nearest neighbours, and the video."""
    comment = await session.get(Comment, case.subject_id)
    if comment is None:
        return None
    beside = and_(Comment.video_id == comment.video_id, Comment.parent_id == comment.parent_id)
    rows = await _around(session, Comment, comment.id, beside)
    above = await session.get(Comment, comment.parent_id) if comment.parent_id else None
    rows = [above, *rows] if above else rows
    known = await _authors(session, [row.author_id for row in rows])
    said = [_said(row, known, row.state, comment.id) for row in rows]
    video = await _videos(session, select(Video).where(Video.id == comment.video_id))
    return None if comment.state == "deleted" else {"said": said, "videos": video}


async def _of_message(session: db.Session, case: Case) -> dict[str, Any] | None:
    """Return a message, and up to five before and after it in its conversation."""
    message = await session.get(Message, case.subject_id)
    if message is None or message.deleted:
        return None
    beside = and_(Message.thread_id == message.thread_id, Message.kind == "said")
    rows = await _around(session, Message, message.id, beside)
    known = await _authors(session, [row.author_id for row in rows])
    said = [_said(row, known, "deleted" if row.deleted else "shown", message.id) for row in rows]
    return {"said": said, "videos": await _videos(session, select(Video).where(Video.id == message.video_id))}


async def _around(session: db.Session, table: Any, middle: int, which: ColumnElement[bool]) -> list[Any]:  # noqa: ANN401
    before = select(table).where(which, table.id <= middle).order_by(table.id.desc()).limit(AROUND + 1)
    after = select(table).where(which, table.id > middle).order_by(table.id).limit(AROUND)
    return [*reversed(list(await session.scalars(before))), *await session.scalars(after)]


def _said(row: Any, known: dict[int, Author], state: str, middle: int) -> SaidEvidence:  # noqa: ANN401
    return SaidEvidence(
        id=row.id,
        author=known.get(row.author_id),
        text="" if state == "deleted" else row.text,
        state=state,
        created_at=row.created_at,
        video_id=row.video_id,
        reported=row.id == middle,
    )


async def _of_sound(session: db.Session, case: Case) -> dict[str, Any] | None:
    sound = await session.get(Sound, case.subject_id)
    if sound is None:
        return None
    heard = or_(Video.sound_id == sound.id, Video.asset_id == sound.asset_id)
    found = await _videos(session, select(Video).where(heard, Video.state == "published").order_by(Video.id))
    return {
        "sound": SoundEvidence(id=sound.id, title=sound.title, duration_ms=sound.duration_ms),
        "videos": found,
    }


async def _of_playlist(session: db.Session, case: Case) -> dict[str, Any] | None:
    playlist = await session.get(Playlist, case.subject_id)
    if playlist is None:
        return None
    inside = select(Video).join(PlaylistItem, PlaylistItem.video_id == Video.id)
    found = inside.where(PlaylistItem.playlist_id == playlist.id).order_by(PlaylistItem.place)
    shown = PlaylistEvidence(id=playlist.id, title=playlist.title, visibility=playlist.visibility)
    return {"playlist": shown, "videos": await _videos(session, found)}


_PARTS: dict[str, Callable[[db.Session, Case], Awaitable[dict[str, Any] | None]]] = {
    "video": _of_video,
    "comment": _of_comment,
    "person": _of_person,
    "message": _of_message,
    "sound": _of_sound,
    "playlist": _of_playlist,
}
