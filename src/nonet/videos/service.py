"""Drafting, editing, publishing and deleting videos, and the one door that says who may see which."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.dialects.postgresql import insert

from nonet.core import clock, db, errors, ids, realtime
from nonet.media import service as media
from nonet.videos.tables import Video

VISIBILITIES = ("public", "unlisted", "private")


class NotPlayable(errors.Refusal):
    """The video has nothing to play and never will."""

    status = 409
    code = "not_playable"
    sentence = "This upload stopped before it could play. Choose the file again."


def visible_to(viewer_id: int | None) -> ColumnElement[bool]:
    """Return the condition under which a viewer, or a visitor (None), may open a video by its address."""
    shared = and_(Video.state == "published", Video.visibility.in_(("public", "unlisted")))
    return shared if viewer_id is None else or_(shared, Video.owner_id == viewer_id)


def listed() -> ColumnElement[bool]:
    """Return the condition under which a video stands in lists that everyone sees."""
    return and_(Video.state == "published", Video.visibility == "public")


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


async def listed_page(
    session: db.Session, owner_id: int, before: tuple[datetime, int] | None, most: int
) -> list[Video]:
    """Return a person's listed videos, last published first."""
    query = (
        select(Video)
        .where(Video.owner_id == owner_id, listed())
        .order_by(Video.published_at.desc(), Video.id.desc())
        .limit(most)
    )
    if before is not None:
        at, video_id = before
        query = query.where(or_(Video.published_at < at, and_(Video.published_at == at, Video.id < video_id)))
    return list(await session.scalars(query))


async def draft(session: db.Session, owner_id: int, asset_id: int) -> Video:
    """Return the video of an upload, made when there is none yet: however it is called, an upload has one video."""
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
    """Change caption, visibility, language or alt text of a locked video; a closed one loses its old addresses."""
    for name, value in changes.items():
        setattr(video, name, value)
    await session.flush()
    if "visibility" in changes:
        await _open(session, video)
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
        await _open(session, video)
    _tell(session, video)


async def _open(session: db.Session, video: Video) -> None:
    public = video.state == "published" and video.visibility == "public"
    await media.set_public(session, video.asset_id, public=public)


def _tell(session: db.Session, video: Video) -> None:
    realtime.tell(session, video.owner_id, {"type": "upload", "upload_id": str(video.asset_id)})


async def delete(session: db.Session, owner_id: int, video_id: int) -> None:
    """Delete a video, its asset and its upload, whatever their state."""
    video = await get_own(session, owner_id, video_id, lock=True)
    await session.delete(video)
    await session.flush()
    await media.delete(session, video.asset_id)
    _tell(session, video)
