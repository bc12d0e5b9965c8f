"""Cells: small laws on a torus, and what lives by them. Trails fade slowly."""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageChops, ImageDraw

from nonet.demo.pictures.canvas import FPS, HEIGHT, WIDTH, Beat, Colours, Floats, Frame, Ints, Random, ramp

SIDE = 15
ACROSS, DOWN = WIDTH // SIDE, HEIGHT // SIDE
SETTLED = 14
"""Turns before anything is shown: the first are noise."""
Law = Iterator[Floats]


def life(rng: Random, colours: Colours, beat: Beat) -> Iterator[Frame]:
    """Play Conway's game, a turn on each half of a beat; who has died glows on."""
    return _shown(_life(rng), colours, beat, fade=0.86)


def spirals(rng: Random, colours: Colours, beat: Beat) -> Iterator[Frame]:
    """Let colours eat each other in a circle until they wind into spirals."""
    return _shown(_spirals(rng), colours, beat, fade=0.55)


def loom(rng: Random, colours: Colours, beat: Beat) -> Iterator[Frame]:
    """Weave downwards, each thread after the rule of the one above."""
    return _shown(_loom(rng), colours, beat, fade=0.7)


def _shown(law: Law, colours: Colours, beat: Beat, fade: float) -> Iterator[Frame]:
    """Light the cells up as the law says and let them fade; shown as rounded squares."""
    colour, mask = ramp(colours), _mask()
    glow = next(law)
    wanted = glow
    frames_a_turn = max(2, round(FPS * 60 / beat.bpm / 2))
    for number in range(beat.frames):
        if number % frames_a_turn == 0:
            wanted = next(law)
        glow = np.where(wanted > glow, glow + (wanted - glow) * 0.6, np.maximum(wanted, glow * fade)).astype(np.float32)
        cells = Image.fromarray(colour[(glow * 255).astype(np.uint8)])
        large = cells.resize((WIDTH, HEIGHT), Image.Resampling.NEAREST)
        yield np.asarray(ImageChops.multiply(large, mask))


def _mask() -> Image.Image:
    tile = Image.new("L", (SIDE * 4, SIDE * 4), 40)
    ImageDraw.Draw(tile).rounded_rectangle([4, 4, SIDE * 4 - 5, SIDE * 4 - 5], 18, fill=255)
    small = np.asarray(tile.resize((SIDE, SIDE), Image.Resampling.LANCZOS))
    return Image.fromarray(np.tile(small, (DOWN, ACROSS))).convert("RGB")


def _around(alive: Floats) -> Floats:
    rows = alive + np.roll(alive, 1, 0) + np.roll(alive, -1, 0)
    total: Floats = rows + np.roll(rows, 1, 1) + np.roll(rows, -1, 1)
    return total


def _life(rng: Random) -> Law:
    half = (rng.random((DOWN, ACROSS // 2)) < 0.34).astype(np.float32)
    alive = np.concatenate([half, half[:, ::-1]], 1)
    for turn in range(10_000):
        if turn > SETTLED:
            yield alive
        near = _around(alive)
        alive = ((near == 3) | ((alive == 1) & (near == 4))).astype(np.float32)  # B3/S23
        if alive.mean() < 0.05:
            more = (rng.random((DOWN, ACROSS // 2)) < 0.22).astype(np.float32)
            alive = np.maximum(alive, np.concatenate([more, more[:, ::-1]], 1))


def _spirals(rng: Random) -> Law:
    states = 10
    now = rng.integers(0, states, (DOWN, ACROSS))
    for _ in range(150):
        now = _eaten(now, states)
    while True:
        yield (np.abs(now / states * 2 - 1)).astype(np.float32)
        now = _eaten(now, states)


def _eaten(now: Ints, states: int) -> Ints:
    after = (now + 1) % states
    near = [np.roll(now, way, axis) == after for axis in (0, 1) for way in (-1, 1)]
    return np.where(np.logical_or.reduce(near), after, now)


def _loom(rng: Random) -> Law:
    rule = int(rng.choice([30, 90, 105, 150, 110]))
    line = np.zeros(ACROSS, dtype=np.int64)
    line[[ACROSS // 2 - 1, ACROSS // 2]] = 1
    cloth = np.zeros((DOWN, ACROSS), dtype=np.float32)
    for number in range(10_000):
        code = np.roll(line, 1) * 4 + line * 2 + np.roll(line, -1)
        line = (rule >> code) & 1
        line = line | line[::-1]
        if not line.any() or line.all():
            line[int(rng.integers(0, ACROSS))] ^= 1
        cloth = np.roll(cloth, 1, 0)
        cloth[0] = line * (0.55 + 0.45 * np.sin(number / 5) ** 2)
        if number > DOWN:
            yield cloth
