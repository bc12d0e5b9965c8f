"""Token buckets that survive restarts: one row a key, refilled by the time that passed.

The algorithm is the token bucket of RFC 2697's single rate: ``burst`` tokens at most, ``rate_per_h`` of them an hour.
"""

from datetime import datetime, timedelta

from sqlalchemy import Double, Text, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import clock, db, errors


class Bucket(db.Base):
    """What is left for a key at a moment."""

    __tablename__ = "buckets"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    tokens: Mapped[float] = mapped_column(Double)
    at: Mapped[datetime]


class TooOften(errors.Refusal):
    """The bucket is empty."""

    status = 429
    code = "too_often"
    sentence = "That was tried too often. Try again in {wait}."


async def take(key: str, *, rate_per_h: float, burst: float, cost: float = 1.0) -> None:
    """Take ``cost`` tokens from a key's bucket in a transaction of its own, so that a refused request still pays.

    Raises TooOften, with Retry-After, when too few are left. A clock that jumps back refills nothing.
    """
    now = clock.now()
    async with db.transaction() as session:
        await session.execute(
            insert(Bucket).values(key=key, tokens=burst, at=now).on_conflict_do_nothing(index_elements=["key"])
        )
        bucket = await session.get_one(Bucket, key, with_for_update=True)
        passed_s = max(0.0, (now - bucket.at).total_seconds())
        tokens = min(burst, bucket.tokens + passed_s * rate_per_h / 3600)
        enough = tokens >= cost
        bucket.tokens, bucket.at = tokens - (cost if enough else 0.0), max(now, bucket.at)
    if not enough:
        wait_s = int((cost - tokens) * 3600 / rate_per_h) + 1
        raise TooOften(wait=words(wait_s), headers={"Retry-After": str(wait_s)})


def words(seconds: int) -> str:
    """Say a wait in words: ``40 seconds``, ``3 minutes``, ``2 hours``."""
    for size, name in ((3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = -(-seconds // size)
            return f"{count} {name}" + ("s" if count > 1 else "")
    return f"{seconds} second" + ("s" if seconds > 1 else "")


async def sweep(session: db.Session) -> None:
    """Forget buckets that are full again: none takes longer than a day to fill."""
    await session.execute(delete(Bucket).where(Bucket.at < clock.now() - timedelta(days=2)))
