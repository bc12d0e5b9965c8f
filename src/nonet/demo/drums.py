"""Drums: how each sounds, and the patterns they play. ``X`` strikes, ``x`` strikes softly, ``.`` is silent. Pure."""

import numpy as np

from nonet.demo.timbres import RATE, Mono

Line = dict[str, str]

GROOVES: dict[str, Line] = {
    "house": {
        "kick": "X...X...X...X...",
        "clap": "....X.......X...",
        "hat": "..X...X...X...X.",
        "shaker": "xxxxxxxxxxxxxxxx",
    },
    "hop": {"kick": "X......xX.x.....", "snare": "....X.......X..x", "hat": "x.x.x.x.x.x.x.xx"},
    "samba": {"kick": "X..xX..xX..xX..x", "rim": "X.x.xX.x.X.xX.x.", "shaker": "XxxXXxxXXxxXXxxX"},
    "bossa": {"kick": "X..xX..xX..xX..x", "rim": "X..X..X...X..X..", "shaker": "x.x.x.x.x.x.x.x."},
    "dembow": {
        "kick": "X...X...X...X...",
        "snare": "...X..X....X..X.",
        "hat": "x.x.x.x.x.x.x.x.",
        "block": "........x.......",
    },
    "break": {"kick": "X.X.......X..x..", "snare": "....X..x.x..X..x", "hat": "xxxxxxxxxxxxxxxx"},
    "waltz": {"kick": "X.....", "rim": "..X.X.", "shaker": "x.xxxx"},
    "march": {"kick": "X...X...", "snare": "..X...Xx", "hat": "x.x.x.x."},
    "trap": {
        "kick": "X......X..X.....",
        "clap": "........X.......",
        "hat": "X.X.X.XXX.X.XXXX",
        "block": "..............x.",
    },
    "afro": {
        "kick": "X.....X...X.....",
        "rim": "X..X..X...X.X...",
        "shaker": "x.xXx.xXx.xXx.xX",
        "tom": "......x....x..x.",
    },
    "polka": {"kick": "X...X...", "clap": "..X...X.", "block": "x.xxx.xx"},
    "maqsum": {"tom": "X.....X.X.......", "rim": "..X.x.....X.X.x.", "shaker": "x.x.x.x.x.x.x.x."},
    "keherwa": {"tom": "X.......x...X...", "block": "..x.X.X...X...x.", "shaker": "x...x...x...x..."},
    "calm": {"rim": "............x...", "shaker": "x...x...x...x..."},
    "none": {"shaker": "........"},
}
BASS: dict[str, tuple[tuple[float, int, float], ...]] = {
    # eighth of the bar, degree above the chord's root, length in eighths
    "house": ((1, 0, 0.9), (3, 0, 0.9), (5, 0, 0.9), (7, 2, 0.9)),
    "hop": ((0, 0, 2.5), (3.5, 0, 0.5), (4, 4, 1.5), (6, 2, 1)),
    "samba": (
        (0, 0, 1.4),
        (1.5, 4, 0.5),
        (2, 4, 1.4),
        (3.5, 0, 0.5),
        (4, 0, 1.4),
        (5.5, 4, 0.5),
        (6, 4, 1.4),
        (7.5, 0, 0.5),
    ),
    "bossa": ((0, 0, 2.5), (3, 4, 1), (4, 4, 2.5), (7, 0, 1)),
    "dembow": ((0, 0, 1.4), (1.5, 0, 1), (3, 2, 0.8), (4, 0, 1.4), (5.5, 4, 1), (7, 2, 0.8)),
    "break": ((0, 0, 0.9), (1, 0, 0.9), (3, 4, 1), (5, 0, 0.9), (6.5, 2, 1)),
    "waltz": ((0, 0, 1.8), (2, 2, 0.8), (4, 4, 0.8)),
    "march": ((0, 0, 1), (2, 4, 1), (4, 0, 1), (6, 4, 1)),
    "trap": ((0, 0, 3.2), (3.5, 0, 1.2), (5, 2, 2.6)),
    "afro": ((0, 0, 1.4), (3, 0, 0.9), (4, 2, 0.9), (5, 4, 1.4), (7, 2, 0.8)),
    "polka": ((0, 0, 0.9), (2, 4, 0.9), (4, 0, 0.9), (6, 4, 0.9)),
    "maqsum": ((0, 0, 1.4), (3, 0, 0.8), (4, 0, 1.8), (6, 4, 0.9)),
    "keherwa": ((0, 0, 3.6), (4, 4, 1.8), (6, 0, 1.8)),
    "calm": ((0, 0, 7.5),),
    "none": ((0, 0, 7.5),),
}
LEVELS = {"kick": 0.85, "snare": 0.5, "clap": 0.42, "hat": 0.2, "shaker": 0.13, "rim": 0.3, "block": 0.26, "tom": 0.5}
PLACES = {
    "kick": 0.0,
    "snare": 0.05,
    "clap": -0.1,
    "hat": 0.35,
    "shaker": -0.45,
    "rim": 0.4,
    "block": -0.35,
    "tom": 0.15,
}


