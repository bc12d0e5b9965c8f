"""The nine steps from a file to a finished video, and which of them is due. Pure: states in, step names out.

A step that failed alone never holds up publication: only verify, read and first must succeed.
"""

from collections.abc import Mapping
from typing import Literal

Name = Literal["receive", "verify", "read", "first", "sound", "cover", "captions", "sizes", "check"]
NAMES: tuple[Name, ...] = ("receive", "verify", "read", "first", "sound", "cover", "captions", "sizes", "check")

NEEDED: frozenset[str] = frozenset({"receive", "verify", "read", "first"})
"""Without these nothing plays; any other may fail alone."""

SETTLED: frozenset[str] = frozenset({"done", "failed", "skipped"})
OPEN: frozenset[str] = frozenset({"waiting", "running"})


def before(step: str, *, quick: bool) -> tuple[str, ...]:
    """Return what must be settled before a step.

    An encoded first version carries the levelled sound, so sound comes before it. A quick one, a copy, plays at once
    with its own sound and is laid again with the levelled one among the sizes.
    """
    return {
        "receive": (),
        "verify": ("receive",),
        "read": ("verify",),
        "first": ("read",) if quick else ("read", "sound"),
        "sound": ("first",) if quick else ("read",),
        "cover": ("first",),
        "captions": ("first",),
        "sizes": ("first", "sound"),
        "check": ("first", "sound", "cover", "captions", "sizes"),
    }[step]


def due(states: Mapping[str, str], *, quick: bool) -> list[Name]:
    """Return the waiting steps whose turn it is, in order; none once a needed one has failed."""
    if any(states[name] == "failed" for name in NEEDED):
        return []
    return [
        name
        for name in NAMES
        if states[name] == "waiting" and all(states[b] in SETTLED for b in before(name, quick=quick))
    ]


def asset_state(states: Mapping[str, str]) -> str:
    """Return the state an asset is in by its steps: receiving, processing, playable, complete or failed."""
    if any(states[name] == "failed" for name in NEEDED):
        return "failed"
    if states["check"] in SETTLED:
        return "complete"
    if states["first"] == "done":
        return "playable"
    return "processing" if states["receive"] == "done" else "receiving"
