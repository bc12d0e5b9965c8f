"""The life of an upload: room for it, its offset after each fsync, its end. Bytes are written by ``spool``.

An acknowledged byte is on disk: the file is synced before the offset is recorded, and the offset before the answer.
"""

import asyncio
import os
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import CursorResult, func, select, update

from nonet.core import clock, db, errors, ids, jobs, limits, prefs, realtime, settings
from nonet.media import steps
from nonet.media.tables import Asset, File, Step, Upload

UPLOAD_MAX_BYTES = prefs.number(
    "upload_max_bytes",
    default=2 * 1024**3,
    low=1024,
    high=1 << 40,
    help="The largest file a person may upload, in bytes.",
)
QUOTA_PERSON_BYTES = prefs.number(
    "quota_person_bytes", default=20 * 1024**3, low=0, high=1 << 50, help="What one person's files may take, in bytes."
)
QUOTA_SERVER_BYTES = prefs.number(
    "quota_server_bytes", default=0, low=0, high=1 << 60, help="What all files may take, in bytes; 0 means no limit."
)
UPLOADS_PER_H = prefs.number(
    "uploads_per_h", default=120, low=1, high=100_000, help="How many uploads a person may begin in an hour."
)
LIFE = timedelta(days=7)


class StorageFull(errors.Refusal):
    """The server has no room left for uploads; watching goes on."""

    status = 507
    code = "storage_full"
    sentence = "The server has no room for uploads right now. Watching goes on; try again later."


class QuotaExceeded(errors.Refusal):
    """A person's room is used up."""

    status = 413
    code = "quota_exceeded"
    sentence = "Your videos take {used_mb} of the {most_mb} MB you have here. Delete one and try again."


class UploadTooLarge(errors.Refusal):
    """The file is larger than the server takes."""

    status = 413
    code = "upload_too_large"
    sentence = "This server takes files up to {most_mb} MB."


class UploadExpired(errors.Refusal):
    """The upload was given up or took too long."""

    status = 410
    code = "upload_expired"
    sentence = "This upload has ended. Choose the file again to start a new one."


class WrongOffset(errors.Refusal):
    """The client would write elsewhere than where the file ends."""

    status = 409
    code = "wrong_offset"
    sentence = "{offset} bytes are safe on the server. Go on from there."


class ChecksumMismatch(errors.Refusal):
    """What arrived is not what was sent."""

    status = 460
    code = "checksum_mismatch"
    sentence = "What arrived differs from what was sent. Send the file again."


class TakenOver(errors.Refusal):
    """A newer request of the same upload goes on in this one's place."""

    status = 423
    code = "upload_taken_over"
    sentence = "Another connection goes on with this upload."


def spool_path(upload_id: int) -> Path:
    """Return where an upload's bytes gather."""
    return settings.load().folder("spool") / f"{upload_id}.part"


async def begin(session: db.Session, owner_id: int, *, filename: str, size_bytes: int, sha256: str | None) -> Upload:
    """Make room for an upload and record it with its asset and nine waiting steps.

    Refuses what would not fit: StorageFull below the floor of free disk, QuotaExceeded, UploadTooLarge.
    """
    await _check_room(session, owner_id, size_bytes)
    upload_id = ids.new()
    now = clock.now()
    upload = Upload(
        id=upload_id,
        owner_id=owner_id,
        filename=filename,
        size_bytes=size_bytes,
        offset_bytes=0,
        declared_sha256=sha256,
        state="receiving",
        expires_at=now + LIFE,
    )
    session.add(upload)
    session.add(Asset(id=upload_id, owner_id=owner_id, folder_key=new_folder_key()))
    await session.flush()
    session.add_all(Step(asset_id=upload_id, step=name) for name in steps.NAMES)
    await session.flush()
    await jobs.enqueue(
        session, "media.begun", {"asset_id": str(upload_id), "owner_id": str(owner_id)}, key=str(upload_id)
    )
    if size_bytes == 0:
        await _receive(session, upload)
    return upload


def new_folder_key() -> str:
    """Return 16 letters that nobody guesses: 80 random bits in lower-case base 32."""
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    return "".join(alphabet[b & 31] for b in os.urandom(16))


