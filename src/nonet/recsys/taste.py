"""What a person likes, from how their watches went. There is no stored profile: the next swipe changes it."""

from dataclasses import dataclass

import numpy as np

from nonet.recsys.rates import Bools, Floats, Ints

USUAL_MS: Floats = np.array([4_500, 7_500, 9_500, 11_000, 12_500, 14_000, 16_000], dtype=np.float64)
"""How long a play of each duration bucket lasts before it is measured; see the note on 7.5 s in ``rates``."""

SHORT_HALF, LONG_HALF = 8.0, 120.0
"""After how many watches a watch counts half: for what one is in the mood for, and for what one likes."""
SHORT_SHARE = 0.55
SHORT_PRIOR, LONG_PRIOR = 2.0, 12.0
"""How many watches nothing weighs: a first like moves the page, and doesn't fill it."""

FINISHED, REWATCHED, LIKED, SKIPPED, REFUSED = 1.0, 0.5, 1.5, -0.8, -3.0


@dataclass(frozen=True, slots=True)
class Watches:
    """A person's last watches, the most recent first; all arrays have one length, times are milliseconds."""

    played_ms: Ints
    plays: Ints
    finishes: Ints
    loops: Ints
    skips: Ints
    duration_ms: Ints
    bucket: Ints
    liked: Bools
    refused: Bools


def went(watches: Watches, usual_ms: Floats = USUAL_MS) -> Floats:
    """Return how each watch went: above 0 liked, below 0 not; a skip is -0.8, a finish 1, a like 1.5 more, a no -3.

    What was neither finished nor skipped counts by how long it was watched against what is usual for its duration.
    """
    plays = np.maximum(watches.plays, 1)
    usual = np.minimum(usual_ms[watches.bucket], np.maximum(watches.duration_ms, 1000))
    partly = np.clip(watches.played_ms / plays / usual - 0.7, -0.4, 0.8)
    finished = watches.finishes > 0
    skipped = (watches.skips > 0) & ~finished
    feeling = np.where(finished, FINISHED, np.where(skipped, SKIPPED, partly))
    feeling = feeling + REWATCHED * np.minimum(watches.loops, 2)
    feeling = np.where(watches.refused, REFUSED, feeling + LIKED * watches.liked)
    return np.asarray(feeling, dtype=np.float64)


_RANKS: Floats = np.arange(4096, dtype=np.float64)
_SHORT: Floats = 0.5 ** (_RANKS / SHORT_HALF)
_LONG: Floats = 0.5 ** (_RANKS / LONG_HALF)
_SHORT_SUM: Floats = np.cumsum(_SHORT)
_LONG_SUM: Floats = np.cumsum(_LONG)


def recency(count: int) -> Floats:
    """Return the weight of each of the last ``count`` watches, most recent first; they sum to less than 1."""
    if count == 0:
        return np.zeros(0)
    short = SHORT_SHARE / (_SHORT_SUM[count - 1] + SHORT_PRIOR)
    long = (1 - SHORT_SHARE) / (_LONG_SUM[count - 1] + LONG_PRIOR)
    return np.asarray(_SHORT[:count] * short + _LONG[:count] * long, dtype=np.float64)


def fold(codes: Ints, weights: Floats, out: Floats) -> None:
    """Add each watch's weight to what it was about, ``codes`` of (n,) or (n, k); code 0 is nothing and stays empty."""
    if codes.ndim > 1:
        weights = np.repeat(weights, codes.shape[1])
    np.add.at(out, codes.ravel(), weights)
    out[0] = 0.0
