"""What is worth showing of a catalogue before anyone is known: chances by video, what trends, is new, or untried.

Made anew as counts come in, never for a request.
"""

import numpy as np

from nonet.feed.catalogue import COUNTERS, Catalogue
from nonet.recsys import rates, taste, values
from nonet.recsys.rates import Floats, Ints, Singles

HALF_LIVES_S = (3_600.0, 86_400.0, 604_800.0)
HALF_SHARES = (0.5, 0.3, 0.2)
TREND_STRENGTH = 20.0
TRENDING_MOST, LANGUAGE_MOST, LANGUAGES = 256, 128, 24
POOL_MOST = 512
SETTLE_S, PRIORS_S = 5.0, 60.0
ROUND = 4096
"""How many rows of all are estimated again each time, so that new priors reach everyone without a pause."""
SAMPLE = 20_000
FIRST_DAY_MS = 86_400_000
ENGAGEMENT = {"finishes": 0.5, "loops": 0.5, "likes": 1.0, "saves": 2.0, "comments": 2.0, "shares": 5.0, "reposts": 3.0}
"""What counts as engagement, by the worths of ``recsys.values``; what people left early or hid counts against it."""
AGAINST = {"skips": -0.5, "hides": -10.0}

_HEADS = {
    "finish": "finishes",
    "loop": "loops",
    "like": "likes",
    "save": "saves",
    "comment": "comments",
    "share": "shares",
    "repost": "reposts",
    "skip": "skips",
    "hide": "hides",
}
_HEAD_COLUMNS = [COUNTERS.index(_HEADS[o.name]) for o in values.OUTCOMES]
_TRIED = [COUNTERS.index("impressions"), COUNTERS.index("plays")]
_ENGAGED = np.array([ENGAGEMENT.get(name, AGAINST.get(name, 0.0)) for name in COUNTERS])
NOBODY: Ints = np.zeros(0, np.int64)
USUAL_VALUE = float(values.value(rates.logit(values.USUAL)[None, :].astype(np.float32), np.ones(1), np.zeros(1))[0])
"""What a video of which nothing is known is worth to someone of whom nothing is known."""


