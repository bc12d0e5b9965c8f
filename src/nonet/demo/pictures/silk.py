"""Silk: folds of colour that flow through each other, lit from one side."""

import math
from collections.abc import Iterator

import numpy as np

from nonet.demo.pictures.canvas import TURN, Beat, Colours, Frame, Random, grid, ramp

SIZE = 216, 384
RELIEF = 5.5


def silk(rng: Random, colours: Colours, beat: Beat) -> Iterator[Frame]:
    """Draw waves bent by waves; the light comes from the slope."""
    x, y = grid(*SIZE)
    angle = float(rng.uniform(0, TURN))
    along = math.cos(angle) * x + math.sin(angle) * y
    across = -math.sin(angle) * x + math.cos(angle) * y
    a, b, c = (float(each) for each in rng.uniform(1.3, 2.2, 3))
    p, q, r = (float(each) for each in rng.uniform(0, TURN, 3))
    colour = ramp(colours, 512, closed=True).astype(np.float32)
    for part, _ in beat.turns():
        turn = TURN * part
        first = np.sin(a * across + 0.9 * math.sin(turn + p) + q) + 0.6 * np.sin(2.1 * b * along - turn + r)
        second = np.sin(c * along + 1.3 * first + turn)
        field = second + 0.45 * np.sin(2.3 * across + 1.9 * second - turn + p)
        slope = np.zeros_like(field)
        slope[:, 1:] = field[:, 1:] - field[:, :-1]
        slope[1:] += 0.7 * (field[1:] - field[:-1])
        slope[:, 0], slope[0] = slope[:, 1], slope[1]
        place = ((field * 0.21 + part) * 512).astype(np.int32) & 511
        light = np.clip(1 + RELIEF * slope, 0.35, 1.6)[..., None]
        yield np.clip(colour[place] * light, 0, 255).astype(np.uint8)
