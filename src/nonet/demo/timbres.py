"""Instruments: how a note of each sounds, as samples. Pure."""

from functools import lru_cache

import numpy as np

RATE = 44_100
Mono = np.ndarray[tuple[int], np.dtype[np.float32]]

_STRUCK: dict[str, tuple[tuple[float, float, float], ...]] = {
    # partial, its strength, and how quickly it dies
    "marimba": ((1, 1, 5), (3.93, 0.35, 14), (9.4, 0.12, 28)),
    "kalimba": ((1, 1, 4), (2.0, 0.12, 6), (5.4, 0.22, 18), (8.1, 0.1, 30)),
    "bell": ((1, 0.8, 1.6), (2.01, 0.5, 2.2), (2.76, 0.45, 3), (5.4, 0.25, 5), (8.9, 0.12, 8)),
    "glass": ((1, 1, 2.4), (2.32, 0.2, 3.4), (4.25, 0.16, 6), (6.63, 0.08, 9)),
    "pluck": tuple((n, 1 / n**1.1, 2.2 + 1.3 * n) for n in range(1, 10)),
    "harp": tuple((n, 1 / n**1.6, 1.4 + 0.9 * n) for n in range(1, 8)),
    "koto": tuple((n * (1 + 0.0006 * n * n), 1 / n**0.9, 2.4 + 1.7 * n) for n in range(1, 12)),
    "steel": ((1, 1, 3), (2, 0.7, 3.6), (3.01, 0.25, 7), (4.1, 0.2, 9), (1.003, 0.5, 3)),
}
_HELD: dict[str, tuple[tuple[float, float], ...]] = {
    "pad": tuple((n * d, 0.7 / n**1.7) for n in range(1, 7) for d in (0.9965, 1.0042)),
    "organ": ((0.5, 0.4), (1, 1), (1.5, 0.3), (2, 0.6), (3, 0.35), (4, 0.3), (6, 0.12)),
    "flute": ((1, 1), (2, 0.32), (3, 0.1), (4, 0.03)),
    "choir": tuple(
        (n * d, s) for n, s in ((1, 0.8), (2, 0.45), (3, 0.5), (4, 0.16), (5, 0.08)) for d in (0.994, 1, 1.006)
    ),
    "brass": tuple((n, 1 / n**0.95) for n in range(1, 11)),
    "square": tuple((n, 1 / n) for n in range(1, 16, 2)),
    "reed": ((1, 1), (2, 0.15), (3, 0.7), (4, 0.1), (5, 0.42), (7, 0.22), (9, 0.1)),
    "round": ((1, 1), (2, 0.28), (3, 0.08)),
    "growl": tuple((n, 0.8 / n**0.8) for n in range(1, 9)),
    "sub": ((1, 1), (2, 0.06)),
}
_ATTACK_S = {"pad": 0.22, "choir": 0.16, "flute": 0.05, "brass": 0.035, "reed": 0.03, "organ": 0.012}
_RELEASE_S = {"pad": 0.5, "choir": 0.45, "flute": 0.12, "brass": 0.1}
VIBRATO = frozenset({"flute", "reed", "brass", "choir"})


@lru_cache(maxsize=512)
def note(timbre: str, hz: float, seconds: float) -> Mono:
    """Return a note of about the same loudness whatever its instrument; struck ones ring on."""
    made = (
        _struck(_STRUCK[timbre], hz, seconds)
        if timbre in _STRUCK
        else _electric(hz, seconds)
        if timbre == "electric"
        else _held(timbre, hz, seconds)
    )
    made.flags.writeable = False
    return made


def _struck(partials: tuple[tuple[float, float, float], ...], hz: float, seconds: float) -> Mono:
    long = min(2.6, seconds + 0.9)
    at = np.arange(round(long * RATE), dtype=np.float32) / RATE
    total = np.zeros_like(at)
    for partial, strength, dying in partials:
        if hz * partial < RATE * 0.4:
            total += strength * np.sin(2 * np.pi * hz * partial * at) * np.exp(-dying * at)
    return _shaped(total / sum(each[1] for each in partials) * 1.5, 0.002, 0.08)


def _electric(hz: float, seconds: float) -> Mono:
    """Two sines, one bending the other, as in electric pianos (Chowning's frequency modulation)."""
    at = np.arange(round((seconds + 0.5) * RATE), dtype=np.float32) / RATE
    bend = np.sin(2 * np.pi * hz * at) * (1.6 * np.exp(-3 * at)) + np.sin(2 * np.pi * hz * 14 * at) * (
        0.22 * np.exp(-18 * at)
    )
    tremble = 1 + 0.12 * np.sin(2 * np.pi * 5.2 * at)
    return _shaped(np.sin(2 * np.pi * hz * at + bend) * np.exp(-1.5 * at) * tremble * 0.9, 0.003, 0.12)


def _held(timbre: str, hz: float, seconds: float) -> Mono:
    release = _RELEASE_S.get(timbre, 0.06)
    at = np.arange(round((seconds + release) * RATE), dtype=np.float32) / RATE
    turn = 2 * np.pi * hz * at
    if timbre in VIBRATO:
        turn = turn + 0.05 * np.sin(2 * np.pi * 5.1 * at) * np.clip(at * 3 - 0.4, 0, 1) * 2
    partials = _HELD[timbre]
    total = np.zeros_like(at)
    for partial, strength in partials:
        if hz * partial < RATE * 0.4:
            total += strength * np.sin(partial * turn)
    if timbre in {"growl", "square", "brass"}:
        total *= 0.55 + 0.45 * np.exp(-4 * at)
    return _shaped(total / sum(each[1] for each in partials) * 1.7, _ATTACK_S.get(timbre, 0.008), release)


def _shaped(sound: np.ndarray, attack_s: float, release_s: float) -> Mono:
    rise, fall = round(attack_s * RATE), min(len(sound), round(release_s * RATE))
    rise = min(rise, len(sound) - fall)
    if rise:
        sound[:rise] *= np.linspace(0, 1, rise, dtype=np.float32) ** 1.5
    if fall:
        sound[-fall:] *= np.linspace(1, 0, fall, dtype=np.float32) ** 1.5
    return sound.astype(np.float32)