def kit(seed: int) -> dict[str, Mono]:
    """Return one stroke of each drum, tuned a little differently for each seed."""
    rng = np.random.default_rng([seed, 3])
    tuned = float(rng.uniform(0.88, 1.15))
    return {
        "kick": _skin(46 * tuned, 120, 0.32, 0.045) + _click(rng, 0.32),
        "tom": _skin(92 * tuned, 70, 0.3, 0.07) + _click(rng, 0.3) * 0.5,
        "snare": _noise(rng, 0.2, 0.055, bright=False) * 0.8 + _padded(_skin(178 * tuned, 60, 0.11, 0.02), 0.2) * 0.7,
        "clap": _clap(rng),
        "hat": _noise(rng, 0.07, 0.014, bright=True),
        "shaker": _noise(rng, 0.09, 0.024, bright=True),
        "rim": _skin(820 * tuned, 300, 0.06, 0.008),
        "block": _skin(640 * tuned, 60, 0.12, 0.02),
    }


def _skin(hz: float, drop: float, seconds: float, decay: float) -> Mono:
    """Return a drum's skin: a tone that falls to ``hz`` from ``drop`` hertz above it."""
    at = np.arange(round(seconds * RATE)) / RATE
    turn = 2 * np.pi * (hz * at + drop * 0.028 * (1 - np.exp(-at / 0.028)))
    tone = np.sin(turn) * np.exp(-at / (decay * 2.2)) * np.clip((seconds - at) / 0.02, 0, 1)
    return tone.astype(np.float32)


def _noise(rng: np.random.Generator, seconds: float, decay: float, *, bright: bool) -> Mono:
    sound = rng.normal(0, 0.5, round(seconds * RATE) + 2)
    sound = sound[2:] - 2 * sound[1:-1] + sound[:-2] if bright else sound[1:-1] - 0.6 * sound[:-2]
    at = np.arange(len(sound)) / RATE
    return (sound * np.exp(-at / decay) * np.clip((seconds - at) / 0.01, 0, 1)).astype(np.float32)


def _click(rng: np.random.Generator, seconds: float) -> Mono:
    return _padded(_noise(rng, 0.012, 0.002, bright=False) * 0.35, seconds)


def _clap(rng: np.random.Generator) -> Mono:
    total = np.zeros(round(0.26 * RATE), dtype=np.float32)
    for late in (0.0, 0.011, 0.021, 0.03):
        hand = _noise(rng, 0.2, 0.008 if late < 0.03 else 0.05, bright=False)
        start = round(late * RATE)
        total[start : start + len(hand)] += hand * 0.6
    return total


def _padded(sound: Mono, seconds: float) -> Mono:
    made = np.zeros(round(seconds * RATE), dtype=np.float32)
    made[: len(sound)] = sound[: len(made)]
    return made
