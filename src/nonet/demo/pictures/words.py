"""Words: large ones, set in the product's own typeface, that move to the beat."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

import nonet
from nonet.demo.pictures.canvas import HEIGHT, WIDTH, Beat, Colours, Frame, Random, Style, ease, rgb

GAP = 70


def banners(*lines: str) -> Style:
    """Return a style: rows of words that pass each other, as wide as they like."""

    def draw(rng: Random, colours: Colours, beat: Beat) -> Iterator[Frame]:
        rows = [lines[n % len(lines)] for n in range(max(6, len(lines)))]
        tall = HEIGHT // len(rows)
        inks = [(colours[0], colours[1]), (colours[2], colours[0]), (colours[1], colours[3])]
        strips = [_strip(row, tall, *inks[n % 3]) for n, row in enumerate(rows)]
        starts = rng.uniform(0, 1, len(rows))
        for part, beats in beat.turns():
            picture = Image.new("RGB", (WIDTH, HEIGHT), rgb(colours[0]))
            pulse = ease(beats % 1.0) / max(1, beat.beats)
            for n, strip in enumerate(strips):
                way = int(beats) / max(1, beat.beats) + pulse if n % 2 else part
                long = strip.width - WIDTH
                at = int((starts[n] + (way if n % 2 else -way)) % 1.0 * long) % long
                picture.paste(strip.crop((at, 0, at + WIDTH, tall)), (0, n * tall))
            yield np.asarray(picture)

    return draw


def calls(*words: str) -> Style:
    """Return a style: one word a beat, as large as the frame takes it, the ground changing with each line."""

    def draw(rng: Random, colours: Colours, beat: Beat) -> Iterator[Frame]:
        del rng
        shapes = [_word(each, WIDTH - 40, 330) for each in words]
        for _, beats in beat.turns():
            number = int(beats)
            ground = rgb(colours[number // len(words) % len(colours)])
            ink = max((rgb(each) for each in colours), key=lambda one: _apart(one, ground))
            picture = Image.new("RGB", (WIDTH, HEIGHT), ground)
            shape = shapes[number % len(words)]
            grown = 0.78 + 0.22 * ease(min(1.0, (beats % 1.0) * 3.2)) + 0.03 * (beats % 1.0)
            size = max(1, round(shape.width * grown)), max(1, round(shape.height * grown))
            seen = shape.resize(size, Image.Resampling.BILINEAR)
            left, top = (WIDTH - size[0]) // 2, (HEIGHT - size[1]) // 2
            for step in (2, 1):
                for way in (-1, 1):
                    picture.paste(
                        _mixed(ground, ink, 0.46 - 0.18 * step), (left, top + way * step * (size[1] + 14)), seen
                    )
            picture.paste(ink, (left, top), seen)
            yield np.asarray(picture)

    return draw


def _apart(one: tuple[int, int, int], two: tuple[int, int, int]) -> float:
    return abs(sum((a - b) * weight for a, b, weight in zip(one, two, (0.3, 0.59, 0.11), strict=True)))


def _mixed(one: tuple[int, ...], two: tuple[int, ...], part: float) -> tuple[int, ...]:
    return tuple(round(a + (b - a) * part) for a, b in zip(one, two, strict=True))


def _strip(line: str, tall: int, ground: str, ink: str) -> Image.Image:
    """Set a line again and again on a strip whose right end repeats its left."""
    font = _font(round(tall * 0.92))
    shown = f"{line} "
    left, _, right, _ = font.getbbox(shown.upper())
    once = round(right - left) + GAP // 3
    times = -(-WIDTH * 2 // once)
    strip = Image.new("RGB", (once * times + WIDTH, tall), rgb(ground))
    draw = ImageDraw.Draw(strip)
    cap = font.getbbox("H")
    y = tall / 2 - (cap[1] + cap[3]) / 2
    for n in range(times + -(-WIDTH // once) + 1):
        draw.text((n * once, y), shown.upper(), font=font, fill=rgb(ink))
    return strip


def _word(word: str, wide: int, tall: int) -> Image.Image:
    """Set a word as a mask that fills a width, but is no taller than ``tall``."""
    font = _font(200)
    left, top, right, bottom = font.getbbox(word)
    scale = min(wide / (right - left), tall / (bottom - top))
    font = _font(max(8, int(200 * scale)))
    left, top, right, bottom = (round(each) for each in font.getbbox(word))
    mask = Image.new("L", (right - left + 4, bottom - top + 4))
    ImageDraw.Draw(mask).text((2 - left, 2 - top), word, font=font, fill=255)
    return mask


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Open the web app's typeface, at its heaviest and widest; without a built web app Pillow's own."""
    assets = Path(nonet.__file__).parent / "site" / "_app" / "immutable" / "assets"
    found = sorted(assets.glob("archivo-latin-wdth-normal.*.woff2"))
    if not found:
        return ImageFont.load_default(size)
    font = ImageFont.truetype(str(found[0]), size)
    axes = [axis["name"] for axis in font.get_variation_axes()]
    font.set_variation_by_axes([860 if b"eight" in name else 118 for name in axes])
    return font
