"""Decodes what the pipeline made, as a player would, into numbers that tests compare."""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonet.media import tools

RATE = 48000


@dataclass(frozen=True, slots=True)
class Seen:
    """A whole video, decoded."""

    frames: NDArray[np.uint8]  # frame, row, column, red green blue
    sound: NDArray[np.float64]  # both channels, from -1 to 1, from the first picture on
    streams: dict[str, dict[str, Any]]

    def patch(self, corner: int, frame: int = 0) -> tuple[float, ...]:
        """Return the mean colour inside a corner's patch: above left, above right, below left, below right."""
        _, height, width, _ = self.frames.shape
        away, side = min(width, height) // 24, min(width, height) // 8
        x = width - away - side if corner % 2 else away
        y = height - away - side if corner // 2 else away
        inside = self.frames[frame, y : y + side, x : x + side]
        return tuple(float(v) for v in inside.reshape(-1, 3).mean(axis=0))

    def onset_s(self) -> float:
        """Return when something is heard first."""
        loud = np.flatnonzero(np.abs(self.sound).max(axis=1) > 0.01)
        return float(loud[0]) / RATE if len(loud) else -1


def decode(path: Path) -> Seen:
    """Decode a file whole; the least error fails."""
    described = streams(path)
    video = described["video"]
    with tempfile.TemporaryDirectory() as scratch:
        picture, sound = Path(scratch) / "picture", Path(scratch) / "sound"
        command: list[str | Path] = [tools.ffmpeg(), "-v", "error", "-xerror", "-threads", "2", "-i", path]
        command += ["-map", "0:v", "-vf", "format=rgb24", "-fps_mode", "passthrough", "-f", "rawvideo", picture]
        if "audio" in described:
            command += ["-map", "0:a", "-af", "aresample=async=1:first_pts=0", "-f", "f32le", "-ac", "2", sound]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert (done.returncode, done.stderr) == (0, ""), path.name
        frames = np.frombuffer(picture.read_bytes(), np.uint8).reshape(-1, video["height"], video["width"], 3)
        heard = np.frombuffer(sound.read_bytes(), np.float32) if sound.exists() else np.zeros(0)
    return Seen(frames, heard.reshape(-1, 2).astype(np.float64), described)


def streams(path: Path) -> dict[str, dict[str, Any]]:
    """Return what ffprobe says of a file's streams, by their kind; there is one of each at most."""
    command: list[str | Path] = [tools.ffprobe(), "-v", "error", "-show_streams", "-of", "json", path]
    found = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)["streams"]
    assert len({s["codec_type"] for s in found}) == len(found)
    return {s["codec_type"]: s for s in found}
