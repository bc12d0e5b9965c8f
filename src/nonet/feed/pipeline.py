"""A page of the feed in named stages: sources, filter, hydrate, score, select. A catalogue and a viewer in, picks out.

``present`` and ``after`` are one statement of ``pages``: the cards of what was picked, and the record of the page. A
learner will take the place of ``score`` and of some sources; the other stages stay.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nonet.feed import sources
from nonet.feed.catalogue import NEVER, REFUSED, SEEN, TAGS_MOST, Catalogue
from nonet.feed.context import Viewer
from nonet.feed.sources import CODE, FOLLOWING, UNWANTED, Likings
from nonet.feed.trends import USUAL_VALUE, Trends
from nonet.recsys import slate, values
from nonet.recsys.rates import Bools, Floats, Ints
from nonet.recsys.values import TASTES

SHORTLIST, POOL_SHORTLIST = 48, 24
REST_AT_ONCE = 2048
NOT_NAMED = 0.02
REASONS = 4


@dataclass(frozen=True, slots=True)
class Asking:
    """A page that is asked for: ``before`` are the ids that led to it, oldest first."""

    seed: int
    before: list[int]
    count: int
    again: bool
    now_ms: int
    without: frozenset[int] = frozenset()


class Term(NamedTuple):
    """A part of a score, for "why this": a code, what it names, and its share."""

    code: str
    name: str
    weight: float


_NOTHING: Floats = np.zeros(0)
_EACH_TAG: Floats = np.full(TAGS_MOST, TASTES["tag"])
TRIED_OUT, SEEN_BEFORE, NOT_SEEN_YET = ([Term(code, "", 1.0)] for code in ("tried_out", "seen_before", "not_seen_yet"))
CODES = ("finished_tag", "finished_creator", "follows", "liked_sound", "language", "popular_now", "new_here")
"""The parts of a score by which a video may stand on a page, in the order of ``_terms``."""


@dataclass(frozen=True, slots=True)
class Picked:
    """A video for a page, with what is recorded of how it came there."""

    video_id: int
    source: str
    propensity: float
    terms: list[Term]


@dataclass(frozen=True, slots=True)
class Page:
    """What was picked, and whether anything would be left after all of it."""

    picks: list[Picked]
    left: bool


@dataclass(slots=True)
class _Hydrated:
    """Candidates beside what the person's watches say of them; ``value`` is filled by ``scored``."""

    rows: Ints
    sources: Ints
    owner: Ints
    tag: Floats
    sound: Floats
    creator: Floats
    follows: Floats
    language: Floats
    new: Floats
    value: Floats


def page(trends: Trends, viewer: Viewer, asking: Asking) -> Page:
    """Pick a page. With nothing new published, pages that follow each other give every eligible video exactly once."""
    catalogue = trends.catalogue
    seen = catalogue.find(viewer.seen)
    with _unwanted(catalogue, viewer, asking, seen) as wanted, sources.likings(trends, viewer, seen) as liked:
        rows, given = sources.candidates(trends, viewer, liked, asking.seed)
        kept = filtered(wanted, rows)
        rows, given = rows[kept], given[kept]
        if len(rows) <= asking.count + 2:
            rows, given = _completed(trends, rows, given, wanted, asking.count)
        found = scored(trends, hydrated(trends, liked, rows, given, asking.now_ms))
        picks = selected(trends, viewer, found, asking)
        left = len(rows) > len(picks)
        if asking.again:
            picks, more = _begun_again(trends, wanted, picks, asking)
            left = left or more
    return Page(picks, left)


class _Wanted:
    """Which rows may stand on this page, by flags that are set for the time of one page."""

    def __init__(self, catalogue: Catalogue, seen: Ints) -> None:
        self.catalogue = catalogue
        self.seen = seen
        self.mutes_tags = self.mutes_sounds = False

    def __call__(self, rows: Ints, *, seen_too: bool = False) -> Bools:
        catalogue = self.catalogue
        bad = catalogue.flags[rows] & (NEVER if seen_too else NEVER | SEEN)
        bad |= catalogue.people.flags[catalogue.owner[rows]] & UNWANTED
        if self.mutes_sounds:
            bad |= catalogue.sounds.flags[catalogue.sound[rows]]
        if self.mutes_tags:
            bad |= catalogue.tags.flags[catalogue.tag[rows]].max(axis=1, initial=0)
        return np.asarray(catalogue.standing[rows] & (bad == 0), dtype=np.bool_)


