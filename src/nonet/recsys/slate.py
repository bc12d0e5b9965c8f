"""Which videos make a good page: drawn one after the other by value, each less when it repeats what stands before it.

The same seed and the same inputs give the same page. Every draw's chance is known, which is what an honest judgement of
another ranking from the log needs.
"""

from dataclasses import dataclass

import numpy as np

from nonet.recsys.rates import Floats, Ints

WINDOW = 20
AUTHOR_MOST, TAG_MOST = 2, 3
"""In any WINDOW items, while anything else is left."""
AUTHOR_DECAY, AUTHOR_FLOOR = 0.5, 0.25
SOURCE_DECAY = 0.9
ALIKE = 0.35
"""How much of its value a video loses when all it is about stands in the window already."""
TEMPERATURE = 0.12
EXPLORE_EVERY = 8

Bools = np.ndarray[tuple[int], np.dtype[np.bool_]]


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


def draw(found: Candidates, count: int, seed: int, place: int, before: list[tuple[int, Ints]]) -> list[Pick]:
    """Draw ``count`` rows for the places from ``place`` on; ``before`` are owner and tags of what was served last."""
    if not len(found.value):
        return []
    window = _Window(found, before)
    free = np.ones(len(found.value), dtype=np.bool_)
    height = found.value - found.value.min()
    heat = max(float(height.std()) * TEMPERATURE * 3, 1e-6)
    random = np.random.default_rng(seed + place).random(count)
    picks: list[Pick] = []
    for step in range(min(count, len(free))):
        may = window.allowed(free)
        weights = found.explore * may if explores(place + step, seed) else None
        explored = weights is not None and bool(weights.any())
        if weights is None or not explored:
            lifted = np.where(may, height * window.factor(), -np.inf)
            weights = np.exp((lifted - lifted.max()) / heat)
        sums = np.cumsum(weights)
        row = min(int(np.searchsorted(sums, random[step] * sums[-1], side="right")), len(free) - 1)
        if not may[row]:  # rounding at the very end of the sums
            row = int(np.flatnonzero(may)[-1])
        picks.append(Pick(row, float(weights[row] / sums[-1]), explored))
        free[row] = False
        window.push(int(found.owner[row]), found.tags[row], int(found.source[row]))
    return picks


class _Window:
    """What the last items were about, counted for each candidate."""

    def __init__(self, found: Candidates, before: list[tuple[int, Ints]]) -> None:
        self.found = found
        self._codes, inverse = np.unique(found.tags, return_inverse=True)
        self._places = inverse.reshape(found.tags.shape)
        self._tag_counts = np.zeros(len(self._codes), dtype=np.int64)
        self._about = np.maximum((found.tags > 0).sum(axis=1), 1)
        self._authors = np.zeros(len(found.value), dtype=np.int64)
        self._sources = np.zeros(len(found.value), dtype=np.int64)
        self._items: list[tuple[int, Ints]] = []
        for owner, tags in before[-(WINDOW - 1) :]:
            self._count(owner, tags, 1)
            self._items.append((owner, tags))

    def push(self, owner: int, tags: Ints, source: int) -> None:
        """Add an item; the oldest of a full window leaves."""
        self._sources += self.found.source == source
        self._count(owner, tags, 1)
        self._items.append((owner, tags))
        if len(self._items) >= WINDOW:
            self._count(*self._items.pop(0), -1)

    def _count(self, owner: int, tags: Ints, step: int) -> None:
        self._authors += step * (self.found.owner == owner)
        wanted = tags[tags > 0]
        at = np.searchsorted(self._codes, wanted)
        at[at == len(self._codes)] = 0
        self._tag_counts[at[self._codes[at] == wanted]] += step

    def allowed(self, free: Bools) -> Bools:
        """Return which free rows may come: within the bounds while there are such, before those that come last."""
        fresh = free & ~self.found.last
        if not fresh.any():
            return free
        single = fresh & (self._authors < AUTHOR_MOST)
        varied = single & (self._tag_counts[self._places].max(axis=1, initial=0) < TAG_MOST)
        return varied if varied.any() else single if single.any() else fresh

    def factor(self) -> Floats:
        """Return what is left of each row's value beside what stands in the window."""
        author = np.maximum(AUTHOR_FLOOR, AUTHOR_DECAY**self._authors)
        shared = ((self._tag_counts[self._places] > 0) & (self.found.tags > 0)).sum(axis=1) / self._about
        return np.asarray(author * SOURCE_DECAY**self._sources * (1 - ALIKE * shared), dtype=np.float64)
