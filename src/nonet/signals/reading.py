"""What is read of a batch: its events one by one, so that a bad one never costs the others. Pure.

An event whose id lies more than five minutes ahead of our clock or seven days behind it is refused, as is one that
makes no sense; each by its own code.
"""

import uuid
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from nonet.signals import moments
from nonet.signals.kinds import SEEN
from nonet.signals.schemas import EVENTS_MOST, Batch, Event, RefusedEvent

ID_MOST = 64
_NUMBERS_END = 1 << 63
_MALFORMED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Told(msgspec.Struct, gc=False):
    """An event with its moment in Unix milliseconds and its words as numbers."""

    id: uuid.UUID
    ms: int
    kind: int
    video_id: int
    request_id: int
    position: int
    ticket: str
    played_ms: int
    ranges: list[tuple[int, int]] | None


class Loose(msgspec.Struct):
    """A batch whose events have not been looked at."""

    events: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=EVENTS_MOST)]


class Read(msgspec.Struct):
    """The events of a batch that are well formed, and those that are not."""

    events: list[Event]
    refused: list[RefusedEvent]


_read_batch = msgspec.json.Decoder(Batch).decode
_read_loose = msgspec.json.Decoder(Loose).decode
_read_event = msgspec.json.Decoder(Event).decode
_read_any = msgspec.json.Decoder().decode


def batch(raw: bytes) -> Read:
    """Read a body; raises ``msgspec.MsgspecError`` when it is no batch at all."""
    try:
        return Read(_read_batch(raw).events, [])
    except msgspec.ValidationError:
        return one_by_one(_read_loose(raw).events)


def one_by_one(raws: Sequence[msgspec.Raw]) -> Read:
    """Read events each for itself."""
    read = Read([], [])
    for raw in raws:
        try:
            read.events.append(_read_event(raw))
        except _MALFORMED:
            read.refused.append(RefusedEvent(_id_of(raw), "event_invalid"))
    return read


def _id_of(raw: msgspec.Raw) -> str:
    """Return what a malformed event calls itself, as far as that can be told."""
    try:
        found: Any = _read_any(raw)
    except _MALFORMED:
        return ""
    name = found.get("id") if isinstance(found, dict) else None
    return name[:ID_MOST] if isinstance(name, str) else ""


def tell(read: Read, now_ms: int) -> list[Told]:
    """Return the events to keep; those that can't be are added to ``read.refused``."""
    told: list[Told] = []
    earliest, latest = now_ms - moments.BEHIND_MS, now_ms + moments.AHEAD_MS
    for event in read.events:
        ms = moments.inside(event.id)
        video_id, request_id = int(event.video_id), int(event.request_id)
        if ms is None or video_id >= _NUMBERS_END or request_id >= _NUMBERS_END:
            read.refused.append(RefusedEvent(str(event.id), "event_invalid"))
        elif ms > latest:
            read.refused.append(RefusedEvent(str(event.id), "event_from_future"))
        elif ms < earliest:
            read.refused.append(RefusedEvent(str(event.id), "event_too_old"))
        else:
            told.append(
                Told(
                    event.id,
                    ms,
                    int(SEEN[event.kind]),
                    video_id,
                    request_id,
                    event.position,
                    event.ticket,
                    event.played_ms or 0,
                    event.ranges,
                )
            )
    return told
