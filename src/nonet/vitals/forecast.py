"""The day on which a disk has no room left, from what came in the last days. Pure: the caller says which day it is."""

from datetime import date, timedelta

FAR = timedelta(days=3653)
"""Ten years: what is further away is not foreseen."""


def full_on(today: date, room_bytes: int, grown_bytes: int, span_days: float) -> date | None:
    """Return the day on which the room is used up if it goes on like this; None when nothing grows, or beyond FAR.

    ``grown_bytes`` came in the last ``span_days``, more than 0; room of 0 or less was used up today.
    """
    if grown_bytes <= 0:
        return None
    left_days = max(0, room_bytes) * span_days / grown_bytes
    return today + timedelta(days=int(left_days)) if left_days < FAR.days else None
