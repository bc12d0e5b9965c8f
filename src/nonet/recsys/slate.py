"""Which videos make a good page: drawn one after the other by value, each less when it repeats what stands before it.

The same seed and the same inputs give the same page. Every draw's chance is known, which is what an honest judgement of
another ranking from the log needs.
"""

import random
from dataclasses import dataclass

import numpy as np

from nonet.recsys.rates import Bools, Floats, Ints

WINDOW = 20
AUTHOR_MOST, TAG_MOST = 2, 3
"""In any WINDOW items, while anything else is left."""
AUTHOR_DECAY, AUTHOR_FLOOR = 0.5, 0.25
SOURCE_DECAY = 0.9
ALIKE = 0.35
"""How much of its value a video loses when all it is about stands in the window already."""
HEAT = 0.15
"""How far a draw may stray from the best, in standard deviations of the candidates' values."""
EXPLORE_EVERY = 8

_AUTHOR: Floats = np.maximum(AUTHOR_FLOOR, AUTHOR_DECAY ** np.arange(WINDOW + 1))


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


def draw(found: Candidates, count: int, seed: int, place: int, before: list[tuple[int, list[int]]]) -> list[Pick]:
    """Draw ``count`` rows for the places from ``place`` on; ``before`` are owner and tags of what was served last."""
    if not len(found.value):
        return []
    window = _Window(found, before)
    height = found.value - found.value.min()
    heat = max(float(height.std()) * HEAT, 1e-6)
    lots = random.Random(seed * 8191 + place)  # noqa: S311 - repeatable on purpose, and no secret
    picks: list[Pick] = []
    for step in range(min(count, len(height))):
        may = window.allowed()
        weights = found.explore * may if explores(place + step, seed) else None
        explored = weights is not None and bool(weights.any())
        if weights is None or not explored:
            lifted = height * window.factor
            lifted[~may] = -np.inf
            lifted -= lifted.max()
            lifted /= heat
            weights = np.exp(lifted)
        sums = weights.cumsum()
        row = int(sums.searchsorted(lots.random() * sums[-1], side="right"))
        if row == len(sums) or not may[row]:  # rounding at the very end of the sums
            row = int(may.nonzero()[0][-1])
        picks.append(Pick(row, float(weights[row] / sums[-1]), explored))
        window.take(row)
    return picks


class _Window:
    """What the last items were about, and what is left of each candidate's value beside them."""

    def __init__(self, found: Candidates, before: list[tuple[int, list[int]]]) -> None:
        self.found = found
        self.free = ~found.last
        self._spare = found.last.copy()
        self._met = set(found.tags.ravel().tolist())
        self._has: dict[int, Bools] = {}
        self._share = ALIKE / np.maximum((found.tags > 0).sum(axis=1), 1)
        self._authors = np.zeros(len(found.value), dtype=np.int64)
        self._alike = np.ones(len(found.value))
        self._sourced = np.ones(len(found.value))
        self._counts: dict[int, int] = {}
        self._full = np.zeros(len(found.value), dtype=np.bool_)
        self._items: list[tuple[int, list[int]]] = []
        for owner, tags in before[-(WINDOW - 1) :]:
            self._push(owner, tags)
        self.factor = _AUTHOR[self._authors] * self._alike

    def allowed(self) -> Bools:
        """Return which free rows may come: within the bounds while there are such, before those that come last."""
        if not self.free.any():
            self.free, self._spare = self._spare, self.free
        single = self.free & (self._authors < AUTHOR_MOST)
        varied = single & ~self._full
        return varied if varied.any() else single if single.any() else self.free

    def take(self, row: int) -> None:
        """Put a row into the window; the oldest of a full one leaves."""
        found = self.found
        self.free[row] = False
        self._sourced[found.source == found.source[row]] *= SOURCE_DECAY
        self._push(int(found.owner[row]), [code for code in found.tags[row].tolist() if code])
        if len(self._items) >= WINDOW:
            self._leave(*self._items.pop(0))
        self.factor = _AUTHOR[self._authors] * self._alike * self._sourced

    def _push(self, owner: int, tags: list[int]) -> None:
        self._items.append((owner, tags))
        self._authors += self.found.owner == owner
        for tag in tags:
            if tag in self._met:
                count = self._counts[tag] = self._counts.get(tag, 0) + 1
                if count == 1:
                    self._has[tag] = (self.found.tags == tag).any(axis=1)
                    self._alike -= self._share * self._has[tag]
                elif count == TAG_MOST:
                    self._full |= self._has[tag]

    def _leave(self, owner: int, tags: list[int]) -> None:
        self._authors -= self.found.owner == owner
        for tag in tags:
            if tag in self._met:
                self._counts[tag] -= 1
                if self._counts[tag] == 0:
                    self._alike += self._share * self._has[tag]
        self._full[:] = False
        for tag, count in self._counts.items():
            if count >= TAG_MOST:
                self._full |= self._has[tag]
