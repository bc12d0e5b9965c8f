"""The people of the demo, read from ``people.toml``: their names, their words, their pictures."""

import io
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from nonet.demo import clips
from nonet.demo.clips import Clip
from nonet.demo.pictures import styles
from nonet.demo.pictures.canvas import Beat

SMALL_PEOPLE, SMALL_CLIPS = 3, 4
SIDE = 512


@dataclass(frozen=True, slots=True)
class Persona:
    """Someone who doesn't exist."""

    handle: str
    name: str
    bio: str
    avatar: dict[str, Any]
    link: str = ""
    private: bool = False


@cache
def every() -> tuple[Persona, ...]:
    """Return all of them; the first one keeps the clock."""
    return tuple(Persona(**row) for row in clips.read("people.toml")["person"])


def cast(size: str) -> tuple[tuple[Persona, ...], tuple[Clip, ...]]:
    """Return who takes part in a demo of a size, and their clips."""
    if size == "full":
        return every(), clips.every()
    some = every()[:SMALL_PEOPLE]
    handles = {each.handle for each in some}
    return some, tuple(each for each in clips.every() if each.by in handles)[:SMALL_CLIPS]


def portrait(persona: Persona) -> bytes:
    """Draw a person's picture as PNG: one frame of a style they like, cut square."""
    asked = persona.avatar
    colours = tuple(clips.read("clips.toml")["colours"][asked["colours"]])
    frames = styles.find(asked["style"])(np.random.default_rng(asked["seed"]), colours, Beat(0.5, 120.0))
    picture = Image.fromarray(next(frames))
    side = picture.width
    top = round((picture.height - side) * 0.36)
    square = picture.crop((0, top, side, top + side)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    written = io.BytesIO()
    square.save(written, "PNG")
    return written.getvalue()
