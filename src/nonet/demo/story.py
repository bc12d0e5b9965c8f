"""What happens in the demo and when: a list of things, the earliest first. Pure; the same size, the same story.

Times are hours since the history began. Who watches what is left to ``watching``; who follows whom, who says what and
when stands here and in ``talk.toml``.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nonet.demo import clips, people
from nonet.demo.clips import Clip
from nonet.demo.people import Persona

DAYS = 21.5
FIRST = 5
"""So many clips appear in the first hours, so that there is something to watch at once."""
SEED = 9
SITTINGS_EACH, VISITORS = 11, 90


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that happens ``at_h`` hours after the beginning; ``what`` names a method of ``filling``."""

    at_h: float
    what: str
    by: str
    given: dict[str, Any] = field(default_factory=dict)


def tell(size: str) -> list[Thing]:
    """Return all that happens in a demo of a size."""
    cast, shown = people.cast(size)
    handles = {each.handle for each in cast}
    appear = {clip.name: _appears(number, len(shown)) for number, clip in enumerate(shown)}
    rng = np.random.default_rng(SEED)
    things = [Thing(3.4, "dress", each.handle) for each in cast]
    things += [Thing(appear[clip.name], "publish", clip.by, {"clip": clip.name}) for clip in shown]
    things += _follows(rng, cast)
    things += _sittings(rng, cast, max(1, len(shown) * 2), SITTINGS_EACH if size == "full" else 2)
    things += _visits(rng, VISITORS if size == "full" else 4)
    things += _talk(handles, appear)
    return sorted(things, key=lambda thing: thing.at_h)


def _appears(number: int, many: int) -> float:
    """Return when a clip appears: the first few within a day, then evenly to the end."""
    if number < FIRST:
        return 0.1 + 0.8 * number
    return 24.0 + (DAYS * 24 - 40) * (number - FIRST) / max(1, many - FIRST)


def _follows(rng: np.random.Generator, cast: tuple[Persona, ...]) -> list[Thing]:
    """Let each follow some of the others, earlier ones more; whoever is private lets most of them in."""
    found = []
    for number, one in enumerate(cast):
        for other_number, other in enumerate(cast):
            wants = 0.72 - 0.025 * other_number - 0.01 * number
            if one is other or rng.random() > max(wants, 0.3):
                continue
            at = float(rng.uniform(1, DAYS * 24 * 0.7))
            found.append(Thing(at, "follow", one.handle, {"whom": other.handle}))
            if other.private and number % 3:
                found.append(Thing(at + 5, "let_in", other.handle, {"whom": one.handle}))
    return found


def _sittings(rng: np.random.Generator, cast: tuple[Persona, ...], seeds: int, each: int) -> list[Thing]:
    """Let everyone watch now and then, in the evening rather than at night."""
    found = []
    for person in cast:
        for number in range(each):
            day = (number + rng.random()) * DAYS / each
            at = max(4.5, int(day) * 24 + float(rng.choice([8, 12, 18, 20, 21, 22])) + float(rng.random()))
            found.append(
                Thing(min(at, DAYS * 24), "watch", person.handle, {"seed": int(rng.integers(1, 1 << 30)) + seeds})
            )
    return found


def _visits(rng: np.random.Generator, many: int) -> list[Thing]:
    """Let people without an account come by, more of them as time goes on."""
    hours = np.sort(4.5 + (DAYS * 24 - 5) * np.sqrt(rng.random(many)))
    return [Thing(float(at), "visit", "", {"seed": int(rng.integers(1, 1 << 30))}) for at in hours]


def _talk(handles: set[str], appear: dict[str, float]) -> list[Thing]:
    """Return what is said, to a clip or to each other, as far as those who say it take part."""
    said = clips.read("talk.toml")
    found = []
    last = DAYS * 24
    for row in said["comment"]:
        replies = [each for each in row["replies"] if each["by"] in handles]
        if row["clip"] in appear and row["by"] in handles:
            given = {**row, "replies": replies, "likes": [each for each in row["likes"] if each in handles]}
            found.append(Thing(min(last, appear[row["clip"]] + row["after_h"]), "comment", row["by"], given))
    talks = [row for row in said["message"] if {row["by"], *row["to"]} <= handles]
    found += [Thing(row["day"] * 24.0, "talk", row["by"], row) for row in talks]
    for row in said["playlist"]:
        wanted = [name for name in row["clips"] if name in appear]
        if row["by"] in handles and wanted:
            found.append(Thing(row["day"] * 24.0, "collect", row["by"], {**row, "clips": wanted}))
    return found


def clip(name: str) -> Clip:
    """Return a clip by its name."""
    return next(each for each in clips.every() if each.name == name)
