"""Rain: a city behind a wet window, its lights out of focus, upside down in every drop."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from nonet.demo.pictures.canvas import HEIGHT, TURN, WIDTH, Beat, Colours, Frame, Random, ramp, rgb

LENS = 5
"""A drop shows this many times its own size of the street."""


@dataclass(slots=True)
class Drop:
    """A drop that runs down; ``speed`` is heights of the window a clip."""

    x: float
    start: float
    speed: int
    size: int
    sway: float


def rain(rng: Random, colours: Colours, beat: Beat) -> Iterator[Frame]:
    """Blur the lights, cover them with resting drops, and let some run down and wipe a path."""
    street = _street(rng, colours)
    small = street.resize((WIDTH // LENS, HEIGHT // LENS), Image.Resampling.BOX).transpose(Image.Transpose.ROTATE_180)
    window = street.filter(ImageFilter.GaussianBlur(3))
    for _ in range(720):
        size = int(rng.gamma(1.8, 2.2)) + 3
        at = float(rng.uniform(0, WIDTH)), float(rng.uniform(0, HEIGHT))
        _put(window, small, at, min(size, 19), 1.0)
    clear = street.filter(ImageFilter.GaussianBlur(2))
    drops = [
        Drop(
            float(rng.uniform(20, WIDTH - 20)),
            float(rng.random()),
            int(rng.choice([1, 1, 1, 2])),
            int(rng.integers(15, 30)),
            float(rng.uniform(2, 7)),
        )
        for _ in range(15)
    ]
    for part, _ in beat.turns():
        picture = window.copy()
        for drop in drops:
            _run(picture, clear, small, drop, part)
        yield np.asarray(picture)


def _street(rng: Random, colours: Colours) -> Image.Image:
    rows = ramp((colours[0], colours[1], colours[0]), HEIGHT)
    picture = Image.fromarray(np.broadcast_to(rows[:, None, :], (HEIGHT, WIDTH, 3)).copy())
    for number in range(64):
        depth = number / 64
        reach = rng.uniform(14, 30) + 44 * depth * rng.random()
        x, y = rng.uniform(0, WIDTH), HEIGHT * (0.5 + 0.2 * rng.normal())
        disc = Image.new("L", picture.size)
        draw = ImageDraw.Draw(disc)
        strength = int(rng.uniform(70, 190))
        draw.ellipse(
            [x - reach, y - reach, x + reach, y + reach], fill=strength, outline=min(255, strength + 50), width=3
        )
        picture.paste(
            rgb(colours[2 + int(rng.integers(0, len(colours) - 2))]), (0, 0), disc.filter(ImageFilter.GaussianBlur(1.6))
        )
    return picture


def _put(picture: Image.Image, small: Image.Image, at: tuple[float, float], size: int, tall: float) -> None:
    """Put a drop on the window: the street turned over in it, dark at its upper edge, a glint at the lower."""
    x, y = at
    high = round(size * tall)
    across = min(max(0, int((WIDTH - x) / LENS) - size // 2), small.width - size)
    down = min(max(0, int((HEIGHT - y) / LENS) - high // 2), small.height - high)
    shape, shade, glint = _shape(size, high)
    seen = small.crop((across, down, across + size, down + high))
    seen.paste((4, 6, 16), (0, 0), shade)
    seen.paste((255, 255, 255), (0, 0), glint)
    picture.paste(seen, (round(x) - size // 2, round(y) - high // 2), shape)


_shapes: dict[tuple[int, int], tuple[Image.Image, Image.Image, Image.Image]] = {}


def _shape(wide: int, high: int) -> tuple[Image.Image, Image.Image, Image.Image]:
    if (wide, high) not in _shapes:
        y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
        x, y = (x + 0.5) / wide * 2 - 1, (y + 0.5) / high * 2 - 1
        far = np.hypot(x, y)
        inside = np.clip((1 - far) * wide / 2, 0, 1)
        shade = np.clip(far**3 * (0.25 - 0.75 * y), 0, 0.85)
        glint = np.clip(1 - np.hypot(x + 0.3, y + 0.42) * 3.4, 0, 1) * 0.9 + np.clip(far**4 * y, 0, 1) * 0.3
        _shapes[wide, high] = tuple(
            Image.fromarray((each * 255).astype(np.uint8)) for each in (inside, shade, np.clip(glint, 0, 1))
        )  # type: ignore[assignment]
    return _shapes[wide, high]


def _run(picture: Image.Image, clear: Image.Image, small: Image.Image, drop: Drop, part: float) -> None:
    """Let a drop run by fits and starts: the path behind it is clear, and closes from above."""
    way = (drop.start + part * drop.speed) % 1.0
    way += 0.022 * np.sin(TURN * 5 * way) * drop.speed
    span = HEIGHT + 320
    y = way * span - 80
    x = drop.x + drop.sway * np.sin(way * 17 + drop.start * 9)
    trail = min(240, int(150 + 90 * drop.start))
    box = (
        round(x) - drop.size // 3,
        max(0, round(y) - trail),
        round(x) + drop.size // 3,
        max(0, min(HEIGHT, round(y))),
    )
    if box[3] > box[1]:
        wide, high = box[2] - box[0], box[3] - box[1]
        fade = np.clip(np.linspace(-0.2, 1, high), 0, 1)[:, None] * np.clip(
            1.3 - np.abs(np.linspace(-1.3, 1.3, wide)), 0, 1
        )
        picture.paste(clear.crop(box), box[:2], Image.fromarray((fade * 235).astype(np.uint8)))
    for bead in range(3):
        at = x + 2 * np.sin(bead * 3 + drop.start * 20), y - trail * (0.35 + 0.27 * bead)
        _put(picture, small, at, 9 - 2 * bead, 1.1)
    _put(picture, small, (x, y), drop.size, 1.25)
