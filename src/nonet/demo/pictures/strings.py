"""Strings: ribbons of threads that swing, photographed with an open shutter."""

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageFilter

from nonet.demo.pictures.canvas import HEIGHT, TURN, WIDTH, Beat, Colours, Floats, Frame, Random, ramp, rgb, strike

SIZE = 270, 480
POINTS, THREADS = 1200, 10


def strings(rng: Random, colours: Colours, beat: Beat) -> Iterator[Frame]:
    """Draw ribbons, each of threads that lag a little behind each other; the light that falls on a pixel adds up."""
    ground = (np.array(rgb(colours[0])) / 255).astype(np.float32)
    lights = ramp(colours[1:], 3).astype(np.float32) / 255
    way = np.linspace(0, TURN, POINTS, endpoint=False, dtype=np.float32)[None, :]
    thread = np.linspace(0, 1, THREADS, dtype=np.float32)[:, None]
    swings = [[int(each) for each in rng.permutation([1, 1, 2])] for _ in lights]
    phases = rng.uniform(0, TURN, (len(lights), 4))
    width = rng.uniform(0.5, 1.1, len(lights))
    for part, beats in beat.turns():
        turn = TURN * part
        picture = np.zeros((SIZE[1], SIZE[0], 3), dtype=np.float32)
        for n, light in enumerate(lights):
            p, q, r, s = (float(each) for each in phases[n])
            lag = thread * (float(width[n]) * (1 + 0.4 * math.sin(turn + s)))
            x = 0.55 * np.sin(swings[n][0] * way + p + turn + lag) + 0.26 * np.sin(way * 2 + r - turn + 1.7 * lag)
            y = 0.56 * np.cos(swings[n][1] * way + q - turn) + 0.24 * np.cos(way * 3 + s + turn - lag)
            fallen = _fallen(x.astype(np.float32), y.astype(np.float32))
            picture += fallen[..., None] * light * (1 + 0.6 * strike(beats + n / 3))
        yield _developed(picture, ground)


def _fallen(x: Floats, y: Floats) -> Floats:
    """Count the points on each pixel."""
    width, height = SIZE
    column = ((x * 0.5 + 0.5) * (width - 2)).astype(np.int32)
    row = ((y * 0.5 + 0.5) * (height - 2)).astype(np.int32)
    fallen = np.bincount((row * width + column).ravel(), minlength=width * height)
    return fallen.reshape(height, width).astype(np.float32)


def _developed(picture: Floats, ground: Floats) -> Frame:
    """Add a halo and the paper's colour, and let brightness saturate as film does."""
    lit = np.clip(ground * 170 + np.sqrt(picture) * 86, 0, 255).astype(np.uint8)
    sharp = Image.fromarray(lit).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    halo = sharp.resize((90, 160), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(2.5))
    glow = np.asarray(halo.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR))
    dark = (255 - np.asarray(sharp)).astype(np.uint16) * (255 - np.minimum(glow, 127) * 2)
    made: Frame = (255 - (dark >> 8)).astype(np.uint8)
    return made