@contextmanager
def _unwanted(catalogue: Catalogue, viewer: Viewer, asking: Asking, seen: Ints) -> Iterator[_Wanted]:
    """Flag what may not be shown: NEVER on this page, or SEEN before it. The flags go when the page is made."""
    seen = seen[seen >= 0]
    wanted = _Wanted(catalogue, seen)
    gone = np.array([*asking.before, *asking.without], dtype=np.int64)
    never, refused = catalogue.rows(gone), catalogue.rows(viewer.unwanted_videos)
    people = catalogue.people.find_all(viewer.unwanted_people.tolist())
    tags = catalogue.tags.find_all(viewer.muted_tags)
    sounds = catalogue.sounds.find_all(viewer.muted_sounds)
    wanted.mutes_tags, wanted.mutes_sounds = len(tags) > 0, len(sounds) > 0
    catalogue.flags[seen] = SEEN
    catalogue.flags[never] |= NEVER
    catalogue.flags[refused] |= NEVER | REFUSED
    catalogue.people.flags[people] |= UNWANTED
    catalogue.tags.flags[tags] = UNWANTED
    catalogue.sounds.flags[sounds] = UNWANTED
    try:
        yield wanted
    finally:
        catalogue.flags[seen] = 0
        catalogue.flags[never] = 0
        catalogue.flags[refused] = 0
        catalogue.people.flags[people] = 0
        catalogue.tags.flags[tags] = 0
        catalogue.sounds.flags[sounds] = 0


def filtered(wanted: _Wanted, rows: Ints) -> Bools:
    """Return which candidates may be shown: standing, unseen, and nothing that was blocked, muted or refused."""
    return wanted(rows)


def _completed(trends: Trends, rows: Ints, given: Ints, wanted: _Wanted, count: int) -> tuple[Ints, Ints]:
    """Add the newest of everything that is still unseen, so that no video is ever passed over for good."""
    have = len(rows)
    parts = [rows]
    for start in range(0, len(trends.newest), REST_AT_ONCE):
        more = trends.newest[start : start + REST_AT_ONCE]
        more = more[wanted(more)]
        more = more[~np.isin(more, rows)]
        parts.append(more)
        have += len(more)
        if have > count + 2:
            break
    found = np.concatenate(parts)
    return found, np.concatenate([given, np.full(len(found) - len(rows), CODE["rest"])])


def hydrated(trends: Trends, liked: Likings, rows: Ints, given: Ints, now_ms: int) -> _Hydrated:
    """Put beside each candidate what the person's watches say of its tags, sound, creator and language."""
    catalogue = trends.catalogue
    owner = catalogue.owner[rows]
    spoken = np.zeros(len(catalogue.languages.names))
    spoken[liked.languages] = TASTES["language"]
    return _Hydrated(
        rows=rows,
        sources=given,
        owner=owner,
        tag=catalogue.tags.liking.take(catalogue.tags_of(rows)) @ _EACH_TAG / catalogue.about[rows],
        sound=catalogue.sounds.liking[catalogue.sound[rows]] * TASTES["sound"],
        creator=catalogue.people.liking[owner] * TASTES["creator"],
        follows=np.where(catalogue.people.flags[owner] & FOLLOWING, TASTES["follows"], 0.0),
        language=spoken[catalogue.language[rows]],
        new=values.newness((now_ms - catalogue.published_ms[rows]) / 1000),
        value=_NOTHING,
    )


def scored(trends: Trends, found: _Hydrated) -> _Hydrated:
    """Give each candidate its value: what may happen, by its own rates and the person's taste, and its newness."""
    taste = found.tag + found.sound + found.creator + found.follows + found.language
    found.value = values.value(trends.logits.take(found.rows, axis=0), trends.watch[found.rows], taste)
    found.value += found.new
    return found


