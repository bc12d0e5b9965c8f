"""What a video is worth to a person: chances of what may happen, times what each is worth. Version 0, by hand.

The chances begin at the video's own shrunk rates, and a person's taste moves their log odds; a learner will replace
them and keep the worths. Nothing that is paid enters here.
"""

from dataclasses import dataclass

import numpy as np

from nonet.recsys.rates import Floats, Singles


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that may happen when a video is shown.

    ``worth`` is in watches as long as is usual, ``usual`` its rate before anything was counted, ``moved`` how far a
    taste of 1 moves its log odds.
    """

    name: str
    worth: float
    usual: float
    moved: float


OUTCOMES: tuple[Outcome, ...] = (
    Outcome("finish", 0.5, 0.30, 1.0),
    Outcome("loop", 0.5, 0.06, 1.0),
    Outcome("like", 1.0, 0.05, 1.5),
    Outcome("save", 2.0, 0.01, 1.5),
    Outcome("comment", 2.0, 0.02, 1.0),
    Outcome("share", 5.0, 0.008, 1.0),
    Outcome("repost", 3.0, 0.004, 1.0),
    Outcome("skip", -1.0, 0.30, -1.0),
    Outcome("hide", -40.0, 0.002, -1.5),
)
"""The published weights of the value model; watching as long as is usual is worth 1."""

WORTH: Singles = np.array([o.worth for o in OUTCOMES], np.float32)
USUAL: Floats = np.array([o.usual for o in OUTCOMES])
MOVED: Singles = np.array([o.moved for o in OUTCOMES], np.float32)
WATCH_MOVED = 0.5

TASTES: dict[str, float] = {"tag": 3.0, "creator": 2.4, "sound": 1.2, "follows": 0.7, "language": 0.35}
"""How much each kind of liking counts towards a person's taste for a video."""
NEW_WORTH, NEW_HALF_S = 0.15, 86_400.0
"""What being published this moment is worth, and how soon that halves."""
TASTE_MOST = 3.0


def chances(logits: Singles, taste: Floats) -> Singles:
    """Return the chance of each outcome (n, k) for a person whose taste for the n videos is given."""
    chance = np.multiply.outer(taste.astype(np.float32), MOVED)
    chance += logits
    # In place and in single precision: this is done for hundreds of candidates of every page.
    np.exp(np.negative(chance, out=chance), out=chance)
    chance += 1
    return np.reciprocal(chance, out=chance)


def value(logits: Singles, watch: Floats, taste: Floats) -> Floats:
    """Return what each video is worth to a person; ``watch`` is its playing time over what is usual for its length."""
    bounded = np.clip(taste, -TASTE_MOST, TASTE_MOST)
    worth: Floats = chances(logits, bounded) @ WORTH + watch * np.exp(WATCH_MOVED * bounded)
    return worth


def newness(age_s: Floats) -> Floats:
    """Return what a video's freshness is worth."""
    return np.asarray(NEW_WORTH * 0.5 ** (np.maximum(age_s, 0.0) / NEW_HALF_S), dtype=np.float64)
