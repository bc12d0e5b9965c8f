"""Creatures: nobody has seen them before. They are sixteen pixels wide and like to dance."""

from collections.abc import Iterator

import numpy as np

from nonet.demo.pictures.canvas import TURN, Beat, Colours, Frame, Random, rgb, strike

SIZE = 90, 160
LARGER = 6
BODY = 16
STAGE = 100


def parade(rng: Random, colours: Colours, beat: Beat) -> Iterator[Frame]:
    """Let rows of creatures hop past each other, each row to its own side."""
    paint = [np.array(rgb(each), dtype=np.uint8) for each in colours]
    rows = [[_creature(rng, paint) for _ in range(4)] for _ in range(6)]
    step = 28
    for part, beats in beat.turns():
        picture = _floor(paint, beats, tall=27)
        for number, row in enumerate(rows):
            way = 1 if number % 2 else -1
            for place, poses in enumerate(row):
                x = int((place * step + way * part * step * 4) % (step * 4)) - step // 2
                hop = round(6 * abs(np.sin(np.pi * (beats + place / 2))))
                _put(picture, poses[int(beats * 2 + place) % 2], x, number * 27 + 9 - hop)
        yield _enlarged(picture)


def concert(rng: Random, colours: Colours, beat: Beat) -> Iterator[Frame]:
    """Put one large creature on a stage, its admirers before it, and stars that turn above."""
    paint = [np.array(rgb(each), dtype=np.uint8) for each in colours]
    star = [np.repeat(np.repeat(pose, 4, 0), 4, 1) for pose in _creature(rng, paint, tall=17)]
    crowd = [_creature(rng, paint) for _ in range(12)]
    sky = [(int(rng.integers(0, 90)), int(rng.integers(0, 84)), int(rng.integers(0, 4))) for _ in range(40)]
    width, height = SIZE
    for part, beats in beat.turns():
        picture = np.empty((height, width, 3), dtype=np.uint8)
        picture[:] = paint[0]
        _beams(picture, paint, part)
        for x, y, when in sky:
            if int(beats) % 4 != when:
                picture[y, (x + int(part * width)) % width] = paint[-1]
        picture[STAGE:] = paint[1]
        picture[STAGE : STAGE + 2] = paint[2]
        hop = round(9 * strike(beats, 4))
        _put(picture, star[int(beats) % 2], 45 - 32 + round(4 * np.sin(TURN * beats / 4)), STAGE - 72 + hop // 3)
        for place, poses in enumerate(crowd):
            line = place // 4
            x = (place % 4) * 24 - 2 + (line % 2) * 7
            _put(
                picture,
                poses[int(beats * 2 + place) % 2],
                x,
                STAGE + 6 + line * 16 - round(6 * abs(np.sin(np.pi * (beats + place / 3)))),
            )
        yield _enlarged(picture)


def _creature(rng: Random, paint: list[np.ndarray], tall: int = 16) -> list[np.ndarray]:
    """Grow a symmetrical body, eyes and two poses: red, green, blue and whether anything is there."""
    half = BODY // 2
    y, x = np.mgrid[0:tall, 0:half]
    middle = (half - x - 0.5) / half
    roundness = 1 - (middle**2 * rng.uniform(0.7, 1.3) + ((y - tall * 0.5) / (tall * 0.52)) ** 2)
    solid = roundness + rng.normal(0, 0.22, (tall, half)) > 0.08
    solid[:3] &= rng.random((3, half)) < 0.75
    skin, belly, glow = (
        paint[2 + int(rng.integers(0, len(paint) - 3))],
        paint[2 + int(rng.integers(0, len(paint) - 3))],
        paint[-1],
    )
    body = np.zeros((tall, half, 4), dtype=np.uint8)
    body[solid] = (*skin, 255)
    spots = solid & (rng.random((tall, half)) < 0.25) & (y > tall * 0.45)
    body[spots] = (*belly, 255)
    edge = solid & ~np.roll(solid, -1, 0)
    body[edge, :3] = body[edge, :3] // 2
    eye, wide = int(rng.integers(4, 6)), int(rng.integers(3, 5))
    body[eye : eye + 4, wide : wide + 3] = (*glow, 255)
    body[eye + 1 : eye + 3, wide + 1 : wide + 3] = (16, 12, 24, 255)
    mouth = int(rng.integers(10, 12))
    body[mouth, 5:8] = (16, 12, 24, 255)
    body[mouth - 1, 4] = (16, 12, 24, 255)
    up, down = body.copy(), body.copy()
    up[4:6, 0] = (*skin, 255)
    down[8:10, 0] = (*skin, 255)
    for pose, feet in ((up, 3), (down, 5)):
        pose[-2:, :] = 0
        pose[-2:, feet : feet + 2] = (*skin, 255)
        pose[-1, feet - 1 : feet + 2] = (*(skin // 2), 255)
    return [np.concatenate([pose, pose[:, ::-1]], 1) for pose in (up, down)]


def _put(picture: Frame, body: np.ndarray, x: int, y: int) -> None:
    tall, wide = body.shape[:2]
    left, top, right, bottom = max(0, x), max(0, y), min(picture.shape[1], x + wide), min(picture.shape[0], y + tall)
    if right <= left or bottom <= top:
        return
    part = body[top - y : bottom - y, left - x : right - x]
    there = part[..., 3] > 0
    picture[top:bottom, left:right][there] = part[there][:, :3]


def _floor(paint: list[np.ndarray], beats: float, tall: int) -> Frame:
    width, height = SIZE
    picture = np.empty((height, width, 3), dtype=np.uint8)
    band = (np.arange(height) // tall) % 2
    picture[:] = np.where(band[:, None, None] == 0, paint[0], paint[1])
    shift = int(beats * 4)
    dots = ((np.arange(width)[None, :] + shift * np.where(band, 1, -1)[:, None]) % 9 == 0) & (
        np.arange(height)[:, None] % tall == tall - 2
    )
    picture[dots] = paint[2]
    return picture


def _beams(picture: Frame, paint: list[np.ndarray], part: float) -> None:
    height, width = STAGE, SIZE[0]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    for number in range(4):
        lean = 0.5 * np.sin(TURN * (part * (1 + number % 2) + number / 4))
        near = np.abs(x - (12 + 22 * number) - lean * y) < 3 + y * 0.07
        picture[:height][near] = (picture[:height][near] // 2 + paint[2 + number % (len(paint) - 3)] // 3).astype(
            np.uint8
        )


def _enlarged(picture: Frame) -> Frame:
    return np.repeat(np.repeat(picture, LARGER, 0), LARGER, 1)
