"""Runs one ffmpeg or ffprobe at a time in a limited child process that cannot outlive us. Knows nothing of media.

The child starts through ``launch.py``: niced, with its own limits of memory, CPU and file size, killed by the kernel when
this process dies, and on Linux fenced by Landlock to the files it was given and to no network at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

Progress = Callable[[float], None]
"""Told 0..1 about twice a second, from the event loop."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use before the kernel or we end it."""

    memory_mb: int = 4096
    cpu_s: int = 600
    wall_s: float = 900
    file_mb: int = 8192
    output_mb: int = 64  # of standard output, kept in memory
    background: bool = True  # runs only when nothing else wants the core


@dataclass(frozen=True, slots=True)
class Done:
    """A child that ended well: what it wrote to standard output and the end of its standard error, and what it cost."""

    stdout: bytes
    stderr: str
    cpu_s: float
    wall_s: float


class ToolError(RuntimeError):
    """A child ended badly: ``returncode`` (negative: a signal) and ``stderr``, its last lines."""

    returncode: int
    stderr: str


class ToolTimeoutError(ToolError):
    """A child used up its CPU or wall time and was ended."""


async def run(
    args: Sequence[str | Path],
    *,
    limits: Limits,
    reads: Sequence[Path] = (),
    writes: Path | None = None,
    progress: Progress | None = None,
    duration_s: float = 0,
) -> Done:
    """Run a program to its end, or end it and its children when this task is cancelled.

    ``reads`` are the files it may open, ``writes`` the one folder it may write to (also where it runs).
    With ``progress`` and ``duration_s``, ``-progress`` is asked for and read. Raises ToolError, ToolTimeoutError.
    """
    raise AssertionError("written in the next commit")
