"""The clips of the demo, read from ``clips.toml``: who shows what, how it looks and sounds."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np

from nonet.demo import music
from nonet.demo.music import Song
from nonet.demo.pictures import styles
from nonet.demo.pictures.canvas import Beat, Colours, Frame


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip before it is made; ``by`` is a handle, ``seed`` decides everything that is left to chance."""

    name: str
    by: str
    style: str
    colours: Colours
    seed: int
    caption: str
    language: str
    alt_text: str
    song: Song
    words: tuple[str, ...] = ()


@cache
def read(name: str) -> dict[str, Any]:
    """Read one of the tables that stand beside this module."""
    with (resources.files("nonet.demo") / name).open("rb") as file:
        return tomllib.load(file)


@cache
def every() -> tuple[Clip, ...]:
    """Return the clips in the order in which they appear."""
    table = read("clips.toml")
    return tuple(_clip(row, table["colours"]) for row in table["clip"])


def _clip(row: dict[str, Any], colours: dict[str, list[str]]) -> Clip:
    known = {
        "colours": tuple(colours[row["colours"]]),
        "words": tuple(row.get("words", ())),
        "song": Song(**row["song"], seed=row["seed"]),
    }
    return Clip(**{**row, **known})


def frames(clip: Clip) -> Iterator[Frame]:
    """Yield the clip's pictures, ``canvas.FPS`` a second, all of one size whose shape is 9:16."""
    draw = styles.find(clip.style, clip.words)
    return draw(np.random.default_rng(clip.seed), clip.colours, Beat(clip.song.seconds, clip.song.bpm))


def sound(clip: Clip) -> music.Stereo:
    """Return the clip's music."""
    return music.play(clip.song)
