"""The one audio track of a video: measured once, set to -14 LUFS by a linear gain, encoded once, laid into every rendition."""

from dataclasses import dataclass
from pathlib import Path

from nonet.media import child
from nonet.media.source import Source


@dataclass(frozen=True, slots=True)
class Track:
    """What became of the sound. ``path`` is an MP4 of AAC 48 kHz stereo that starts with the picture and is never published."""

    path: Path
    loudness_lufs: float | None  # of the source; None is silence
    peak_dbtp: float | None
    gain_db: float  # 0 for silence
    waveform: tuple[int, ...]  # 64 values of 0..255
    cpu_s: float


async def prepare(path: Path, source: Source, folder: Path, *, progress: child.Progress | None = None) -> Track:
    """Measure the source's audio and write the track, gained, into ``folder``. The source must have audio.

    Again with the same ``folder`` it overwrites its own file. Raises ToolError when the audio can't be decoded at all.
    """
    raise AssertionError("written in the next commit")


async def keep_source(path: Path, source: Source, folder: Path) -> Path:
    """Write the source's audio packets, unchanged, to ``source-audio-<hash>.mp4`` in ``folder`` and return it."""
    raise AssertionError("written in the next commit")
