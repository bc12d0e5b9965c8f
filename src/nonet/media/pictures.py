"""The still and small pictures of a video: poster, preview, sprite, placeholder colour. Reads a source or a rendition."""

from dataclasses import dataclass
from pathlib import Path

from nonet.core.errors import Refusal
from nonet.media.source import Source


class PictureDark(Refusal):
    """Every frame looked at is nearly black; the poster was made all the same when one was asked for by time."""

    code = "picture_dark"
    sentence = "Cover failed: the frames are nearly black. Pick a frame."


@dataclass(frozen=True, slots=True)
class Poster:
    """A cover: ``poster-<12 hex>.jpg``, at most 720 on the short side, and the colour that stands there before it loads."""

    file: str
    at_ms: int
    width: int
    height: int
    placeholder: str  # "#rrggbb"


@dataclass(frozen=True, slots=True)
class Sprite:
    """Small frames in one JPEG, row by row: cell n shows the video at ``n * interval_ms``."""

    file: str
    columns: int
    rows: int
    interval_ms: int
    width: int  # of one cell
    height: int


async def poster(path: Path, source: Source, folder: Path, *, at_ms: int | None = None) -> Poster:
    """Write the poster from the frame at ``at_ms``, or from the best of a few. Raises PictureDark when none is fit."""
    raise AssertionError("written in the next commit")


async def preview(rendition: Path, duration_ms: int, folder: Path) -> str:
    """Write ``preview-<12 hex>.webp``, at most three silent seconds, small, from a finished rendition; return its name."""
    raise AssertionError("written in the next commit")


async def sprite(rendition: Path, duration_ms: int, folder: Path) -> Sprite:
    """Write the scrubber's sprite from the key frames of a finished rendition: at most 100 cells."""
    raise AssertionError("written in the next commit")
