"""Where ffmpeg and ffprobe are, and whether they can do what the pipeline needs. Runs nothing but their self-description."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Tool:
    """A program the pipeline runs: where it stands, who chose it, what it calls itself; ``missing`` is what it can't do."""

    name: str
    path: Path | None
    origin: str  # "setting", "wheel", "path" or "" when nowhere
    version: str
    missing: tuple[str, ...]


def ffmpeg() -> Path:
    """Find ffmpeg: the setting, else the wheel's, else PATH's. Raises ToolMissingError."""
    raise AssertionError("written in the next commit")


def ffprobe() -> Path:
    """Find ffprobe: the setting, else the wheel's (its run bit set), else PATH's. Raises ToolMissingError."""
    raise AssertionError("written in the next commit")


def inspect() -> tuple[Tool, ...]:
    """Describe both programs for ``nonet doctor``: each with the encoders, filters, ... it lacks. Blocks about 0.1 s."""
    raise AssertionError("written in the next commit")


class ToolMissingError(RuntimeError):
    """No ffmpeg or ffprobe stands anywhere the settings allow."""
