"""Caption tracks: kept as text for editing and as an object for players, one a language."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from nonet.core import clock, db, errors, realtime
from nonet.media import captions, service
from nonet.media.tables import Asset, File, Track

TRACKS_MOST = 40


class LanguageInvalid(errors.Refusal):
    """Not a language tag."""

    code = "language_invalid"
    sentence = "{language} is not a language tag. Write en, pt-BR or zh-Hans."


class TooManyTracks(errors.Refusal):
    """A video has captions in enough languages."""

    code = "too_many_tracks"
    sentence = "A video takes captions in {most} languages. Delete one first."


def make(asset_id: int, language: str, source: str, vtt: str) -> Track:
    """Return a track's row for finished WebVTT; ``store`` puts its file, ``record`` its row."""
    digest = hashlib.sha256(vtt.encode()).hexdigest()[:12]
    return Track(
        asset_id=asset_id,
        language=language,
        label="",
        source=source,
        vtt=vtt,
        file=f"{language}-{digest}.vtt",
        updated_at=clock.now(),
    )


async def store(track: Track) -> None:
    """Put a track's file where players fetch it."""
    await service.store().put_bytes(f"assets/{track.asset_id}/{track.file}", track.vtt.encode(), "text/vtt")


async def record(session: db.Session, track: Track, *, keep_existing: bool = False) -> None:
    """Write a stored track's rows and retire the file it replaces; with ``keep_existing`` an older one stands."""
    old = await session.get(Track, (track.asset_id, track.language))
    if old is not None and keep_existing:
        return
    if old is not None and old.file != track.file:
        await service.retire(session, track.asset_id, [old.file])
    row = {c.name: getattr(track, c.name) for c in Track.__table__.columns}
    await session.execute(
        insert(Track).values(row).on_conflict_do_update(index_elements=["asset_id", "language"], set_=row)
    )
    size_bytes = len(track.vtt.encode())
    await service.keep(session, File(asset_id=track.asset_id, name=track.file, kind="captions", size_bytes=size_bytes))


def read(language: str, raw: bytes, asset_id: int, source: str) -> Track:
    """Turn a VTT or SRT file, or edited text, into a track. Raises LanguageInvalid and captions.CaptionsInvalid."""
    if not captions.is_language(language):
        raise LanguageInvalid(language=language[:40])
    return make(asset_id, language, source, captions.normalise(raw))


async def save(session: db.Session, owner_id: int, track: Track) -> None:
    """Replace an asset's captions in one language by a stored track."""
    asset = await session.get(Asset, track.asset_id, with_for_update=True)
    if asset is None or asset.owner_id != owner_id:
        raise errors.NotFound
    known = set(await session.scalars(select(Track.language).where(Track.asset_id == track.asset_id)))
    if track.language not in known and len(known) >= TRACKS_MOST:
        raise TooManyTracks(most=TRACKS_MOST)
    await record(session, track)
    realtime.tell(session, owner_id, {"type": "upload", "upload_id": str(track.asset_id)})


async def remove(session: db.Session, asset_id: int, language: str) -> None:
    """Delete an asset's captions in one language. Raises NotFound when there are none."""
    old = await session.get(Track, (asset_id, language))
    if old is None:
        raise errors.NotFound
    await service.retire(session, asset_id, [old.file])
    await session.execute(delete(Track).where(Track.asset_id == asset_id, Track.language == language))


async def of(session: db.Session, asset_ids: Sequence[int]) -> dict[int, list[Track]]:
    """Return the tracks of these assets by language; no entry where there are none."""
    found: dict[int, list[Track]] = {}
    query = select(Track).where(Track.asset_id.in_(asset_ids)).order_by(Track.asset_id, Track.language)
    for track in await session.scalars(query):
        found.setdefault(track.asset_id, []).append(track)
    return found
