"""How someone of the demo watches a page: what they stay for, and the events their browser would send. Pure."""

import uuid
from dataclasses import dataclass
from typing import Any

import numpy as np

VERSION_7, VARIANT = 7, 2
GAP_MS = 700


@dataclass(frozen=True, slots=True)
class Watched:
    """What became of one card: its events, and whether it was liked, saved or passed on."""

    video_id: str
    author: str
    events: list[dict[str, Any]]
    liked: bool
    saved: bool
    shared: bool
    until_ms: int


def taste(viewer: str, author: str, style_seed: int) -> float:
    """Return how much someone cares for an author's clip, from 0 to 1; the same whenever it is asked."""
    seed = [sum(viewer.encode()) * 31 + len(viewer), sum(author.encode()), style_seed & 0xFFFF]
    return float(np.random.default_rng(seed).beta(2.2, 1.7))


def page(cards: list[dict[str, Any]], viewer: str, rng: np.random.Generator, from_ms: int) -> list[Watched]:
    """Watch a page's cards one after the other from a moment on, in Unix milliseconds."""
    found = []
    at_ms = from_ms
    for card in cards:
        seen = _one(card, viewer, rng, at_ms)
        at_ms = seen.until_ms + GAP_MS
        found.append(seen)
    return found


def _one(card: dict[str, Any], viewer: str, rng: np.random.Generator, at_ms: int) -> Watched:
    duration_ms = int(card["duration_ms"])
    author = card["author"]["handle"]
    cares = taste(viewer, author, duration_ms) + float(rng.normal(0, 0.12))
    told = _Teller(card, rng)
    told.add("impression", at_ms)
    told.add("start", at_ms + 150)
    now_ms = at_ms + 150
    if cares < 0.25:  # gone within two seconds
        now_ms += int(rng.uniform(500, 1700))
        told.add("skip", now_ms, now_ms - at_ms - 150)
    elif cares < 0.42:  # gone before the end
        part_ms = int(duration_ms * rng.uniform(0.3, 0.9))
        now_ms += part_ms
        told.add("pause", now_ms, part_ms)
    else:
        for number in range(1 + int(cares > 0.62) + int(cares > 0.85)):  # once more, and again
            now_ms += duration_ms
            told.add("loop" if number else "finish", now_ms, duration_ms)
    likes = cares > 0.66 and rng.random() < 0.8  # few like all they stay for
    return Watched(
        card["id"],
        author,
        told.events,
        liked=bool(likes),
        saved=bool(likes and rng.random() < 0.22),  # a habit
        shared=bool(likes and rng.random() < 0.12),  # the same
        until_ms=now_ms,
    )


class _Teller:
    """Writes the events of one card, each with an id of its own moment."""

    def __init__(self, card: dict[str, Any], rng: np.random.Generator) -> None:
        self.events: list[dict[str, Any]] = []
        self._served = {**card["served"], "video_id": card["id"]}
        self._rng = rng

    def add(self, kind: str, at_ms: int, played_ms: int | None = None) -> None:
        """Add an event; ``played_ms`` is what was played since the one before."""
        low, high = (int(each) for each in self._rng.integers(0, 1 << 31, 2))
        number = at_ms << 80 | VERSION_7 << 76 | (high & 0xFFF) << 64 | VARIANT << 62 | low << 31 | high
        event = {"id": str(uuid.UUID(int=number)), "kind": kind, **self._served}
        self.events.append(event if played_ms is None else event | {"played_ms": played_ms})
