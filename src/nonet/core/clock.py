"""The one port for the time of day. Tests freeze it; nothing else asks the machine's clock for a date."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_shift: timedelta = timedelta()
_frozen: datetime | None = None


def now() -> datetime:
    """Return the present moment in UTC."""
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
