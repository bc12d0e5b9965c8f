"""Pictures of people: drawn anew by core, kept under a name that never comes again, the one before removed.

Claim, work, record: the new object's removal is planned before it is written, and happens unless a profile then has it.
"""

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from nonet.core import clock, db, holding, ids, jobs, limits, pictures, settings, storage
from nonet.people.tables import Profile

SIDE = 512
LEFT = "people.avatar_left"
SETTLED_AFTER = timedelta(hours=1)


async def put(account_id: int, image: bytes, square: pictures.Square | None) -> None:
    """Make an image the person's picture; raises what a picture can be refused for, and then changes nothing."""
    await limits.take(f"avatar:{account_id}", rate_per_h=30, burst=15)
    cropped = (await pictures.square(image, SIDE, square)).image
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
        if await holding.held(session):
            raise jobs.Later(holding.LATER_S)
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
