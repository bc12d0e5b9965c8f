"""Links that say who shared a video, and how often they were opened.

To count somebody once a day, a keyed hash of who opens is kept for that day: it can be compared, never read back.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from nonet.core import clock, db, keys, limits, settings
from nonet.signals import service as signals
from nonet.social.tables import Share, ShareOpen
from nonet.videos import service as videos

SHARES_PER_H, SHARES_BURST = 600, 60
CODE_BYTES = 8
CODE_LONGEST = 20


@dataclass(frozen=True, slots=True)
class Link:
    """An address to send; ``code`` is None for a visitor's, whose opens are nobody's."""

    url: str
    code: str | None


async def limit(account_id: int) -> None:
    """Count one share of a person, before a transaction is opened; raises TooOften."""
    await limits.take(f"shares:{account_id}", rate_per_h=SHARES_PER_H, burst=SHARES_BURST)


async def share(session: db.Session, account_id: int | None, video_id: int) -> Link:
    """Return a person's link to a video, the same each time; making it counts as one share. Raises NotFound."""
    video = await videos.get_visible(session, account_id, video_id)
    url = f"{settings.load().origin}/v/{video.id}"
    if account_id is None:
        return Link(url, None)
    row = {"code": secrets.token_urlsafe(CODE_BYTES), "account_id": account_id, "video_id": video_id}
    made = insert(Share).values(**row, opens=0, created_at=clock.now()).on_conflict_do_nothing()
    code = await session.scalar(made.returning(Share.code))
    if code is not None:
        await signals.act(session, "shared", viewer=account_id, video_id=video_id, counter="shares")
    else:
        query = select(Share.code).where(Share.account_id == account_id, Share.video_id == video_id)
        code = (await session.scalars(query)).one()
    return Link(f"{url}?s={code}", code)


async def opened(session: db.Session, code: str, viewer: int | str | None) -> None:
    """Count one opening of a link, once a day for each who opens it and never for who made it.

    ``viewer`` is an account's id, minus a visitor's, or where a browser without either comes from; None counts nothing.
    """
    if viewer is None or not 0 < len(code) <= CODE_LONGEST or not code.isascii() or not code.isprintable():
        return
    made_by = await session.scalar(select(Share.account_id).where(Share.code == code))
    if made_by is None or made_by == viewer:
        return
    day = clock.now().date()
    seen = insert(ShareOpen).values(code=code, day=day, viewer=_hashed(code, day.isoformat(), str(viewer)))
    if await session.scalar(seen.on_conflict_do_nothing().returning(ShareOpen.code)) is not None:
        await session.execute(update(Share).where(Share.code == code).values(opens=Share.opens + 1))


def _hashed(*parts: str) -> int:
    key = hmac.digest(keys.server_key(settings.load()), b"nonet shares 1", "sha256")
    return int.from_bytes(hmac.digest(key, "\0".join(parts).encode(), "sha256")[:8], "big", signed=True)


async def sweep(session: db.Session) -> None:
    """Forget who opened what before yesterday."""
    await session.execute(delete(ShareOpen).where(ShareOpen.day < clock.now().date() - timedelta(days=1)))