async def _check_room(session: db.Session, owner_id: int, size_bytes: int) -> None:
    most = await prefs.get(session, UPLOAD_MAX_BYTES)
    if size_bytes > most:
        raise UploadTooLarge(most_mb=most // 1_000_000)
    check_floor(await coming_bytes(session) + size_bytes)
    person = await prefs.get(session, QUOTA_PERSON_BYTES)
    used = await used_bytes(session, owner_id)
    if used + size_bytes > person:
        raise QuotaExceeded(used_mb=used // 1_000_000, most_mb=person // 1_000_000)
    server = await prefs.get(session, QUOTA_SERVER_BYTES)
    if server and await used_bytes(session, None) + size_bytes > server:
        raise StorageFull


async def coming_bytes(session: db.Session) -> int:
    """Return what is still to come of all uploads under way."""
    coming = select(func.coalesce(func.sum(Upload.size_bytes - Upload.offset_bytes), 0))
    return int(await session.scalar(coming.where(Upload.state == "receiving")) or 0)


def floor_bytes() -> int:
    """Return how much of the disk no upload may take."""
    return settings.load().disk_floor_mb * 1024 * 1024


def check_floor(more_bytes: int) -> None:
    """Raise StorageFull when ``more_bytes`` would leave less free disk than the floor."""
    free = shutil.disk_usage(settings.load().folder("spool")).free
    if free - more_bytes < floor_bytes():
        raise StorageFull


async def used_bytes(session: db.Session, owner_id: int | None) -> int:
    """Return what a person's files take, or everyone's: kept objects and the declared size of open uploads."""
    kept = select(func.coalesce(func.sum(File.size_bytes), 0))
    coming = select(func.coalesce(func.sum(Upload.size_bytes), 0)).where(Upload.state == "receiving")
    if owner_id is not None:
        kept = kept.join(Asset, Asset.id == File.asset_id).where(Asset.owner_id == owner_id)
        coming = coming.where(Upload.owner_id == owner_id)
    return int(await session.scalar(kept) or 0) + int(await session.scalar(coming) or 0)


async def limit(session: db.Session, owner_id: int) -> None:
    """Count the start of an upload against a person's hour; raises TooOften."""
    rate = await prefs.get(session, UPLOADS_PER_H)
    await limits.take(f"upload:{owner_id}", rate_per_h=rate, burst=max(10, rate / 2))


async def find(session: db.Session, owner_id: int, upload_id: int, *, lock: bool = False) -> Upload:
    """Return a person's upload; NotFound when it is another's, UploadExpired when it has ended."""
    query = select(Upload).where(Upload.id == upload_id, Upload.owner_id == owner_id)
    upload = await session.scalar(query.with_for_update() if lock else query)
    if upload is None:
        raise errors.NotFound
    if upload.state in {"expired", "ended"}:
        raise UploadExpired
    return upload


async def lease(session: db.Session, owner_id: int, upload_id: int, offset: int) -> Upload:
    """Give one request the right to move the offset, taking it from an earlier one that may hang on a dead line."""
    upload = await find(session, owner_id, upload_id, lock=True)
    if offset != upload.offset_bytes or upload.state != "receiving":
        raise WrongOffset(offset=upload.offset_bytes, headers={"Upload-Offset": str(upload.offset_bytes)})
    upload.lease = ids.new()
    upload.expires_at = clock.now() + LIFE
    await session.flush()
    return upload


async def advance(session: db.Session, upload: Upload, offset: int) -> None:
    """Record that the file is durable up to ``offset``; TakenOver when a newer request holds the lease.

    The last byte ends the receiving: the asset's pipeline begins in the same transaction.
    """
    result = await session.execute(
        update(Upload)
        .where(Upload.id == upload.id, Upload.lease == upload.lease, Upload.state == "receiving")
        .values(offset_bytes=offset)
    )
    if cast("CursorResult[Any]", result).rowcount != 1:
        raise TakenOver
    if offset == upload.size_bytes:
        row = await session.get_one(Upload, upload.id, populate_existing=True)
        await _receive(session, row)


async def _receive(session: db.Session, upload: Upload) -> None:
    from nonet.media import service  # noqa: PLC0415 - the service moves the steps of what is received here

    upload.state, upload.received_at, upload.lease = "received", clock.now(), None
    await service.settle(session, upload.id, "receive", "done")


async def end(session: db.Session, owner_id: int, upload_id: int) -> None:
    """Give an upload up (tus termination): its bytes go, its asset is marked expired."""
    upload = await find(session, owner_id, upload_id, lock=True)
    if upload.state == "receiving":
        await _expire(session, upload, "ended")


async def _expire(session: db.Session, upload: Upload, state: str) -> None:
    upload.state, upload.lease = state, None
    asset = await session.get_one(Asset, upload.id)
    asset.state, asset.code, asset.sentence = "expired", UploadExpired.code, UploadExpired.sentence
    realtime.tell(session, upload.owner_id, {"type": "upload", "upload_id": str(upload.id)})
    drop_bytes(session, upload.id)


def drop_bytes(session: db.Session, upload_id: int) -> None:
    """Remove what gathered of an upload, once the session's transaction is durable."""
    path = spool_path(upload_id)

    async def drop() -> None:
        await asyncio.to_thread(path.unlink, missing_ok=True)

    db.after_commit(session, drop)


async def sweep(session: db.Session) -> None:
    """Expire uploads past their time and delete spool files that belong to none, an hour old at least."""
    late = await session.scalars(
        select(Upload)
        .where(Upload.state == "receiving", Upload.expires_at < clock.now())
        .with_for_update(skip_locked=True)
    )
    for upload in late:
        await _expire(session, upload, "expired")
    old = clock.now().timestamp() - 3600
    spool = settings.load().folder("spool")
    strays = [p for p in await asyncio.to_thread(lambda: list(spool.glob("*.part"))) if p.stat().st_mtime < old]
    known = set(
        await session.scalars(
            select(Upload.id).where(Upload.id.in_([i for p in strays if (i := ids.parse(p.stem)) is not None]))
        )
    )
    for path in strays:
        if ids.parse(path.stem) not in known:
            await asyncio.to_thread(path.unlink, missing_ok=True)
