"""The moment inside an event's id, which names the partition it is kept in. Pure.

An id is a UUIDv7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, the version, 74 random bits. Whenever it is sent again,
it leads to the same day, so the same event is never kept twice.
"""

import secrets
import uuid
from datetime import UTC, date, datetime, timedelta

AHEAD_MS = 5 * 60 * 1000
"""How far a browser's clock may run ahead of ours."""
BEHIND_MS = 7 * 24 * 3600 * 1000
"""How long a browser may keep an event before it sends it."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(1970, 1, 1)
_MS = timedelta(milliseconds=1)
DAY_MS = 24 * 3600 * 1000
_VERSION, _VARIANT = 7, 2


def of(moment: datetime) -> int:
    """Return a moment as Unix milliseconds."""
    return (moment - _EPOCH) // _MS


def day(ms: int) -> date:
    """Return the day, in UTC, of Unix milliseconds."""
    return _FIRST_DAY + timedelta(days=ms // DAY_MS)


def inside(event_id: uuid.UUID) -> int | None:
    """Return the Unix milliseconds inside a UUIDv7; None for every other id."""
    number = event_id.int
    if (number >> 76) & 15 != _VERSION or (number >> 62) & 3 != _VARIANT:
        return None
    return number >> 80


def new(ms: int) -> uuid.UUID:
    """Make an id of a moment."""
    random = secrets.randbits(74)
    return uuid.UUID(int=ms << 80 | _VERSION << 76 | (random >> 62) << 64 | _VARIANT << 62 | random & ((1 << 62) - 1))
