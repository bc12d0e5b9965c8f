"""The videos that may stand in feeds, in the memory of this process, row by row, and which rows share what.

Filled by ``stock``, ranked by ``trends``. Knows no database and no viewer. Code 0 is none.
"""

from array import array
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from nonet.recsys import rates
from nonet.recsys.rates import Bools, Floats, Ints

_SINGLE = 6
"""Columns of facts before the tags."""
TAGS_MOST = 6
"""Tags of a video that count for its ranking."""
COUNTERS = (
    "impressions",
    "plays",
    "finishes",
    "loops",
    "skips",
    "played_ms",
    "likes",
    "saves",
    "shares",
    "comments",
    "reposts",
    "hides",
)

K = TypeVar("K", bound=Hashable)
NEVER, SEEN, LIKED, REFUSED = 1, 2, 4, 8
"""Flags of a row for the time of one page: not on this page, seen before it, liked by who asks, refused by them."""
Flags = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Subject:
    """What the log knows of a video."""

    video_id: int
    owner_id: int
    duration_ms: int
    tags: Sequence[str]
    sound_id: int | None
    language: str
    listed: bool
    published_ms: int


class Shared(Generic[K]):
    """Numbers of things that videos share, and the rows that share each, in the order they came.

    ``flags`` and ``liking`` are for the time of one page: whoever sets them takes them back.
    """

    def __init__(self) -> None:
        self.flags: Flags = np.zeros(64, np.uint8)
        self.liking: Floats = np.zeros(64)
        self.names: list[K | None] = [None]
        self.rows: list[array[int]] = [array("q")]
        self._codes: dict[K, int] = {}

    def code(self, name: K) -> int:
        """Return a thing's number, a new one when it is new."""
        found = self._codes.get(name)
        if found is None:
            found = self._codes[name] = len(self.names)
            self.names.append(name)
            self.rows.append(array("q"))
            if found == len(self.flags):
                self.flags = np.concatenate([self.flags, np.zeros_like(self.flags)])
                self.liking = np.concatenate([self.liking, np.zeros_like(self.liking)])
        return found

    def find(self, name: K) -> int:
        """Return a thing's number; 0 when no video has it."""
        return self._codes.get(name, 0)

    def find_all(self, names: Iterable[K]) -> Ints:
        """Return the numbers of those things that videos have."""
        return np.array([self._codes[name] for name in names if name in self._codes], dtype=np.int64)

    def move(self, row: int, old: Iterable[int], new: Iterable[int]) -> None:
        """Note that a row no longer shares some things, and shares others."""
        before, after = set(old) - {0}, set(new) - {0}
        for code in before - after:
            self.rows[code].remove(row)
        for code in after - before:
            self.rows[code].append(row)


class Catalogue:
    """Every known video; rows are only ever added, ``standing`` says which may be shown."""

    def __init__(self) -> None:
        self.size = 0
        self.row_of: dict[int, int] = {}
        self.people: Shared[int] = Shared()
        self.tags: Shared[str] = Shared()
        self.sounds: Shared[int] = Shared()
        self.languages: Shared[str] = Shared()
        self.changed: set[int] = set()
        self.newcomers = False
        self._ids: Ints = np.zeros(0, np.int64)
        self._rows: Ints = np.zeros(0, np.int64)
        self._make(1024)

    def _make(self, rows: int) -> None:
        self.video_id: Ints = np.zeros(rows, np.int64)
        self._name(np.zeros((rows, _SINGLE + TAGS_MOST), np.int64))
        self.standing: Bools = np.zeros(rows, np.bool_)
        self.listed: Bools = np.zeros(rows, np.bool_)
        self.counts: Floats = np.zeros((rows, len(COUNTERS)))
        self.about: Floats = np.ones(rows)
        self.flags: Flags = np.zeros(rows, np.uint8)

    def _name(self, facts: Ints) -> None:
        """Name the columns of ``facts``: a video's stand side by side, since a page looks at few, all over memory."""
        self.facts = facts
        self.owner, self.sound, self.language, self.published_ms, self.duration_ms, self.bucket = facts.T[:_SINGLE]
        self.tag = facts[:, _SINGLE:]

    def tags_of(self, rows: Ints) -> Ints:
        """Return the tags of rows (n, TAGS_MOST)."""
        return self.facts.take(rows, axis=0)[:, _SINGLE:]

    _ARRAYS = ("video_id", "standing", "listed", "counts", "about", "flags")

    def _grow(self) -> None:
        for name in self._ARRAYS:
            old: npt.NDArray[Any] = getattr(self, name)
            setattr(self, name, np.concatenate([old, np.zeros_like(old)]))
        self._name(np.concatenate([self.facts, np.zeros_like(self.facts)]))

    def put(self, subject: Subject) -> None:
        """Take in a video, or what changed of it."""
        row = self.row_of.get(subject.video_id)
        if row is None:
            if not subject.listed:
                return
            if self.size == len(self.video_id):
                self._grow()
            row = self.row_of[subject.video_id] = self.size
            self.video_id[row] = subject.video_id
            self.size += 1
        self._share(row, subject)
        moved = self.published_ms[row] != subject.published_ms or self.listed[row] != subject.listed
        self.newcomers = self.newcomers or bool(moved)
        self.published_ms[row] = subject.published_ms
        self.duration_ms[row] = subject.duration_ms
        self.bucket[row] = np.searchsorted(rates.DURATION_EDGES_MS, subject.duration_ms, side="right")
        self.listed[row] = self.standing[row] = subject.listed
        self.changed.add(row)

    def _share(self, row: int, subject: Subject) -> None:
        owner = self.people.code(subject.owner_id)
        self.people.move(row, (int(self.owner[row]),), (owner,))
        self.owner[row] = owner
        tags = [self.tags.code(tag) for tag in dict.fromkeys(subject.tags[:TAGS_MOST])]
        self.tags.move(row, self.tag[row].tolist(), tags)
        self.tag[row] = 0
        self.tag[row, : len(tags)] = tags
        self.about[row] = max(len(tags), 1) ** 0.5
        sound = 0 if subject.sound_id is None else self.sounds.code(subject.sound_id)
        self.sounds.move(row, (int(self.sound[row]),), (sound,))
        self.sound[row] = sound
        main = subject.language.partition("-")[0].lower()
        self.language[row] = self.languages.code(main) if main else 0

    def lose(self, video_id: int) -> None:
        """Stop showing a video that is no longer there."""
        row = self.row_of.get(video_id)
        if row is not None:
            self.listed[row] = self.standing[row] = False
            self.newcomers = True

    def index(self) -> None:
        """Make every row findable by its video's id; after rows were added."""
        if len(self._ids) < self.size:
            ids = self.video_id[: self.size]
            self._rows = np.argsort(ids, kind="stable")
            self._ids = ids[self._rows]

    def find(self, video_ids: Ints) -> Ints:
        """Return the row of each video, -1 where it isn't known."""
        if not len(video_ids) or not len(self._ids):
            return np.full(len(video_ids), -1, np.int64)
        at = self._ids.searchsorted(video_ids)
        at[at == len(self._ids)] = 0
        rows = self._rows[at]
        rows[self._ids[at] != video_ids] = -1
        return rows

    def rows(self, video_ids: Ints) -> Ints:
        """Return the rows of those videos that are known, in their order."""
        found = self.find(video_ids)
        return found[found >= 0]
