"""Which videos make a good page: drawn one after the other by value, each less when it repeats what stands before it.

The same seed and the same inputs give the same page. Every draw's chance is known, which is what an honest judgement of
another ranking from the log needs.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from nonet.recsys.rates import Bools, Floats, Ints

WINDOW = 20
AUTHOR_MOST, TAG_MOST = 2, 3
"""In any WINDOW items, while anything else is left."""
AUTHOR_DECAY, AUTHOR_FLOOR = 0.5, 0.25
SOURCE_DECAY = 0.9
ALIKE = 0.35
"""How much of its value a video loses beside an item that is about all it is about."""
HEAT = 0.15
"""How far a draw may stray from the best, in standard deviations of the candidates' values."""
EXPLORE_EVERY = 8
_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Candidates:
    """What may stand on a page, row by row; code 0 is no tag.

    ``explore`` is the weight of a row in the exploration pool, 0 outside; ``last`` rows come once no other is left.
    """

    value: Floats
    owner: Ints
    tags: Ints
    source: Ints
    explore: Floats
    last: Bools


@dataclass(slots=True)
class Pick:
    """A drawn row, how likely that draw was, and whether it was the exploration slot's."""

    row: int
    propensity: float
    explored: bool


def explores(place: int, seed: int) -> bool:
    """Tell whether a place of a session is its exploration slot: one in EXPLORE_EVERY, never the first two."""
    return place % EXPLORE_EVERY == 2 + seed % (EXPLORE_EVERY - 2)


def lot(seed: int, place: int) -> float:
    """Return a number in [0, 1) for a place: splitmix64 (Steele et al. 2014), much quicker than seeding a generator."""
    mixed = (seed * 0x9E3779B97F4A7C15 + place * 0xD1B54A32D192ED03 + 0x8CB92BA72F3D8DD7) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return ((mixed ^ (mixed >> 31)) >> 11) / (1 << 53)


def draw(found: Candidates, count: int, seed: int, place: int, before: list[tuple[int, list[int]]]) -> list[Pick]:
    """Draw ``count`` rows for the places from ``place`` on; ``before`` are owner and tags of what was served last."""
    if not len(found.value):
        return []
    window = _Window(found, before[1 - WINDOW :])
    picks: list[Pick] = []
    for at in range(place, place + min(count, len(found.value))):
        sums, exploring = window.sums(explore=explores(at, seed))
        total = float(sums[-1])
        row = int(sums.searchsorted(lot(seed, at) * total, side="right"))
        weight = float(sums[row] - sums[row - 1]) if row else float(sums[0])
        picks.append(Pick(row, weight / total, exploring))
        window.take(row)
    return picks


class _Window:
    """What the last items were about, and the weight that is left to each candidate beside them.

    It grows for the time of a page, so within one it is a few items longer than WINDOW, and as much stricter.
    """

    def __init__(self, found: Candidates, before: list[tuple[int, list[int]]]) -> None:
        self.found = found
        count = len(found.value)
        height = found.value - np.minimum.reduce(found.value)
        middle = float(np.add.reduce(height)) / count
        spread = max(float(height @ height) / count - middle * middle, 0.0) ** 0.5
        self._height = height / max(spread * HEAT, 1e-6)
        self._top = float(np.maximum.reduce(self._height))
        self._each = ALIKE / np.maximum(np.add.reduce(found.tags > 0, axis=1), 1)
        # Turned, so that what is compared lies side by side.
        self._tags_of = np.ascontiguousarray(found.tags.T)
        self._authors: dict[int, int] = {}
        self._tags: dict[int, int] = {}
        self._free: Bools = ~found.last
        self._spare: Bools = found.last.copy()
        self.may: Bools = self._free.copy()
        self.factor = np.ones(count)
        if before:
            self._begin(before)

    def _begin(self, before: list[tuple[int, list[int]]]) -> None:
        """Put what was served before the page into the window."""
        owners = [owner for owner, _ in before]
        times = np.add.reduce(self.found.owner[:, None] == np.array(owners), axis=1)
        self.factor = np.maximum(AUTHOR_FLOOR, AUTHOR_DECAY**times)
        self.may &= times < AUTHOR_MOST
        for owner in owners:
            self._authors[owner] = self._authors.get(owner, 0) + 1
        self._about([tag for _, tags in before for tag in tags])

    def sums(self, *, explore: bool) -> tuple[Floats, bool]:
        """Return the summed weights of what may come next, and whether they are those of the exploration pool."""
        if explore:
            sums = (self.found.explore * self.may).cumsum()
            if sums[-1] > 0:
                return sums, True
        sums = (np.exp(self._height * self.factor - self._top) * self.may).cumsum()
        if sums[-1] > 0:
            return sums, False
        self._relax()
        return (np.exp(self._height * self.factor - self._top) * self.may).cumsum(), False

    def take(self, row: int) -> None:
        """Put a row into the window: what is like it weighs less from now on."""
        found, owner = self.found, int(self.found.owner[row])
        self._free[row] = self.may[row] = False
        self.factor[found.source == found.source[row]] *= SOURCE_DECAY
        times = self._authors[owner] = self._authors.get(owner, 0) + 1
        same = found.owner == owner
        if AUTHOR_DECAY**times >= AUTHOR_FLOOR:
            self.factor[same] *= AUTHOR_DECAY
        if times == AUTHOR_MOST:
            self.may[same] = False
        self._about([tag for tag in found.tags[row].tolist() if tag])

    def _about(self, tags: list[int]) -> None:
        """Note what has come into the window: what is about the same weighs less, what is full may not come."""
        if not tags:
            return
        for tag in tags:
            self._tags[tag] = self._tags.get(tag, 0) + 1
        met = set(tags)
        self.factor *= 1 - self._each * self._shared(met)
        full = [tag for tag in met if self._tags[tag] >= TAG_MOST]
        if full:
            self.may &= self._shared(full) == 0

    def _shared(self, tags: Collection[int]) -> Ints:
        """Return how many of some tags each candidate has."""
        same = self._tags_of[:, None] == np.array(list(tags))[:, None]
        return np.asarray(np.add.reduce(same, axis=(0, 1)))  # no row has a tag twice

    def _relax(self) -> None:
        """Give way when the bounds leave nothing: first that of tags, then that of authors, then what comes last."""
        if not self._free.any():
            self._free, self._spare = self._spare, self._free
        full = [owner for owner, count in self._authors.items() if count >= AUTHOR_MOST]
        single = self._free & ~np.isin(self.found.owner, full)
        self.may = (single if single.any() else self._free).copy()
