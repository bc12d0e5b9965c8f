"""Where a page's candidates come from: each source gives rows of the catalogue, bounded, whatever the catalogue's size.

A row that several sources give is recorded under the first of them.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from nonet.feed.catalogue import LIKED, REFUSED, Shared
from nonet.feed.context import WATCHES_MOST, Viewer, how
from nonet.feed.trends import NOBODY, Trends
from nonet.recsys import taste
from nonet.recsys.rates import Floats, Ints

NAMES = ("followed", "tag", "creator", "sound", "new", "language", "trending", "newest", "rest", "again")
"""What a slate records; ``new`` is the exploration pool, ``rest`` and ``again`` make a feed complete."""
CODE = {name: code for code, name in enumerate(NAMES)}

TAGS, CREATORS, SOUNDS, FOLLOWED = 8, 10, 5, 40
BEST, LATEST, LOTS = 28, 10, 10
OF_EACH = 5
TRENDING, OF_LANGUAGE, NEWEST, POOL = 96, 64, 40, 64
STRONGEST = 48
"""Of how many of the watches that went best the sources are taken."""
SPOKEN_SHARE = 0.1
UNWANTED, FOLLOWING = 1, 2


@dataclass(slots=True)
class Likings:
    """What a person likes, by code; how much stands in the catalogue's ``liking`` for the time of the page."""

    tags: list[int] = field(default_factory=list)
    creators: list[int] = field(default_factory=list)
    sounds: list[int] = field(default_factory=list)
    languages: list[int] = field(default_factory=list)
    followed: list[int] = field(default_factory=list)


@contextmanager
def likings(trends: Trends, viewer: Viewer, seen: Ints) -> Iterator[Likings]:
    """Sum up how the last watches went into what they were about; nothing of it is kept beyond the page.

    ``seen`` are the rows of ``viewer.seen``, -1 where a video isn't known.
    """
    catalogue = trends.catalogue
    own = catalogue.languages.find(viewer.language)
    if not viewer.personal:
        yield Likings(languages=[own] if own else [])
        return
    rows, weights = _went(trends, viewer, seen)
    tags, owners, sounds = catalogue.tags_of(rows), catalogue.owner[rows], catalogue.sound[rows]
    followed = catalogue.people.find_all(viewer.followed.tolist())
    taste.fold(tags, weights, catalogue.tags.liking)
    taste.fold(owners, weights, catalogue.people.liking)
    taste.fold(sounds, weights, catalogue.sounds.liking)
    catalogue.people.flags[followed] |= FOLLOWING
    best = weights.argsort()[-STRONGEST:]
    spoken = np.bincount(catalogue.language[rows], minlength=1)
    languages = [int(code) for code in (spoken > SPOKEN_SHARE * len(rows)).nonzero()[0] if code] or [own]
    try:
        yield Likings(
            _top(catalogue.tags, tags[best], TAGS),
            _top(catalogue.people, owners[best], CREATORS),
            _top(catalogue.sounds, sounds[best], SOUNDS),
            [code for code in languages if code],
            followed.tolist(),
        )
    finally:
        catalogue.tags.liking[tags.ravel()] = 0.0
        catalogue.people.liking[owners] = 0.0
        catalogue.sounds.liking[sounds] = 0.0
        catalogue.people.flags[followed] &= UNWANTED


def _went(trends: Trends, viewer: Viewer, seen: Ints) -> tuple[Ints, Floats]:
    """Return the rows that were watched last, and how each went, weighed by how long ago.

    What was liked counts by its like alone when no watch of it is told of: it was seen in a list, or long ago.
    """
    catalogue = trends.catalogue
    rows, went = seen[:WATCHES_MOST], viewer.went[:WATCHES_MOST]
    told = (rows >= 0) & (went > 0)
    if not told.all():
        rows, went = rows[told], went[told]
    liked = catalogue.rows(viewer.liked)
    catalogue.flags[liked] |= LIKED
    flags = catalogue.flags[rows]
    catalogue.flags[rows] &= ~np.uint8(LIKED)
    alone = catalogue.flags[liked] & (LIKED | REFUSED) == LIKED
    catalogue.flags[liked] &= ~np.uint8(LIKED)
    watches = taste.Watches(
        **how(went),
        duration_ms=catalogue.duration_ms[rows],
        bucket=catalogue.bucket[rows],
        liked=flags & LIKED != 0,
        refused=flags & REFUSED != 0,
    )
    weights = taste.went(watches, trends.usual_ms) * taste.recency(len(rows))
    if not alone.any():
        return rows, weights
    by_likes = taste.LIKED * taste.recency(len(liked))[alone]
    return np.concatenate([rows, liked[alone]]), np.concatenate([weights, by_likes])


def _top(shared: Shared[int] | Shared[str], codes: Ints, most: int) -> list[int]:
    """Return the codes that are liked most, among those that were met, the most liked first."""
    met = codes.ravel()
    liking = shared.liking[met]
    found: dict[int, None] = {}
    for at in liking.argsort()[::-1].tolist():
        if liking[at] <= 0 or len(found) == most:
            break
        found[int(met[at])] = None
    return list(found)


def candidates(trends: Trends, viewer: Viewer, liked: Likings, seed: int) -> tuple[Ints, Ints]:
    """Return rows, each once, and the code of the source that each is recorded under."""
    found = list(_sources(trends, viewer, liked, seed))
    rows = np.concatenate([each for _, each in found])
    sources = np.repeat([CODE[name] for name, _ in found], [len(each) for _, each in found])
    # The last write wins, so written backwards the first source of a row stays.
    first = trends.scratch
    places = np.arange(len(rows))
    first[rows[::-1]] = places[::-1]
    kept = first[rows] == places
    return rows[kept], sources[kept]


def _sources(trends: Trends, viewer: Viewer, liked: Likings, seed: int) -> Iterator[tuple[str, Ints]]:
    catalogue = trends.catalogue
    if viewer.personal:
        start = seed % max(len(liked.followed) - FOLLOWED, 1)
        yield "followed", _latest(catalogue.people, liked.followed[start : start + FOLLOWED])
        for code in liked.tags:
            yield "tag", _of_tag(trends, code, seed)
        yield "creator", _latest(catalogue.people, liked.creators)
        yield "sound", _latest(catalogue.sounds, liked.sounds)
    yield "new", _new(trends, seed)
    for code in liked.languages:
        yield "language", trends.top_of.get(code, NOBODY)[:OF_LANGUAGE]
    yield "trending", trends.top[:TRENDING]
    yield "newest", trends.newest[:NEWEST]


def _of_tag(trends: Trends, code: int, seed: int) -> Ints:
    """Return what trends under a tag, what is new there, and some by lot, so that a long history finds something."""
    rows = trends.catalogue.tags.rows[code]
    if len(rows) <= BEST + LATEST + LOTS:
        return np.array(rows, dtype=np.int64)
    start = seed % (len(rows) - LATEST - LOTS)
    return np.concatenate([trends.best_of_tag(code, BEST), np.array(rows[start : start + LOTS] + rows[-LATEST:])])


def _latest(shared: Shared[int], codes: Iterable[int]) -> Ints:
    every = shared.rows
    return np.array([row for code in codes for row in every[code][-OF_EACH:]], dtype=np.int64)


def _new(trends: Trends, seed: int) -> Ints:
    """Return a part of the exploration pool, by lot; the whole when it is small."""
    rows = trends.pool
    if len(rows) <= POOL:
        return rows
    start = seed % len(rows)
    return np.concatenate([rows[start : start + POOL], rows[: max(0, start + POOL - len(rows))]])
