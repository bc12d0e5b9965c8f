"""What every style draws with: colours mixed as eyes see them, grids, noise, and the beat of the music."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Frame = npt.NDArray[np.uint8]
"""A picture: height, width, and red, green, blue."""
Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]
Random = np.random.Generator
Colours = tuple[str, ...]
"""Colours as ``#rrggbb``, from the ground to the brightest."""

FPS = 24
WIDTH, HEIGHT = 540, 960
TURN = 2 * np.pi


@dataclass(frozen=True, slots=True)
class Beat:
    """How long a clip is, and the pulse it moves to. ``seconds`` is a whole number of beats."""

    seconds: float
    bpm: float

    @property
    def frames(self) -> int:
        """How many frames the clip has."""
        return round(self.seconds * FPS)

    @property
    def beats(self) -> int:
        """How many beats the clip has."""
        return max(1, round(self.seconds * self.bpm / 60))

    def turns(self) -> Iterator[tuple[float, float]]:
        """Yield for each frame how much of the clip has passed, from 0 to 1, and the beats that have."""
        for number in range(self.frames):
            part = number / self.frames
            yield part, part * self.beats


Style = Callable[[Random, Colours, Beat], Iterator[Frame]]


def rgb(colour: str) -> tuple[int, int, int]:
    """Read ``#rrggbb``."""
    number = int(colour[1:], 16)
    return number >> 16, (number >> 8) & 255, number & 255


def ramp(colours: Colours, steps: int = 256, *, closed: bool = False) -> Frame:
    """Mix colours into ``steps`` of them, even to the eye (OKLab); ``closed`` leads back to the first."""
    stops = [*colours, colours[0]] if closed else list(colours)
    known = _oklab(np.array([rgb(each) for each in stops], dtype=np.float64))
    places = np.linspace(0, len(stops) - 1, steps, endpoint=not closed)
    mixed = np.stack([np.interp(places, np.arange(len(stops)), known[:, part]) for part in range(3)], axis=1)
    return _from_oklab(mixed)


_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
"""Björn Ottosson's matrices of OKLab."""


def _oklab(colours: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    part = colours / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    mixed: npt.NDArray[np.float64] = np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T
    return mixed


def _from_oklab(lab: npt.NDArray[np.float64]) -> Frame:
    linear = np.clip(((lab @ np.linalg.inv(_TO_LAB).T) ** 3) @ np.linalg.inv(_TO_LMS).T, 0, 1)
    part = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.clip(part * 255 + 0.5, 0, 255).astype(np.uint8)


def grid(width: int, height: int) -> tuple[Floats, Floats]:
    """Return x and y of every pixel: x from -1 to 1, y in the same measure, the middle at 0."""
    across = np.linspace(-1, 1, width, dtype=np.float32)
    down = np.linspace(-1, 1, height, dtype=np.float32) * np.float32(height / width)
    x, y = np.meshgrid(across, down)
    return x, y


def ease(part: float) -> float:
    """Bend a way from 0 to 1 so that it begins and ends gently."""
    part = min(1.0, max(0.0, part))
    return part * part * (3 - 2 * part)


def strike(beats: float, sharpness: float = 5.0) -> float:
    """Return 1 on each beat, falling towards 0 until the next."""
    return float(np.exp(-sharpness * (beats % 1.0)))