class Trends:
    """What is derived of a catalogue; ``settle`` brings it up to date."""

    def __init__(self, catalogue: Catalogue, now_ms: int) -> None:
        self.catalogue = catalogue
        self.budget = 200
        rows = len(catalogue.video_id)
        self.logits: Singles = np.zeros((rows, len(values.OUTCOMES)), np.float32)
        self.watch: Floats = np.ones(rows)
        self.worth: Floats = np.zeros(rows)
        self.trend: Floats = np.zeros(rows)
        self.engaged = [rates.Fading(half, rows, now_ms / 1000) for half in HALF_LIVES_S]
        self.tried = [rates.Fading(half, rows, now_ms / 1000) for half in HALF_LIVES_S]
        self.priors = [[rates.Prior(o.usual, rates.WEAKEST) for o in values.OUTCOMES]] * rates.BUCKETS
        self.usual_ms: Floats = taste.USUAL_MS.copy()
        self.top: Ints = NOBODY
        self.top_of: dict[int, Ints] = {}
        self.newest: Ints = NOBODY
        self.pool: Ints = NOBODY
        self.pool_weight: Floats = np.zeros(rows)
        self.scratch: Ints = np.zeros(rows, np.int64)
        self.stamp = 0
        self._best_of_tag: dict[int, tuple[int, Ints]] = {}
        self._settled_ms = self._priors_ms = self._next = 0

    def count(self, rows: Ints, counts: Floats, now_ms: int, *, loaded: bool = False) -> None:
        """Take in the counters of rows; what they grew by fades from now on. ``loaded`` ones came in over their age."""
        self._room()
        catalogue = self.catalogue
        grown = counts if loaded else counts - catalogue.counts[rows]
        ages_s = (now_ms - catalogue.published_ms[rows]) / 1000
        for sums, amounts in ((self.engaged, grown @ _ENGAGED), (self.tried, grown[:, _TRIED].max(axis=1))):
            for fading in sums:
                if loaded:
                    fading.put_spread(rows, amounts, ages_s, now_ms / 1000)
                else:
                    fading.add(rows, amounts, now_ms / 1000)
        catalogue.counts[rows] = counts
        catalogue.changed.update(rows.tolist())

    def _room(self) -> None:
        rows = len(self.catalogue.video_id)
        if rows == len(self.watch):
            return
        more = rows - len(self.watch)
        self.logits = np.concatenate([self.logits, np.zeros_like(self.logits, shape=(more, self.logits.shape[1]))])
        self.watch = np.concatenate([self.watch, np.ones(more)])
        self.worth = np.concatenate([self.worth, np.zeros(more)])
        self.trend = np.concatenate([self.trend, np.zeros(more)])
        self.pool_weight = np.concatenate([self.pool_weight, np.zeros(more)])
        self.scratch = np.zeros(rows, np.int64)
        for fading in (*self.engaged, *self.tried):
            fading.grow(rows)

    def settle(self, now_ms: int, *, at_once: bool = False) -> None:
        """Bring everything up to date: new videos at once, what counts moved every SETTLE_S, priors every PRIORS_S."""
        self._room()
        self.catalogue.index()
        if self.catalogue.newcomers or at_once:
            self._order()
        if at_once or now_ms - self._priors_ms >= PRIORS_S * 1000:
            self._learn_priors()
            self._priors_ms = now_ms
        self._estimate(self._due(at_once=at_once))
        self.catalogue.changed.clear()
        if at_once or now_ms - self._settled_ms >= SETTLE_S * 1000 or self.catalogue.newcomers:
            self._rank(now_ms)
            self._fill_pool(now_ms)
            self._settled_ms = now_ms
            self.stamp += 1
        self.catalogue.newcomers = False

    def _due(self, *, at_once: bool) -> Ints:
        """Return which rows to estimate: those that changed, and in turn some of all."""
        size = self.catalogue.size
        if at_once or size <= ROUND:
            return np.arange(size)
        self._next = (self._next + ROUND) % size
        changed = np.fromiter(self.catalogue.changed, np.int64, len(self.catalogue.changed))
        return np.concatenate([changed, np.arange(self._next, self._next + ROUND) % size])

    def _order(self) -> None:
        standing = np.flatnonzero(self.catalogue.standing[: self.catalogue.size])
        self.newest = standing[np.argsort(-self.catalogue.published_ms[standing], kind="stable")]

    def _learn_priors(self) -> None:
        catalogue = self.catalogue
        counted = np.flatnonzero(catalogue.counts[: catalogue.size, _TRIED].any(axis=1))[-SAMPLE:]
        counts, buckets = catalogue.counts[counted], catalogue.bucket[counted]
        plays = counts[:, COUNTERS.index("plays")]
        played = counts[:, COUNTERS.index("played_ms")]
        self.priors = []
        for bucket in range(rates.BUCKETS):
            here = buckets == bucket
            tried = counts[here][:, _TRIED].max(axis=1)
            self.priors.append(
                [
                    rates.prior(counts[here, column], tried, outcome.usual)
                    for outcome, column in zip(values.OUTCOMES, _HEAD_COLUMNS, strict=True)
                ]
            )
            shrunk = rates.shrunk(played[here].sum(), plays[here].sum(), taste.USUAL_MS[bucket], rates.STRONGEST)
            self.usual_ms[bucket] = float(shrunk)

    def _estimate(self, rows: Ints) -> None:
        catalogue = self.catalogue
        counts, buckets = catalogue.counts[rows], catalogue.bucket[rows]
        means = np.array([[p.mean for p in group] for group in self.priors])[buckets]
        strengths = np.array([[p.strength for p in group] for group in self.priors])[buckets]
        tried = counts[:, _TRIED].max(axis=1)
        self.logits[rows] = rates.logit(
            rates.shrunk(np.minimum(counts[:, _HEAD_COLUMNS], tried[:, None]), tried[:, None], means, strengths)
        )
        usual = self.usual_ms[buckets]
        played, plays = counts[:, COUNTERS.index("played_ms")], counts[:, COUNTERS.index("plays")]
        self.watch[rows] = rates.shrunk(played, plays, usual, rates.WEAKEST) / usual
        self.worth[rows] = values.value(self.logits[rows], self.watch[rows], np.zeros(len(rows)))

    def _rank(self, now_ms: int) -> None:
        """Rank by engagement rates that fade with three half-lives, each shrunk to what is usual; never by views."""
        size, standing = self.catalogue.size, self.newest
        score = np.zeros(size)
        for share, engaged, tried in zip(HALF_SHARES, self.engaged, self.tried, strict=True):
            hits, trials = engaged.now(now_ms / 1000)[:size], tried.now(now_ms / 1000)[:size]
            usual = float(hits.sum() / max(float(trials.sum()), 1.0))
            score += share * rates.shrunk(hits, trials, usual, TREND_STRENGTH)
        self.trend[:size] = score
        self.top = self.best(standing, TRENDING_MOST)
        spoken = self.catalogue.language[standing]
        often = np.argsort(-np.bincount(spoken, minlength=1))[:LANGUAGES] if len(spoken) else NOBODY
        self.top_of = {int(c): self.best(standing[spoken == c], LANGUAGE_MOST) for c in often if c}

    def best(self, rows: Ints, most: int) -> Ints:
        """Return the rows that trend most, best first."""
        if len(rows) > most:
            rows = rows[np.argpartition(-self.trend[rows], most)[:most]]
        return rows[np.argsort(-self.trend[rows], kind="stable")]

    def best_of_tag(self, code: int, most: int) -> Ints:
        """Return the rows of a tag that trend most, found anew once the ranks have changed."""
        stamp, rows = self._best_of_tag.get(code, (0, NOBODY))
        if stamp != self.stamp:
            rows = self.best(np.array(self.catalogue.tags.rows[code], dtype=np.int64), most)
            self._best_of_tag[code] = (self.stamp, rows)
        return rows

    def _fill_pool(self, now_ms: int) -> None:
        """Choose the pool by lot: what has most of its budget left, and might be good, is likeliest."""
        catalogue, rows = self.catalogue, self.newest
        shown = catalogue.counts[rows, COUNTERS.index("impressions")]
        rows = rows[shown < self.budget]
        counts = catalogue.counts[rows]
        tried = counts[:, _TRIED].max(axis=1)
        engaged = np.minimum(counts[:, [COUNTERS.index("finishes"), COUNTERS.index("likes")]].sum(axis=1), tried)
        first_day = now_ms - catalogue.published_ms[rows] < FIRST_DAY_MS
        left = 1 - counts[:, COUNTERS.index("impressions")] / self.budget
        weights = left * rates.wilson_upper(engaged, tried) * np.where(first_day, 1.0, 0.1)
        if len(rows) > POOL_MOST:
            lots = np.log(np.maximum(weights, 1e-9)) + np.random.default_rng(now_ms).gumbel(size=len(rows))
            kept = np.argpartition(-lots, POOL_MOST)[:POOL_MOST]
            rows, weights = rows[kept], weights[kept]
        self.pool_weight[self.pool] = 0.0
        self.pool_weight[rows] = weights
        self.pool = rows
