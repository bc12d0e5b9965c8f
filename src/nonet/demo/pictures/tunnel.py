"""Tunnel: rings that come out of the dark and turn as they come."""

from collections.abc import Iterator

import numpy as np

from nonet.demo.pictures.canvas import TURN, Beat, Colours, Frame, Random, grid, ramp

SIZE = 360, 640
STEPS = 1024


def tunnel(rng: Random, colours: Colours, beat: Beat) -> Iterator[Frame]:
    """Paint by the logarithm of the distance, bent by the angle into petals, a spiral or rounded squares."""
    x, y = grid(*SIZE)
    petals = int(rng.integers(3, 8))
    arms = int(rng.integers(0, 4))
    corner = float(rng.choice([2.0, 2.0, 3.5]))
    radius = (np.abs(x) ** corner + np.abs(y) ** corner) ** (1 / corner) + 1e-3
    angle = np.arctan2(y, x)
    bent = np.log(radius) * (1.5 + 0.1 * petals)
    wave = np.cos(petals * angle)
    colour = ramp(colours, STEPS, closed=True).astype(np.float32)
    edge = np.abs((np.arange(STEPS) * 8 / STEPS) % 1.0 - 0.5) * 2
    colour *= (0.72 + 0.28 * edge)[:, None]
    painted = np.clip(colour, 0, 255).astype(np.uint8)
    depth = np.clip(radius * 2.2, 0.12, 1.0)
    shade = (depth * 256).astype(np.uint16)[..., None]
    rings = (bent * STEPS + arms * angle / TURN * STEPS).astype(np.int32)
    swing = (wave * STEPS * 0.11).astype(np.float32)
    loops = max(1, round(beat.beats / 8))
    for part, _ in beat.turns():
        place = rings + (swing * np.sin(TURN * part)).astype(np.int32) - int(part * STEPS * loops)
        yield ((painted[place & (STEPS - 1)] * shade) >> 8).astype(np.uint8)
