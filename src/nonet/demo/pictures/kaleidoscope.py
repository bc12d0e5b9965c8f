"""Kaleidoscope: scraps of coloured glass between mirrors."""

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from nonet.demo.pictures.canvas import TURN, Beat, Colours, Frame, Random, grid, rgb

SIZE = 405, 720
GLASS = 512


def kaleidoscope(rng: Random, colours: Colours, beat: Beat) -> Iterator[Frame]:
    """Turn a picture of glass behind mirrors that stand at the same angle all around."""
    glass = _glass(rng, colours)
    mirrors = int(rng.integers(4, 8))
    x, y = grid(*SIZE)
    radius = np.hypot(x, y)
    angle = np.arctan2(y, x) + np.pi / 2
    fold = TURN / (2 * mirrors)
    folded = np.abs((angle % (2 * fold)) - fold)
    dim = np.clip(1.25 - 0.42 * radius, 0.3, 1)
    across, down = radius * np.cos(folded) * 150, radius * np.sin(folded) * 150
    shade = (dim * 256).astype(np.uint16)[..., None]
    phase = float(rng.uniform(0, TURN))
    for part, _ in beat.turns():
        turn = TURN * part
        cos, sin = math.cos(turn + phase), math.sin(turn + phase)
        u = (across * cos - down * sin + 90 * math.cos(turn)).astype(np.int32) & (GLASS - 1)
        v = (across * sin + down * cos + 90 * math.sin(turn)).astype(np.int32) & (GLASS - 1)
        yield ((glass[v, u] * shade) >> 8).astype(np.uint8)


def _glass(rng: Random, colours: Colours) -> Frame:
    """Paint scraps that join at the edges of the picture."""
    picture = Image.new("RGB", (GLASS * 2, GLASS * 2), rgb(colours[0]))
    for number in range(90):
        pane = Image.new("RGBA", picture.size)
        draw = ImageDraw.Draw(pane)
        size = float(rng.uniform(30, 150) * (1 - number / 160))
        corners = int(rng.integers(3, 6))
        colour = (*rgb(colours[int(rng.integers(0, len(colours)))]), int(rng.integers(120, 235)))
        at, turn = rng.uniform(0, GLASS * 2, 2), rng.uniform(0, TURN)
        for dx in (-GLASS * 2, 0, GLASS * 2):
            for dy in (-GLASS * 2, 0, GLASS * 2):
                middle = float(at[0] + dx), float(at[1] + dy)
                if not all(-2 * size < each < GLASS * 2 + 2 * size for each in middle):
                    continue
                if corners == 5:
                    draw.ellipse([each + way * size * 0.7 for way in (-1, 1) for each in middle], fill=colour)
                    draw.ellipse([each + way * size * 0.4 for way in (-1, 1) for each in middle], fill=(0, 0, 0, 0))
                else:
                    steps = [turn + TURN * n / corners for n in range(corners)]
                    draw.polygon(
                        [(middle[0] + size * np.cos(s), middle[1] + size * np.sin(s)) for s in steps], fill=colour
                    )
        picture.paste(pane, (0, 0), pane)
    small = picture.filter(ImageFilter.GaussianBlur(1)).resize((GLASS, GLASS), Image.Resampling.LANCZOS)
    return np.asarray(small, dtype=np.uint16)
