"""The one port for the time of day. Tests freeze it; nothing else asks the machine's clock for a date.

Processes of one machine may follow a file that says by how many seconds their time differs from the machine's: eight
bytes that all of them see change at once. ``core.virtual`` says who may change it.
"""

import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

_SECONDS = struct.Struct("<d")
_shift: timedelta = timedelta()
_frozen: datetime | None = None
_followed: mmap.mmap | None = None


def now() -> datetime:
    """Return the present moment in UTC."""
    moment = machine()
    return moment if _followed is None else moment + timedelta(seconds=_SECONDS.unpack_from(_followed)[0])


def follow(path: Path | None) -> None:
    """Go by the difference that a file tells, now and whenever it changes; by none any more with ``None``."""
    global _followed  # noqa: PLW0603 - this module is the clock
    if _followed is not None:
        _followed.close()
        _followed = None
    if path is not None:
        tell(path, told(path))
        with path.open("r+b") as file:
            _followed = mmap.mmap(file.fileno(), _SECONDS.size)


def tell(path: Path, seconds: float) -> None:
    """Let everyone who follows a file differ by so many seconds from the machine's clock; 0 is its own time."""
    with path.open("r+b" if path.exists() else "w+b", buffering=0) as file:
        file.write(_SECONDS.pack(seconds))


def told(path: Path) -> float:
    """Return the difference in seconds that a file tells; 0 without one."""
    raw = path.read_bytes()[: _SECONDS.size] if path.exists() else b""
    return float(_SECONDS.unpack(raw)[0]) if len(raw) == _SECONDS.size else 0.0


def machine() -> datetime:
    """Return the machine's own time, whatever is followed."""
    return (_frozen or datetime.now(UTC)) + _shift


@contextmanager
def frozen(at: datetime | None = None) -> Iterator[None]:
    """Stop the clock, at ``at`` or where it stands, until the block ends; ``advance`` still moves it."""
    global _frozen, _shift
    before = _frozen, _shift
    _frozen, _shift = at or datetime.now(UTC), timedelta()
    try:
        yield
    finally:
        _frozen, _shift = before


def advance(by: timedelta) -> None:
    """Move the clock; only ``frozen`` takes it back."""
    global _shift  # noqa: PLW0603 - this module is the clock
    _shift += by
