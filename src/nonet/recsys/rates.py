"""What few counts say of a video: rates shrunk to what is usual, and sums that fade with time.

Every rate is an empirical Bayes estimate, so a video with three plays is near the usual rate and a server with ten
people works. Nothing here ranks by how often something was seen.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DURATION_EDGES_MS: Ints = np.array([7_000, 15_000, 30_000, 60_000, 120_000, 300_000], dtype=np.int64)
"""Edges of the duration buckets. People watch about 7.5 s whatever the length, so a bucket has rates of its own."""
BUCKETS = len(DURATION_EDGES_MS) + 1

WEAKEST, STRONGEST = 10.0, 200.0
_ENOUGH_ROWS = 20


@dataclass(frozen=True, slots=True)
class Prior:
    """What is usual before a video has counts of its own; ``strength`` is how many trials it weighs."""

    mean: float
    strength: float


def bucket(duration_ms: Ints) -> Ints:
    """Return the duration bucket of each length."""
    return np.searchsorted(DURATION_EDGES_MS, duration_ms, side="right").astype(np.int64)


def prior(successes: Floats, trials: Floats, usual: float) -> Prior:
    """Estimate the beta prior that these rows were drawn from, by moments (Kleinman 1973).

    With few rows it stays near ``usual``; its strength stays between WEAKEST and STRONGEST trials.
    """
    tried = trials > 0
    n = trials[tried]
    if len(n) == 0:
        return Prior(usual, WEAKEST)
    hits = np.minimum(successes[tried], n)
    mean = float((hits.sum() + usual * WEAKEST) / (n.sum() + WEAKEST))
    mean = min(max(mean, 1e-4), 1 - 1e-4)
    if len(n) < _ENOUGH_ROWS:
        return Prior(mean, WEAKEST)
    total = float(n.sum())
    spread = float((n * (hits / n - mean) ** 2).sum()) / (mean * (1 - mean))
    between = (spread - (len(n) - 1)) / (total - float((n**2).sum()) / total - (len(n) - 1) + 1e-9)
    strength = STRONGEST if between <= 0 else 1 / min(between, 1.0) - 1
    return Prior(mean, min(max(strength, WEAKEST), STRONGEST))


def shrunk(successes: Floats, trials: Floats, mean: Floats | float, strength: Floats | float) -> Floats:
    """Return rates drawn towards what is usual: the posterior mean of a beta-binomial, or of a gamma-Poisson."""
    return (successes + np.multiply(mean, strength)) / (trials + strength)


def logit(rate: Floats) -> Floats:
    """Return log odds, bounded so that a rate of nought or one stays a number."""
    bounded = np.clip(rate, 1e-5, 1 - 1e-5)
    return np.log(bounded / (1 - bounded))


def wilson_upper(successes: Floats, trials: Floats, z: float = 1.2816) -> Floats:
    """Return the upper end of Wilson's interval (1927) of a rate: 1 without trials; z = 1.2816 is one-sided 90 %."""
    n = np.maximum(trials, 1e-9)
    rate = np.clip(successes / n, 0, 1)
    middle = rate + z * z / (2 * n)
    width = z * np.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return np.minimum(1.0, (middle + width) / (1 + z * z / n))


class Fading:
    """Sums by row that halve every ``half_life_s``, by forward decay: time costs nothing, adding the rows added to.

    What is added later weighs more by a common factor, which is divided out when read (Cormode et al. 2009).
    """

    _LARGEST = 1e12

    def __init__(self, half_life_s: float, rows: int, began_s: float) -> None:
        self.rate = math.log(2) / half_life_s
        self._sums = np.zeros(rows)
        self._began_s = began_s

    def grow(self, rows: int) -> None:
        """Make room for more rows."""
        self._sums = np.concatenate([self._sums, np.zeros(rows - len(self._sums))])

    def add(self, rows: Ints, amounts: Floats, at_s: float) -> None:
        """Add amounts that came in now; each row at most once."""
        factor = math.exp(min(self.rate * (at_s - self._began_s), 50.0))
        if factor > self._LARGEST:
            self._sums /= factor
            self._began_s, factor = at_s, 1.0
        self._sums[rows] += amounts * factor

    def put_spread(self, rows: Ints, totals: Floats, ages_s: Floats, at_s: float) -> None:
        """Set what is left of totals of which only the sum is known, as if they had come evenly over each row's age."""
        decay = self.rate * np.maximum(ages_s, 1.0)
        left = totals * -np.expm1(-decay) / decay
        self._sums[rows] = 0.0
        self.add(rows, left, at_s)

    def now(self, at_s: float) -> Floats:
        """Return what is left of every row's sum."""
        return self._sums * math.exp(-self.rate * (at_s - self._began_s))
