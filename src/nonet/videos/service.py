"""Drafting, editing, publishing, pinning and deleting videos, and the doors that say who may see which."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from nonet.core import clock, db, errors, ids, jobs, realtime, texts
from nonet.media import service as media
from nonet.people import service as people
from nonet.signals import service as signals
from nonet.sounds import service as sounds
from nonet.videos import standing, words
from nonet.videos.sight import in_lists, listed, visible_to
from nonet.videos.tables import Video

__all__ = ["in_lists", "listed", "visible_to"]

PINNED_MOST = 3
PUBLISHED, DELETED, MENTIONED = "video.published", "video.deleted", "video.mentioned"
_SEEN_CHANGES = {"visibility", "caption", "language"}


class NotPlayable(errors.Refusal):
    """The video has nothing to play and never will."""

    status = 409
    code = "not_playable"
    sentence = "This upload stopped before it could play. Choose the file again."


class CommentsClosed(errors.Refusal):
    """The video takes no comments, or none from this person."""

    status = 403
    code = "comments_closed"
    sentence = "Comments on this video are closed to you. Its author decides who may write."


class TooManyPinned(errors.Refusal):
    """A profile has enough pinned videos."""

    status = 409
    code = "too_many_pinned"
    sentence = "Three videos are pinned to your profile already. Unpin one first."


class NotPublished(errors.Refusal):
    """Only what is published can stand on a profile."""

    status = 409
    code = "not_published"
    sentence = "Only a published video can be pinned. Publish it first."


async def get_visible(session: db.Session, viewer_id: int | None, video_id: int) -> Video:
    """Return a video that the viewer may open; raises NotFound."""
    video = await session.scalar(select(Video).where(Video.id == video_id, visible_to(viewer_id)))
    if video is None:
        raise errors.NotFound
    return video


async def get_own(session: db.Session, owner_id: int, video_id: int, *, lock: bool = False) -> Video:
    """Return a person's own video; raises NotFound."""
    query = select(Video).where(Video.id == video_id, Video.owner_id == owner_id)
    video = await session.scalar(query.with_for_update() if lock else query)
    if video is None:
        raise errors.NotFound
    return video


async def own_page(session: db.Session, owner_id: int, before_id: int | None, most: int) -> list[Video]:
    """Return a person's videos of every state, newest first."""
    query = select(Video).where(Video.owner_id == owner_id).order_by(Video.id.desc()).limit(most)
    return list(await session.scalars(query if before_id is None else query.where(Video.id < before_id)))


async def draft(session: db.Session, owner_id: int, asset_id: int) -> Video:
    """Return the video of an upload, made when there is none yet: however it is called, an upload has one video.

    A minor's is closed to duets, stitches and the comments of strangers until they say otherwise.
    """
    minor = await people.is_minor(session, owner_id)
    await session.execute(
        insert(Video)
        .values(
            id=ids.new(),
            owner_id=owner_id,
            asset_id=asset_id,
            caption="",
            visibility="public",
            language="",
            alt_text="",
            comments_from="followers" if minor else "everyone",
            duets=not minor,
            stitches=not minor,
            state="draft",
            created_at=clock.now(),
            updated_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["asset_id"])
    )
    video = await session.scalar(
        select(Video).where(Video.asset_id == asset_id, Video.owner_id == owner_id).with_for_update()
    )
    if video is None:
        raise errors.NotFound
    return video


async def draft_of_upload(session: db.Session, owner_id: int, asset_id: int) -> Video:
    """Return the draft of a person's own upload; NotFound when the upload isn't theirs."""
    found = (await media.assets(session, [asset_id])).get(asset_id)
    if found is None or found.owner_id != owner_id:
        raise errors.NotFound
    return await draft(session, owner_id, asset_id)


async def edit(session: db.Session, video: Video, changes: dict[str, Any]) -> None:
    """Change the texts and settings of a locked video; one that closes loses its old addresses."""
    was = video.visibility
    for name, value in changes.items():
        setattr(video, name, texts.plain(value) if isinstance(value, str) else value)
    await session.flush()
    named = await words.write(session, video) if "caption" in changes else set()
    if video.visibility not in {"public", "followers"}:
        video.pinned_at = None
    if _SEEN_CHANGES & changes.keys():
        await standing.settle(session, video)
    if was != video.visibility and video.state == "published":
        await standing.count(session, video.owner_id)
    if video.state == "published" and (named or was != video.visibility):
        await jobs.publish(session, MENTIONED, {"video_id": str(video.id)})
    _tell(session, video)


async def publish(session: db.Session, video: Video) -> None:
    """Publish a locked video now, or as soon as it plays. Raises NotPlayable when its upload has failed for good."""
    asset = (await media.assets(session, [video.asset_id])).get(video.asset_id)
    if asset is None or asset.state in {"failed", "expired"}:
        raise NotPlayable
    if video.state == "draft":
        video.state = "publishing"
    await session.flush()
    await publish_if_playable(session, video)


async def publish_if_playable(session: db.Session, video: Video) -> None:
    """Publish a locked video that is waiting for its first version, once that plays; else change nothing."""
    asset = (await media.assets(session, [video.asset_id])).get(video.asset_id)
    if video.state == "publishing" and asset is not None and asset.playable_at is not None:
        video.state, video.published_at = "published", clock.now()
        await session.flush()
        await words.date(session, video)
        await standing.settle(session, video)
        await standing.count(session, video.owner_id)
        whose = {"video_id": str(video.id), "owner_id": str(video.owner_id)}
        await jobs.publish(session, PUBLISHED, whose, key=str(video.id))
    _tell(session, video)


async def pin(session: db.Session, owner_id: int, video_id: int) -> Video:
    """Put a video at the top of its owner's profile; raises TooManyPinned or NotPublished."""
    pinned = select(Video).where(Video.owner_id == owner_id, Video.pinned_at.is_not(None))
    video = await get_own(session, owner_id, video_id, lock=True)
    if video.pinned_at is None:
        if video.state != "published" or video.visibility not in {"public", "followers"}:
            raise NotPublished
        await session.execute(select(func.pg_advisory_xact_lock(owner_id)))
        if len(list(await session.scalars(pinned))) >= PINNED_MOST:
            raise TooManyPinned
        video.pinned_at = clock.now()
    return video


async def unpin(session: db.Session, owner_id: int, video_id: int) -> Video:
    """Take a video from the top of its owner's profile."""
    video = await get_own(session, owner_id, video_id, lock=True)
    video.pinned_at = None
    return video


def _tell(session: db.Session, video: Video) -> None:
    realtime.tell(session, video.owner_id, {"type": "upload", "upload_id": str(video.asset_id)})


async def delete(session: db.Session, owner_id: int, video_id: int) -> None:
    """Delete a video, its asset and its upload, whatever their state, and its sound unless another video has it."""
    video = await get_own(session, owner_id, video_id, lock=True)
    await session.delete(video)
    await session.flush()
    if video.sound_id is not None:
        other = await session.scalar(select(Video.id).where(Video.sound_id == video.sound_id).limit(1))
        await sounds.leave(session, video.sound_id, video.asset_id, used=other is not None)
    await media.delete(session, video.asset_id)
    await standing.count(session, owner_id)
    await signals.forget(session, video.id)
    whose = {"video_id": str(video.id), "owner_id": str(owner_id)}
    await jobs.publish(session, DELETED, whose, key=str(video.id))
    _tell(session, video)
