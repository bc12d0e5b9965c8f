"""Contours: hills cut from coloured paper, sheet upon sheet, that rise and sink."""

from collections.abc import Iterator

import numpy as np
from PIL import Image

from nonet.demo.pictures.canvas import HEIGHT, TURN, WIDTH, Beat, Colours, Floats, Frame, Ints, Random, grid, ramp

COARSE = 68, 120
STEPS = 2048
HILLS = 9


def contours(rng: Random, colours: Colours, beat: Beat) -> Iterator[Frame]:
    """Let hills wander in circles and paint the land by its height, a shadow under each sheet's edge."""
    x, y = grid(*COARSE)
    sheets = _sheets(colours, 11)
    middle = rng.uniform((-1, -1.7), (1, 1.7), (HILLS, 2))
    reach, phase = rng.uniform(0.15, 0.45, HILLS), rng.uniform(0, TURN, HILLS)
    width, high = rng.uniform(0.35, 0.75, HILLS), rng.uniform(0.5, 1.0, HILLS) * rng.choice([1, 1, -0.8], HILLS)
    way = rng.choice([-1, 1], HILLS)
    for part, _ in beat.turns():
        field = np.zeros_like(x)
        for n in range(HILLS):
            turn = TURN * part * way[n] + phase[n]
            dx, dy = x - middle[n, 0] - reach[n] * np.cos(turn), y - middle[n, 1] - reach[n] * np.sin(turn)
            field += high[n] * np.exp(-(dx * dx + dy * dy) / (2 * width[n] ** 2))
        yield sheets[_fine(0.42 + 0.56 * np.tanh(field * 0.8))]


def _fine(field: Floats) -> Ints:
    large = Image.fromarray(field.astype(np.float32)).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    heights: Ints = np.clip(np.asarray(large) * STEPS, 0, STEPS - 1).astype(np.intp)
    return heights


def _sheets(colours: Colours, many: int) -> Frame:
    """Return a colour for each of STEPS heights: flat sheets, each a little darker where the next lies upon it."""
    flat = ramp(colours, many).astype(np.float32)
    height = np.arange(STEPS) / STEPS * many
    inside = height % 1.0
    shade = 1 - 0.42 * np.exp(-(1 - inside) * 9) + 0.16 * np.exp(-inside * 26)
    shade[height >= many - 1] = 1.0  # nothing lies upon the last
    made: Frame = np.clip(flat[height.astype(int)] * shade[:, None], 0, 255).astype(np.uint8)
    return made
