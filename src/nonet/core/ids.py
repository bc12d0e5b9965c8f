"""Identifiers: 63-bit, ordered by time, made without asking anyone; strings in JSON.

Layout after Twitter's Snowflake: 41 bits of milliseconds since 2026-01-01, 12 random bits of the process,
10 bits of sequence. A process makes at most 1,024 a millisecond and then borrows from the next, so a clock
that jumps back repeats nothing.
"""

import secrets
import threading
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from nonet.core import clock, errors

EPOCH_MS = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)
_NODE_BITS, _SEQUENCE_BITS = 12, 10
_node = secrets.randbits(_NODE_BITS)
_lock = threading.Lock()
_last = 0


def new() -> int:
    """Return a new id, larger than every id this process made before."""
    global _last  # noqa: PLW0603 - the process's counter
    tick = (int(clock.now().timestamp() * 1000) - EPOCH_MS) << _SEQUENCE_BITS
    with _lock:
        _last = max(tick, _last + 1)
        tick = _last
    sequence = tick & ((1 << _SEQUENCE_BITS) - 1)
    return ((tick >> _SEQUENCE_BITS) << (_NODE_BITS + _SEQUENCE_BITS)) | (_node << _SEQUENCE_BITS) | sequence


def floor(at: datetime) -> int:
    """Return the number below every id made from a moment on."""
    return max(0, int(at.timestamp() * 1000) - EPOCH_MS) << (_NODE_BITS + _SEQUENCE_BITS)


def parse(text: str) -> int | None:
    """Read an id from an address; None when it can't be one."""
    if not text.isascii() or not text.isdecimal() or len(text) > 19:  # noqa: PLR2004 - digits of 2**63
        return None
    value = int(text)
    return value if value < 1 << 63 else None


def known(text: str) -> int:
    """Return the id in an address; raises NotFound for what can't be one."""
    found = parse(text)
    if found is None:
        raise errors.NotFound
    return found


def _from_json(value: object) -> object:
    return parse(str(value))


Id = Annotated[
    int,
    BeforeValidator(_from_json),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,19}$"}),
]
"""An id in a schema: a number here, a string on the wire, because JavaScript's numbers end at 2**53."""
