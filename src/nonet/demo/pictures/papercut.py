"""Paper: landscapes cut from card, ridge before ridge, passing at their own speeds under a low sun."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from nonet.demo.pictures.canvas import HEIGHT, TURN, WIDTH, Beat, Colours, Floats, Frame, Random, ramp, rgb

RIDGES = 6
LONG = WIDTH * 2
"""A ridge repeats after this many pixels, so that it may pass for ever."""


@dataclass(frozen=True, slots=True)
class Ridge:
    """A strip of card twice as wide as the picture and where its top stands; ``speed`` is strips a clip."""

    strip: Image.Image
    top: int
    speed: int


def papercut(rng: Random, colours: Colours, beat: Beat) -> Iterator[Frame]:
    """Draw the sky once and each ridge once; let them pass. Near ones carry firs, houses or reeds.

    The colours are the sky's two, the ridges' from far to near, and the light's.
    """
    sky = _sky(rng, colours)
    paint = ramp(colours[2:-1], RIDGES)
    grown = str(rng.choice(["firs", "houses", "reeds"]))
    ridges = [
        _ridge(rng, number, (int(paint[number][0]), int(paint[number][1]), int(paint[number][2])), grown, colours[-1])
        for number in range(RIDGES)
    ]
    birds = [(rng.uniform(0, 1), rng.uniform(0.12, 0.4), rng.uniform(5, 11)) for _ in range(6)]
    for part, beats in beat.turns():
        picture = sky.copy()
        _fly(picture, birds, part, beats, rgb(colours[-2]))
        for ridge in ridges:
            at = int(part * ridge.speed * LONG) % LONG
            seen = ridge.strip.crop((at, 0, at + WIDTH, ridge.strip.height))
            picture.paste(seen, (0, ridge.top), seen)
        yield np.asarray(picture)


def _sky(rng: Random, colours: Colours) -> Image.Image:
    rows = ramp((colours[0], colours[1]), HEIGHT)
    picture = Image.fromarray(np.broadcast_to(rows[:, None, :], (HEIGHT, WIDTH, 3)).copy())
    x, y, size = rng.uniform(0.25, 0.75) * WIDTH, rng.uniform(0.2, 0.34) * HEIGHT, rng.uniform(60, 105)
    light = rgb(colours[-1])
    for step in range(4):
        disc = Image.new("L", picture.size)
        reach = size * (1 + 0.55 * (3 - step))
        ImageDraw.Draw(disc).ellipse([x - reach, y - reach, x + reach, y + reach], fill=255 if step == 3 else 34)
        picture.paste(light, (0, 0), disc.filter(ImageFilter.GaussianBlur(0.8)))
    draw = ImageDraw.Draw(picture)
    for _ in range(46):
        at, top, wide = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT * 0.5), rng.uniform(0.6, 1.7)
        draw.ellipse([at - wide, top - wide, at + wide, top + wide], fill=light)
    return picture


def _heights(rng: Random, rough: float) -> Floats:
    """Return a skyline over a strip that joins itself, from 0 to 1."""
    along = np.linspace(0, TURN, LONG, endpoint=False)
    line = np.zeros(LONG)
    for swing in range(1, 14):
        line += np.sin(swing * along + rng.uniform(0, TURN)) * rng.uniform(0.4, 1) / swing**rough
    made: Floats = ((line - line.min()) / (line.max() - line.min())).astype(np.float32)
    return made


def _ridge(rng: Random, number: int, paint: tuple[int, int, int], grown: str, lit: str) -> Ridge:
    base = HEIGHT * (0.36 + 0.095 * number)
    swing = 150 - 12 * number
    margin = 130
    top = int(base) - margin
    height = HEIGHT - top
    line = margin + swing * (1 - _heights(rng, 1.5 if number < 3 else 1.25))  # far ridges are smoother
    mask = Image.new("L", (LONG, height))
    draw = ImageDraw.Draw(mask)
    draw.polygon(
        [(0, height), *((x, float(line[x])) for x in range(0, LONG, 2)), (LONG, float(line[0])), (LONG, height)],
        fill=255,
    )
    windows: list[tuple[float, float]] = []
    if number >= 2:  # nothing can be made out on the far ones
        windows = _grow(rng, draw, line, grown, 0.55 + 0.28 * number)
    card = Image.new("RGBA", (LONG, height), (*paint, 255))
    card.putalpha(mask.filter(ImageFilter.GaussianBlur(0.7)))
    light = ImageDraw.Draw(card)
    for x, y in windows:
        light.rectangle([x, y, x + 2.5 + number, y + 3.5 + number], fill=(*rgb(lit), 255))
    return Ridge(_shadowed(card, mask), top, 1 if number < 4 else 2)  # what is near passes faster


def _shadowed(card: Image.Image, mask: Image.Image) -> Image.Image:
    """Lay a soft shadow above the edge, upon whatever is behind."""
    shade = ImageChops.offset(mask.filter(ImageFilter.GaussianBlur(11)), 0, -7).point(lambda value: value * 0.42)
    strip = Image.merge("RGBA", [*Image.new("RGB", card.size, (8, 6, 24)).split(), shade])
    strip.alpha_composite(card)
    doubled = Image.new("RGBA", (LONG + WIDTH, card.height))
    doubled.paste(strip, (0, 0))
    doubled.paste(strip.crop((0, 0, WIDTH, card.height)), (LONG, 0))
    return doubled


def _grow(rng: Random, draw: ImageDraw.ImageDraw, line: Floats, grown: str, size: float) -> list[tuple[float, float]]:
    """Let something stand on the ridge; returns where windows are lit."""
    windows = []
    for _ in range({"firs": 34, "houses": 15, "reeds": 60}[grown]):
        x = float(rng.uniform(40, LONG - 60))
        foot = float(line[int(x)]) + 8
        if grown == "firs":
            tall, wide = rng.uniform(22, 48) * size, rng.uniform(7, 12) * size
            for step in range(3):
                up, out = foot - tall * (0.18 + 0.3 * step), wide * (1 - 0.24 * step)
                draw.polygon([(x - out, up), (x + out, up), (x, up - tall * 0.42)], fill=255)
            draw.rectangle([x - size, foot - tall * 0.2, x + size, foot + 6], fill=255)
        elif grown == "houses":
            wide, tall = rng.uniform(16, 30) * size, rng.uniform(18, 46) * size
            draw.rectangle([x, foot - tall, x + wide, foot + 14], fill=255)
            draw.polygon(
                [(x - 3, foot - tall), (x + wide + 3, foot - tall), (x + wide / 2, foot - tall - wide * 0.6)], fill=255
            )
            panes = [(x + wide * f, foot - tall * g) for f in (0.2, 0.6) for g in (0.85, 0.5)]
            windows += [pane for pane in panes if rng.random() < 0.6]  # some sleep
        else:
            tall, lean = rng.uniform(26, 60) * size, rng.uniform(-9, 9) * size
            draw.line(
                [(x, foot), (x + lean * 0.4, foot - tall * 0.6), (x + lean, foot - tall)],
                fill=255,
                width=max(1, round(size * 1.6)),
            )
            draw.ellipse(
                [x + lean - 2 * size, foot - tall - 10 * size, x + lean + 2 * size, foot - tall + 3 * size], fill=255
            )
    return windows


def _fly(
    picture: Image.Image, birds: list[tuple[float, float, float]], part: float, beats: float, ink: tuple[int, ...]
) -> None:
    draw = ImageDraw.Draw(picture)
    for number, (start, height, wide) in enumerate(birds):
        x = ((start + part) % 1.0) * (WIDTH + 80) - 40
        y = height * HEIGHT + 10 * np.sin(TURN * (part * 2 + start))
        wing = wide * 0.55 * np.sin(TURN * (beats / 2 + number / 6))
        draw.line([(x - wide, y - wing), (x, y), (x + wide, y - wing)], fill=ink, width=2, joint="curve")
