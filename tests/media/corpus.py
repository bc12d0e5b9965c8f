"""Makes the videos that tests send: small, each from a recipe, kept in a cache by the recipe's hash."""

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from nonet.media import tools

PICTURE = "testsrc2=size={width}x{height}:rate={fps}:duration={seconds}"
TONE = "sine=frequency=440:sample_rate=48000:duration={seconds}"
H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "30")
AAC = ("-c:a", "aac", "-b:a", "96k", "-ac", "2")


def clip() -> Path:
    """Give a plain clip: 2 s, 270x480, 30 frames a second, H.264 and AAC in an MP4 that begins with its moov."""
    return encoded("mp4", *source(), *H264, *AAC, "-movflags", "+faststart")


def source(width: int = 270, height: int = 480, fps: float = 30, seconds: float = 2) -> tuple[str, ...]:
    """Return the inputs of a moving picture and a tone."""
    return (*picture(width, height, fps, seconds), "-f", "lavfi", "-i", TONE.format(seconds=seconds))


def picture(width: int = 270, height: int = 480, fps: float = 30, seconds: float = 2) -> tuple[str, ...]:
    """Return the input of a moving picture."""
    return ("-f", "lavfi", "-i", PICTURE.format(width=width, height=height, fps=fps, seconds=seconds))


def encoded(suffix: str, *args: str | Path) -> Path:
    """Give what ffmpeg makes of these arguments; they hold the inputs, which should themselves be of the corpus."""

    def write(made: Path) -> None:
        command = [tools.ffmpeg(), "-nostdin", "-loglevel", "error", *args, "-threads", "2", "-y", made]
        subprocess.run(command, check=True, capture_output=True, timeout=300)

    return kept(" ".join(map(str, args)), suffix, write)


def kept(recipe: str, suffix: str, write: Callable[[Path], object]) -> Path:
    """Give the file that ``write`` makes, from the cache when the same recipe was followed before."""
    folder = Path(os.environ.get("NONET_TEST_CACHE") or Path.home() / ".cache" / "nonet-tests")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(recipe.encode()).hexdigest()[:16]}.{suffix}"
    if not path.exists():
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            made = Path(scratch) / path.name
            write(made)
            made.replace(path)
    return path
