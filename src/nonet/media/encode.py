"""Makes renditions: the first that plays, then all others in one ffmpeg. Writes files into a folder; knows no asset, no step."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nonet.media import child
from nonet.media.plan import Plan
from nonet.media.sound import Track
from nonet.media.source import Source


@dataclass(frozen=True, slots=True)
class Rendition:
    """One finished MP4 and its HLS playlist, both named by their content: ``540-<12 hex>.mp4`` and ``540-<12 hex>.m3u8``."""

    name: str  # of the rung
    file: str  # file name, not path
    playlist: str
    width: int
    height: int
    fps: float
    duration_ms: int
    size_bytes: int
    codecs: str  # RFC 6381, as CODECS wants it
    peak_bps: int  # of the costliest segment
    average_bps: int
    copied: bool
    gained: bool  # carries the track of ``sound.prepare``


async def first(
    path: Path,
    source: Source,
    plan: Plan,
    folder: Path,
    *,
    track: Track | None,
    progress: child.Progress | None = None,
) -> tuple[Rendition, ...]:
    """Write the first playable: the remux of a copyable source, else the smallest size alone.

    ``track`` is needed unless ``plan.copies_audio`` or there is no audio; without it an encoded video is silent.
    """
    raise AssertionError("written in the next commit")


async def rest(
    path: Path,
    source: Source,
    plan: Plan,
    folder: Path,
    *,
    track: Track | None,
    progress: child.Progress | None = None,
) -> tuple[Rendition, ...]:
    """Write every other size in one ffmpeg; under a copied source also the copy again, with the gained track, if that differs.

    A rendition with the name of one made before replaces it in the master playlist.
    """
    raise AssertionError("written in the next commit")


def master(renditions: Sequence[Rendition], folder: Path) -> str:
    """Write the master playlist of these renditions into ``folder``, smallest first, and return its name."""
    raise AssertionError("written in the next commit")


async def check(renditions: Sequence[Rendition], folder: Path) -> None:
    """Read the finished files and raise BrokenRenditionError unless boxes, durations and playlists agree and the smallest decodes."""
    raise AssertionError("written in the next commit")


async def stands_in(path: Path, source: Source, rendition: Path, audio: Path | None) -> bool:
    """Tell whether rendition and kept audio hold every packet of the upload, so that the upload itself need not be kept."""
    raise AssertionError("written in the next commit")


def dump(rendition: Rendition) -> dict[str, Any]:
    """Shape a rendition as JSON for a row; ``load`` reads it back equal."""
    raise AssertionError("written in the next commit")


def load(shaped: dict[str, Any]) -> Rendition:
    """Read a rendition back from a row."""
    raise AssertionError("written in the next commit")


class BrokenRenditionError(RuntimeError):
    """A file we made doesn't hold what its plan says."""
