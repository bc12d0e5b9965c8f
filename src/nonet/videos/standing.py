"""Where a video stands: whether its files have plain addresses and whether feeds may pick it. Both follow from rows.

Whatever changes who may see a video calls ``settle``, which may be called again at any time.
"""

from collections.abc import Sequence

from sqlalchemy import and_, func, not_, or_, select

from nonet.core import db
from nonet.media import service as media
from nonet.media.tables import Asset
from nonet.moderation import labels
from nonet.people import service as people
from nonet.people.tables import FollowCount
from nonet.signals import service as signals
from nonet.sounds import service as sounds
from nonet.videos import sight, words
from nonet.videos.tables import Video

AT_ONCE = 50


async def settle(session: db.Session, video: Video) -> None:
    """Open a published video's files when everybody may see it, else close them; tell the log what it is."""
    listed = bool(await session.scalar(select(sight.listed()).where(Video.id == video.id)))
    await media.set_public(session, video.asset_id, public=listed)
    asset = await session.get(Asset, video.asset_id)
    if video.state != "published" or asset is None:
        return
    if video.sound_id is None:
        video.sound_id = await sounds.original(session, asset)
    await signals.register(
        session,
        video_id=video.id,
        owner_id=video.owner_id,
        duration_ms=asset.duration_ms,
        tags=await words.tags(session, video.id),
        sound_id=video.sound_id,
        language=video.language,
        listed=listed,
        published_at=video.published_at,
    )


async def count(session: db.Session, owner_id: int) -> None:
    """Bring the number of videos on a person's profile up to date; who does so at the same time waits."""
    await people.count_video(session, owner_id, 0)  # takes the row, so that the next statement sees all before it
    shown = and_(
        Video.owner_id == owner_id,
        Video.state == "published",
        or_(Video.visibility == "public", Video.visibility == "followers"),
        not_(labels.hidden("video", Video.id)),
    )
    known = select(FollowCount.videos).where(FollowCount.account_id == owner_id)
    now = await session.scalar(select(func.count()).select_from(Video).where(shown)) or 0
    await people.count_video(session, owner_id, now - (await session.scalar(known) or 0))


async def settle_all(owner_id: int) -> None:
    """Settle each published video of a person, a few in one transaction."""
    for part in _parts(await _published(owner_id)):
        async with db.transaction() as session:
            found = select(Video).where(Video.id.in_(part)).order_by(Video.id).with_for_update()
            for video in list(await session.scalars(found)):
                await settle(session, video)


async def shut(owner_id: int) -> None:
    """Change every address of a person's files that only some may have, so that whoever may not any more has none."""
    for part in _parts(await _published(owner_id)):
        async with db.transaction() as session:
            for asset_id in await session.scalars(select(Video.asset_id).where(Video.id.in_(part))):
                await media.renew(session, asset_id)


async def _published(owner_id: int) -> list[int]:
    async with db.transaction() as session:
        query = select(Video.id).where(Video.owner_id == owner_id, Video.state == "published").order_by(Video.id)
        return list(await session.scalars(query))


def _parts(video_ids: list[int]) -> Sequence[list[int]]:
    return [video_ids[at : at + AT_ONCE] for at in range(0, len(video_ids), AT_ONCE)]
