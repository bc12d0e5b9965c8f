"""Token buckets that survive restarts: one row a key, refilled by the time that passed.

The algorithm is the token bucket of RFC 2697's single rate: ``burst`` tokens at most, ``rate_per_h`` of them an hour.
"""

from datetime import datetime, timedelta

from sqlalchemy import Double, Text, delete
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


# $1 key, $2 now, $3 burst, $4 rate an hour, $5 cost
_LEFT = "least($3::float8, b.tokens + greatest(0, extract(epoch FROM $2 - b.at)::float8) * $4::float8 / 3600)"
_LOOK = f"SELECT {_LEFT} FROM buckets AS b WHERE key = $1"  # noqa: S608 - made of constants alone
_TAKE = f"""
WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO buckets AS b (key, tokens, at)
SELECT $1, $3::float8 - $5::float8, $2 FROM quick WHERE $3::float8 >= $5::float8
ON CONFLICT (key) DO UPDATE SET tokens = {_LEFT} - $5::float8, at = greatest(b.at, excluded.at)
WHERE {_LEFT} >= $5::float8
RETURNING tokens
"""  # noqa: S608 - the same


async def take(key: str, *, rate_per_h: float, burst: float, cost: float = 1.0) -> None:
    """Take ``cost`` tokens from a key's bucket in a transaction of its own, so that a refused request still pays.

    Raises TooOften, with Retry-After, when too few are left. A clock that jumps back refills nothing. One statement,
    which doesn't wait for the disk: what a power cut forgets is refilled a little early.
    """
    given = (key, clock.now(), float(burst), float(rate_per_h))
    async with (await db.pool()).acquire() as connection:
        if await connection.fetchval(_TAKE, *given, float(cost)) is not None:
            return
        tokens = await connection.fetchval(_LOOK, *given)
    wait_s = int((cost - (burst if tokens is None else tokens)) * 3600 / rate_per_h) + 1
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
