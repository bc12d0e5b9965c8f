"""What a browser tells and is answered, as msgspec reads and writes it."""

import uuid
from typing import Annotated, Literal

from msgspec import Meta, Struct

from nonet.core.plain import Id

EVENTS_MOST = 200
RANGES_MOST = 200
DAY_MS = 24 * 3600 * 1000

Ms = Annotated[int, Meta(ge=0, le=DAY_MS)]
Word = Literal["impression", "start", "heartbeat", "pause", "finish", "loop", "skip", "profile", "comments", "hide"]


class Event(Struct, gc=False):
    """One thing that a viewer's browser saw.

    ``id`` is a UUIDv7 of the moment it happened, and stays the same when the event is sent again. ``request_id``,
    ``position`` and ``ticket`` repeat what the card was ``served`` with. ``played_ms``, or the ``ranges`` of the video
    that were played, tell of the time since the event before.
    """

    id: uuid.UUID
    kind: Word
    video_id: Id
    request_id: Id
    position: Annotated[int, Meta(ge=0, le=32767)]
    ticket: Annotated[str, Meta(max_length=64)] = ""
    played_ms: Ms | None = None
    ranges: Annotated[list[tuple[Ms, Ms]], Meta(max_length=RANGES_MOST)] | None = None


class Batch(Struct):
    """Events, at most 200, in any order."""

    events: Annotated[list[Event], Meta(max_length=EVENTS_MOST)]


class RefusedEvent(Struct):
    """An event that was not kept, and why; sending it again changes nothing."""

    id: str
    code: Literal["event_from_future", "event_too_old", "event_invalid"]


class Kept(Struct):
    """How many events are safe now, those that were here before among them."""

    kept: int
    refused: list[RefusedEvent]