def selected(trends: Trends, viewer: Viewer, found: _Hydrated, asking: Asking) -> list[Picked]:
    """Draw the page from the best, varied, with the exploration slots."""
    catalogue = trends.catalogue
    mine = catalogue.people.find(viewer.account_id) if viewer.account_id else -1
    own = found.owner == mine
    explore = trends.pool_weight[found.rows]
    short = _shortlist(found.value - 1e6 * own, explore, asking)
    rows = found.rows[short]
    field = slate.Candidates(
        found.value[short], found.owner[short], catalogue.tag[rows], found.sources[short], explore[short], own[short]
    )
    served = catalogue.rows(np.array(asking.before[1 - slate.WINDOW :], dtype=np.int64)).tolist()
    window = [(int(catalogue.owner[row]), [t for t in catalogue.tag[row].tolist() if t]) for row in served]
    drawn = slate.draw(field, asking.count, asking.seed, len(asking.before), window)
    reasons = _terms(trends, found, short[[pick.row for pick in drawn]])
    return [
        Picked(
            int(catalogue.video_id[rows[pick.row]]),
            "new" if pick.explored else sources.NAMES[field.source[pick.row]],
            pick.propensity,
            TRIED_OUT if pick.explored else terms,
        )
        for pick, terms in zip(drawn, reasons, strict=True)
    ]


def _shortlist(value: Floats, explore: Floats, asking: Asking) -> Ints:
    """Return the best; beside them what may be explored, when a place of this page is for that."""
    if len(value) <= SHORTLIST:
        return np.arange(len(value))
    best = value.argpartition(-SHORTLIST)[-SHORTLIST:]
    place = len(asking.before)
    if any(slate.explores(each, asking.seed) for each in range(place, place + asking.count)):
        best = np.union1d(best, explore.nonzero()[0][:POOL_SHORTLIST])
    return best


def _begun_again(trends: Trends, wanted: _Wanted, picks: list[Picked], asking: Asking) -> tuple[list[Picked], bool]:
    """Fill up with what was seen, the least recently watched first."""
    rows = wanted.seen[::-1]
    rows = rows[wanted(rows, seen_too=True)]
    more = [Picked(each, "again", 1.0, SEEN_BEFORE) for each in trends.catalogue.video_id[rows].tolist()]
    room = asking.count - len(picks)
    return picks + more[:room], len(more) > room


def _terms(trends: Trends, found: _Hydrated, at: Ints) -> list[list[Term]]:
    """Return the parts of some candidates' scores, the greatest first, as shares of all that spoke for each."""
    catalogue, rows = trends.catalogue, found.rows[at]
    told = (found.tag, found.creator, found.follows, found.sound, found.language)
    parts = np.array([*(each[at] for each in told), trends.worth[rows] - USUAL_VALUE, found.new[at]]).T.tolist()
    return [_spoke(catalogue, row, each) for row, each in zip(rows.tolist(), parts, strict=True)]


def _spoke(catalogue: Catalogue, row: int, parts: list[float]) -> list[Term]:
    spoke = sorted(((part, at) for at, part in enumerate(parts) if part > NOT_NAMED), reverse=True)
    total = sum(part for part, _ in spoke)
    named = [Term(CODES[at], _name(catalogue, row, at), round(part / total, 3)) for part, at in spoke[:REASONS]]
    return named or NOT_SEEN_YET


def _name(catalogue: Catalogue, row: int, at: int) -> str:
    """Return what a reason is about."""
    if CODES[at] == "finished_tag":
        tags = catalogue.tag[row]
        return str(catalogue.tags.names[int(tags[catalogue.tags.liking[tags].argmax()])])
    if CODES[at] in {"finished_creator", "follows"}:
        return str(catalogue.people.names[int(catalogue.owner[row])])
    if CODES[at] == "liked_sound":
        return str(catalogue.sounds.names[int(catalogue.sound[row])])
    return str(catalogue.languages.names[int(catalogue.language[row])]) if CODES[at] == "language" else ""
