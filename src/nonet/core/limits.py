"""Token buckets that survive restarts: one row a key, refilled by the time that passed.

The algorithm is the token bucket of RFC 2697's single rate: ``burst`` tokens at most, ``rate_per_h`` of them an hour.
"""

from datetime import datetime, timedelta

from sqlalchemy import Double, Text, text
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
        row = await session.execute(
            text(
                "INSERT INTO buckets AS b (key, tokens, at) VALUES (:key, :full - :cost, :now)"
                " ON CONFLICT (key) DO UPDATE SET at=GREATEST(b.at, :now), tokens="
                " LEAST(:full, b.tokens + GREATEST(0, EXTRACT(EPOCH FROM :now - b.at)) * :rate)"
                " - CASE WHEN LEAST(:full, b.tokens + GREATEST(0, EXTRACT(EPOCH FROM :now - b.at)) * :rate) >= :cost"
                " THEN :cost ELSE 0 END"
                " RETURNING tokens, (xmax = 0) AS fresh,"
                " (SELECT LEAST(:full, o.tokens + GREATEST(0, EXTRACT(EPOCH FROM :now - o.at)) * :rate)"
                " FROM buckets o WHERE o.key = :key) AS before"
            ),
            {"key": key, "full": burst, "cost": cost, "now": now, "rate": rate_per_h / 3600},
        )
        left = row.one()
    if not left.fresh and left.before is not None and left.before < cost:
        wait_s = max(1, int((cost - left.before) * 3600 / rate_per_h) + 1)
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
    await session.execute(text("DELETE FROM buckets WHERE at < :before"), {"before": clock.now() - timedelta(days=2)})
