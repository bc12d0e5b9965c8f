"""Tiles: quarter circles on a wall. On each beat some of them turn."""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from nonet.demo.pictures.canvas import FPS, HEIGHT, Beat, Colours, Frame, Random, ease, rgb

SIDE = 108
ACROSS, DOWN = 5, 9
TURNS = 8
"""Pictures of a quarter turn."""


def tiles(rng: Random, colours: Colours, beat: Beat) -> Iterator[Frame]:
    """Lay a wall of tiles and turn a third of them on each beat; by the end each stands as at first."""
    kinds = [Tile(_tile(kind, pair)) for kind in range(5) for pair in _pairs(rng, colours)]
    chosen = rng.integers(0, len(kinds), (DOWN, ACROSS))
    facing = rng.integers(0, 4, (DOWN, ACROSS))
    beats = beat.beats
    plan = rng.random((beats, DOWN, ACROSS)) < 0.34  # a third
    owed = (-plan.sum(0)) % 4
    for row, column in np.argwhere(owed > 0):
        free = np.flatnonzero(~plan[:, row, column])[-int(owed[row, column]) :]
        plan[free, row, column] = True
    picture = np.zeros((DOWN * SIDE, ACROSS * SIDE, 3), dtype=np.uint8)
    for row, column in np.ndindex(DOWN, ACROSS):
        _lay(picture, kinds[chosen[row, column]], row, column, facing[row, column] * TURNS)
    settles = max(4, round(FPS * 60 / beat.bpm * 0.62))
    last = -1
    top = (DOWN * SIDE - HEIGHT) // 2
    for number in range(beat.frames):
        now = min(beats - 1, number * beats // beat.frames)
        first = -(-now * beat.frames // beats)
        if now != last:
            facing = (facing + (plan[last] if last >= 0 else 0)) % 4
            last = now
        way = round(ease((number - first + 1) / settles) * TURNS)
        for row, column in np.argwhere(plan[now]):
            _lay(picture, kinds[chosen[row, column]], row, column, (facing[row, column] * TURNS + way) % (4 * TURNS))
        yield picture[top : top + HEIGHT].copy()


def _pairs(rng: Random, colours: Colours) -> list[tuple[str, str, str]]:
    found = []
    for _ in range(4):
        one, two, three = rng.choice(len(colours), 3, replace=False)
        found.append((colours[one], colours[two], colours[three]))
    return found


def _tile(kind: int, colours: tuple[str, str, str]) -> Image.Image:
    size = SIDE * 4
    ground, shape, dot = (rgb(each) for each in colours)
    picture = Image.new("RGB", (size, size), ground)
    draw = ImageDraw.Draw(picture)
    if kind == 0:
        draw.ellipse([-size, -size, size, size], fill=shape)
        draw.ellipse([-size / 2, -size / 2, size / 2, size / 2], fill=dot)
    elif kind == 1:
        draw.ellipse([-size / 2, 0, size / 2, size], fill=shape)
        draw.ellipse([size / 2, 0, size * 1.5, size], fill=dot)
    elif kind == 2:
        for ring in range(4, 0, -1):
            reach = size * ring / 4
            draw.ellipse([-reach, -reach, reach, reach], fill=shape if ring % 2 == 0 else ground)
    elif kind == 3:
        draw.polygon([(0, 0), (size, 0), (0, size)], fill=shape)
        draw.ellipse([size * 0.56, size * 0.56, size * 0.88, size * 0.88], fill=dot)
    else:
        draw.ellipse([0, 0, size * 2, size * 2], fill=shape)
        draw.ellipse([size * 0.16, size * 0.16, size * 0.44, size * 0.44], fill=dot)
    return picture


class Tile:
    """A tile at 32 angles of a full turn, each painted when it is first seen."""

    def __init__(self, painted: Image.Image) -> None:
        self._painted = painted.resize((SIDE * 2, SIDE * 2), Image.Resampling.BOX)
        self._ground = painted.getpixel((painted.width // 2, painted.height // 2))
        self._seen: dict[int, Frame] = {}

    def at(self, angle: int) -> Frame:
        """Return the tile turned so far; what the turn leaves open is filled with the tile's own ground."""
        if angle not in self._seen:
            way = -90 * angle / TURNS
            turned = self._painted.rotate(way, Image.Resampling.BILINEAR, fillcolor=self._ground)
            self._seen[angle] = np.asarray(turned.resize((SIDE, SIDE), Image.Resampling.BOX))
        return self._seen[angle]


def _lay(picture: Frame, tile: Tile, row: int, column: int, angle: int) -> None:
    picture[row * SIDE : (row + 1) * SIDE, column * SIDE : (column + 1) * SIDE] = tile.at(int(angle))
