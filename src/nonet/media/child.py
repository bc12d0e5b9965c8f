"""Runs ffmpeg and ffprobe in limited child processes that cannot outlive us. Knows nothing of videos.

Each child starts through ``launch.py``: niced, with its own limits of memory, CPU and file size, killed by the kernel
when this process dies, and on Linux fenced by Landlock to the files it was given and no network at all.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from nonet.media import tools

Progress = Callable[[float], None]
"""Told 0..1 about twice a second, on the event loop."""

LAUNCH = Path(__file__).with_name("launch.py")
TAIL_BYTES = 8192
CPU_MARGIN_S = 0.1  # the kernel counts in ticks
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use before the kernel or we end it."""

    memory_mb: int = 6144  # of addresses, not of memory touched
    cpu_s: int = 600
    wall_s: float = 1800
    file_mb: int = 16384  # of one file it writes
    output_mb: int = 64  # of standard output, kept in memory
    idle: bool = True  # runs only when nothing else wants the core; else niced


@dataclass(frozen=True, slots=True)
class Done:
    """A child that ended well: its standard output, the end of its standard error, and what it cost."""

    stdout: bytes
    stderr: str
    cpu_s: float


class ToolError(RuntimeError):
    """A child ended badly; a negative ``returncode`` is the signal that ended it."""

    def __init__(self, program: str, returncode: int, stderr: str) -> None:
        self.returncode = returncode
        self.stderr = stderr
        last = stderr.strip().splitlines()[-1:] or ["without a word"]
        super().__init__(f"{program} ended with {returncode}: {last[0]}")


class ToolTimeoutError(ToolError):
    """A child used up its CPU or wall time and was ended."""


class ToolOutputError(ToolError):
    """A child wrote more to standard output than it may."""


async def ffmpeg(
    *args: str | Path,
    limits: Limits,
    reads: Sequence[Path] = (),
    writes: Path | None = None,
    progress: Progress | None = None,
    duration_s: float = 0,
) -> Done:
    """Run ffmpeg with these arguments; with ``progress`` its standard output is the progress over ``duration_s``."""
    report = ("-progress", "pipe:1", "-stats_period", "0.5") if progress else ()
    base = (tools.ffmpeg(), "-hide_banner", "-nostdin", "-nostats", "-loglevel", "warning", *report)
    return await run(
        (*base, *args), limits=limits, reads=reads, writes=writes, progress=progress, duration_s=duration_s
    )


async def ffprobe(*args: str | Path, limits: Limits, reads: Sequence[Path] = ()) -> Done:
    """Run ffprobe with these arguments."""
    return await run((tools.ffprobe(), "-hide_banner", "-loglevel", "error", *args), limits=limits, reads=reads)


async def run(
    args: Sequence[str | Path],
    *,
    limits: Limits,
    reads: Sequence[Path] = (),
    writes: Path | None = None,
    progress: Progress | None = None,
    duration_s: float = 0,
) -> Done:
    """Run a program to its end; kill it and its children when this task is cancelled or a limit is reached.

    ``reads`` are the files it may open; ``writes`` is the one folder it may write to, and where it runs.
    Raises ToolError, ToolTimeoutError and ToolOutputError.
    """
    name = Path(args[0]).name
    process = _spawn(args, limits, reads, writes)
    ended = asyncio.ensure_future(asyncio.to_thread(os.wait4, process.pid, 0))
    tail = _Tail()
    output = _Progress(progress, duration_s) if progress else _Kept(limits.output_mb * MIB)
    try:
        async with asyncio.timeout(limits.wall_s):
            await asyncio.gather(_drain(process, process.stdout, output), _drain(process, process.stderr, tail))
            _, status, usage = await asyncio.shield(ended)
    except TimeoutError:
        raise ToolTimeoutError(name, -signal.SIGKILL, tail.text) from None
    finally:
        await _end(process, ended)
    if output.full:
        raise ToolOutputError(name, -signal.SIGKILL, "it wrote too much")
    code = os.waitstatus_to_exitcode(status)
    cpu_s = usage.ru_utime + usage.ru_stime
    if code:
        kind = ToolTimeoutError if cpu_s >= limits.cpu_s - CPU_MARGIN_S else ToolError
        raise kind(name, code, tail.text)
    return Done(bytes(output.data), tail.text, cpu_s)


def _spawn(
    args: Sequence[str | Path], limits: Limits, reads: Sequence[Path], writes: Path | None
) -> "subprocess.Popen[bytes]":
    fence = [
        f"parent={os.getpid()}",
        f"memory={limits.memory_mb * MIB}",
        f"cpu={limits.cpu_s}",
        f"file={limits.file_mb * MIB}",
        f"idle={int(limits.idle)}",
        *(f"read={path.resolve()}" for path in reads),
        *([f"write={writes.resolve()}"] if writes else []),
    ]
    return subprocess.Popen(
        [sys.executable, "-I", "-S", LAUNCH, *fence, "--", *map(str, args)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=writes or "/",
        env={"PATH": os.defpath, "LC_ALL": "C", "AV_LOG_FORCE_NOCOLOR": "1"},
        start_new_session=True,
    )


async def _end(process: "subprocess.Popen[bytes]", ended: "asyncio.Future[Any]") -> None:
    """Leave no process behind, however often we are cancelled meanwhile."""
    cancelled = False
    while not ended.done():
        _kill(process)
        try:
            await asyncio.wait([ended])
        except asyncio.CancelledError:
            cancelled = True
    process.returncode = os.waitstatus_to_exitcode(ended.result()[1])
    if cancelled:
        raise asyncio.CancelledError


def _kill(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


async def _drain(process: "subprocess.Popen[bytes]", pipe: IO[bytes] | None, into: "_Kept") -> None:
    """Read a pipe to its end, and close it once.

    uvloop's reader of pipes closes its number twice, and by then that may be a file which another thread has opened.
    """
    assert pipe is not None  # noqa: S101 - both were asked for
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    os.set_blocking(pipe.fileno(), False)
    loop.add_reader(pipe.fileno(), ready.set)
    try:
        while True:
            await ready.wait()
            ready.clear()
            with suppress(BlockingIOError):
                chunk = os.read(pipe.fileno(), 65536)
                if not chunk:
                    return
                into.feed(chunk)
            if into.full:
                _kill(process)
                return
    finally:
        loop.remove_reader(pipe.fileno())
        pipe.close()


class _Kept:
    """Keeps all of an output, up to a bound."""

    def __init__(self, most: int) -> None:
        self.data = bytearray()
        self.most = most

    @property
    def full(self) -> bool:
        return len(self.data) > self.most

    def feed(self, chunk: bytes) -> None:
        self.data += chunk


class _Tail(_Kept):
    """Keeps the end of an output."""

    def __init__(self) -> None:
        super().__init__(TAIL_BYTES)

    @property
    def text(self) -> str:
        return bytes(self.data).decode("utf-8", "replace")

    def feed(self, chunk: bytes) -> None:
        self.data += chunk
        del self.data[: -self.most]


class _Progress(_Tail):
    """Reads ``-progress`` lines and tells how far the output has come."""

    def __init__(self, tell: Progress, duration_s: float) -> None:
        super().__init__()
        self.tell = tell
        self.duration_us = max(duration_s, 0.001) * 1e6

    def feed(self, chunk: bytes) -> None:
        *lines, rest = (bytes(self.data) + chunk).split(b"\n")
        self.data[:] = rest[-self.most :]
        for line in lines:
            key, _, value = line.partition(b"=")
            if key == b"out_time_us" and value.strip().isdigit():
                self.tell(min(int(value) / self.duration_us, 1.0))
