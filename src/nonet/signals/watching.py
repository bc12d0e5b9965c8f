"""How events of watching become what is counted. Pure: events and what was known before in, sums out.

Played time is worth at most the real time since the event before it of the same viewer and video, by the moments inside
the ids; an event that comes after a later one is worth none, for that time is spoken for. Nobody earns more than has
passed here since the page was served, whatever their clock says.
"""

from dataclasses import dataclass

from nonet.signals.kinds import Kind
from nonet.signals.reading import Told

VIEW_RULE = 1
"""A view: two seconds of a video have been played to a viewer, or half of a shorter one."""
VIEW_MS = 2_000

CLAIM_MOST_MS = 60_000
"""What one event may be worth, unless the video itself is longer."""

WATCHED = frozenset({Kind.IMPRESSION, Kind.START, Kind.HEARTBEAT, Kind.PAUSE, Kind.FINISH, Kind.LOOP, Kind.SKIP})
"""Events of watching; the others are kept, and change no counter."""

_START, _FINISH, _LOOP, _SKIP = int(Kind.START), int(Kind.FINISH), int(Kind.LOOP), int(Kind.SKIP)


@dataclass(slots=True)
class Watch:
    """One viewer and one video in a flush: what is known before, and what its new events add."""

    viewer: int
    video_id: int
    duration_ms: int
    known_ms: int | None = None
    """The latest moment that something is known of; none before the first event."""
    played_before_ms: int = 0
    loops_before: int = 0
    earned_ms: int = 0
    played_ms: int = 0
    plays: int = 0
    finishes: int = 0
    loops: int = 0
    skips: int = 0
    first_ms: int = 0
    last_ms: int = 0

    def earn(self, told: Told, served_ms: int, now_ms: int) -> int:
        """Return what an event is worth in milliseconds; events come in the order of their moments."""
        real_ms = 0 if self.known_ms is None else told.ms - self.known_ms
        if self.known_ms is None or real_ms > 0:
            self.known_ms = told.ms
        claim_ms = claimed(told, self.duration_ms)
        if real_ms <= 0 or not claim_ms:
            return 0
        worth = min(claim_ms, real_ms, max(self.duration_ms, CLAIM_MOST_MS))
        if served_ms <= now_ms:  # ids run ahead of a clock that was set back
            worth = max(0, min(worth, now_ms - served_ms - self.earned_ms))
        self.earned_ms += worth
        return worth

    def add(self, told: Told, worth_ms: int) -> None:
        """Count a new event."""
        kind = told.kind
        self.first_ms = min(self.first_ms or told.ms, told.ms)
        self.last_ms = max(self.last_ms, told.ms)
        self.played_ms += worth_ms
        if kind == _START:
            self.plays += 1
        elif kind == _FINISH:
            self.finishes += 1
        elif kind == _LOOP:
            self.loops += 1
        elif kind == _SKIP:
            self.skips += 1

    def whole_loops(self) -> int:
        """Return how many of the new loops there was time for: four fifths of the video each, over all time."""
        possible = (self.played_before_ms + self.played_ms) * 5 // max(1, self.duration_ms * 4)
        return max(0, min(self.loops, possible - self.loops_before))


def claimed(told: Told, duration_ms: int) -> int:
    """Return the played time that an event tells of: its ranges inside the video, or its own number."""
    if told.ranges is None:
        return told.played_ms
    total_ms = 0
    for start, until in told.ranges:
        played_ms = min(until, duration_ms) - start
        if played_ms > 0:
            total_ms += played_ms
    return total_ms


def view_ms(duration_ms: int) -> int:
    """Return how much must have been played for a view; at least a millisecond."""
    return max(1, min(VIEW_MS, duration_ms // 2))
