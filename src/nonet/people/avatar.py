"""Pictures of people: cropped in a limited process, kept under a name that never comes again, the one before removed.

Claim, work, record: the new object's removal is planned before it is written, and happens unless a profile then has it.
"""

import asyncio
import hashlib
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import anyio
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from nonet.core import clock, db, errors, ids, jobs, limits, settings, storage
from nonet.people import crop
from nonet.people.tables import Profile

LARGEST_BYTES = 10 * 1024 * 1024
AT_ONCE, WAITING_MOST, WALL_S = 2, 32, 30.0
LEFT = "people.avatar_left"
SETTLED_AFTER = timedelta(hours=1)

_room = anyio.CapacityLimiter(AT_ONCE)


class PictureUnreadable(errors.Refusal):
    """It isn't a JPEG, PNG, WebP or GIF, or it is broken."""

    code = "picture_unreadable"
    sentence = "This can't be read as a picture. Send a JPEG, PNG, WebP or GIF. Your picture stays as it was."


class PictureTooLarge(errors.Refusal):
    """More bytes or pixels than a picture of a person needs."""

    status = 413
    code = "picture_too_large"
    sentence = "A picture may have 10 MB and 40 million pixels. Send a smaller one. Yours stays as it was."


class CropOutside(errors.Refusal):
    """The square isn't inside the picture."""

    code = "crop_outside"
    sentence = "The square you chose isn't inside the picture. Choose it again. Your picture stays as it was."


class TooManyPictures(errors.Refusal):
    """More pictures wait to be cropped than the server takes at once."""

    status = 503
    code = "too_many_pictures"
    sentence = "Too many pictures are being cropped at this moment. Yours stays as it was. Try again in a minute."


@dataclass(frozen=True, slots=True)
class Square:
    """A square of a picture, in its pixels, turned as it is seen."""

    x: int
    y: int
    size: int


async def put(account_id: int, image: bytes, square: Square | None) -> None:
    """Make an image the person's picture; raises what a picture can be refused for, and then changes nothing."""
    await limits.take(f"avatar:{account_id}", rate_per_h=30, burst=15)
    cropped = await _cropped(image, square)
    name = f"avatar-{ids.new()}-{hashlib.sha256(cropped).hexdigest()[:12]}.webp"
    async with db.transaction() as session:
        await jobs.enqueue(session, LEFT, _named(account_id, name), run_at=clock.now() + SETTLED_AFTER)
    await _objects().put_bytes(f"open/{name}", cropped, "image/webp")
    async with db.transaction() as session:
        await replace(session, account_id, name)


async def replace(session: db.Session, account_id: int, name: str | None) -> None:
    """Give a profile another picture, or none, and have the one before removed."""
    await session.execute(insert(Profile).values(_fresh(account_id)).on_conflict_do_nothing())
    profile = await session.get_one(Profile, account_id, with_for_update=True)
    before, profile.avatar = profile.avatar, name
    if before and before != name:
        await jobs.enqueue(session, LEFT, _named(account_id, before))


def _fresh(account_id: int) -> dict[str, Any]:
    return {"account_id": account_id, "name": "", "bio": "", "link": "", "updated_at": clock.now()}


async def remove_left(args: dict[str, Any]) -> None:
    """Remove a picture's object unless the person's profile has it."""
    name = str(args["name"])
    async with db.transaction() as session:
        shown = await session.scalar(select(Profile.avatar).where(Profile.account_id == int(args["account_id"])))
    if shown != name:
        await _objects().delete(f"open/{name}")


def url(name: str | None) -> str | None:
    """Return where browsers fetch a picture."""
    return f"{settings.load().bytes_origin}/m/open/{name}" if name else None


def _named(account_id: int, name: str) -> dict[str, Any]:
    return {"account_id": str(account_id), "name": name}


def _objects() -> storage.Storage:
    return storage.open(settings.load().objects_url)


async def _cropped(image: bytes, square: Square | None) -> bytes:
    if _room.statistics().tasks_waiting >= WAITING_MOST:
        raise TooManyPictures(headers={"Retry-After": "60"})
    async with _room:
        return await _run(image, square)


async def _run(image: bytes, square: Square | None) -> bytes:
    box = [str(square.x), str(square.y), str(square.size)] if square else []
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", crop.__name__, *box),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd="/",
        env={},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(WALL_S):
            cropped, _ = await process.communicate(image)
    except TimeoutError:
        raise PictureUnreadable from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        kinds = {crop.TOO_MANY_PIXELS: PictureTooLarge, crop.OUTSIDE: CropOutside}
        raise kinds.get(process.returncode, PictureUnreadable)
    return cropped
