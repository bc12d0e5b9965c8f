"""The sound that came with an asset: made when a video with audio is published, named by its owner."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from nonet.core import clock, db, errors, ids, texts
from nonet.media import service as media
from nonet.media.tables import Asset
from nonet.sounds.tables import Sound

TITLE_MOST = 100


async def original(session: db.Session, asset: Asset) -> int | None:
    """Return the sound of an asset, made when there is none yet; None for an asset without audio."""
    if not media.has_audio(asset):
        return None
    await session.execute(
        insert(Sound)
        .values(
            id=ids.new(),
            owner_id=asset.owner_id,
            asset_id=asset.id,
            title="",
            duration_ms=asset.duration_ms,
            waveform=asset.waveform,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["asset_id"])
    )
    return await session.scalar(select(Sound.id).where(Sound.asset_id == asset.id))


async def rename(session: db.Session, owner_id: int, sound_id: int, title: str) -> Sound:
    """Give a person's own sound a title; an empty one says that it is original. Raises NotFound."""
    sound = await session.get(Sound, sound_id, with_for_update=True)
    if sound is None or sound.owner_id != owner_id:
        raise errors.NotFound
    sound.title = " ".join(texts.plain(title).split())[:TITLE_MOST]
    return sound


async def leave(session: db.Session, sound_id: int, asset_id: int, *, used: bool) -> None:
    """Take an asset that goes out of a sound; with no video left that uses the sound, it goes too."""
    sound = await session.get(Sound, sound_id, with_for_update=True)
    if sound is None:
        return
    if not used:
        await session.delete(sound)
    elif sound.asset_id == asset_id:
        asset = await session.get(Asset, asset_id)
        sound.waveform = (asset.waveform if asset else None) or sound.waveform
        sound.asset_id = None
    await session.flush()


async def export(session: db.Session, account_id: int) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Give what a person's archive holds of their sounds, row by row, each with the name of its list."""
    query = select(Sound).where(Sound.owner_id == account_id).order_by(Sound.id)
    async for sound in await session.stream_scalars(query):
        yield (
            "sounds",
            {
                "id": str(sound.id),
                "title": sound.title,
                "duration_ms": sound.duration_ms,
                "created_at": sound.created_at,
            },
        )
