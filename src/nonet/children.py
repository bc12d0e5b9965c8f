"""The supervisor's side of a role: a child process with a line to it, a lock that outlives us, and restarts.

It knows no HTTP and no database: what a role does is the role's business.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from nonet.core import lifeline, parent

STABLE_S = 30.0
BACKOFF_FIRST_S = 0.25
BACKOFF_MOST_S = 15.0
BACKOFF_WORKED_S = 2.0
LEFTOVER_S = 3.0
OUTPUT_MOST = 1024 * 1024
FILLER_STARTS = 3


class LeftoverError(Exception):
    """A process of an earlier start is still there and does not end."""


class Role:
    """One role: its process while it runs, how often it failed, when it starts again (monotonic seconds)."""

    def __init__(self, name: str, data_dir: Path) -> None:
        self.name = name
        self.process: subprocess.Popen[bytes] | None = None
        self.line: socket.socket | None = None
        self.ready = False
        self.failures = 0
        self.due_at = 0.0
        self._began_at = 0.0
        self._lock = data_dir / "run" / f"{name}.lock"
        self.output = data_dir / "logs" / f"{name}.out"

    def start(self, environment: dict[str, str]) -> None:
        """Start the role's process in a session of its own, so that Ctrl-C reaches it through us alone."""
        lock = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        line, theirs = socket.socketpair()
        try:
            if not lifeline.take(lock):
                raise LeftoverError(f"Another {self.name} role runs on this data folder.")
            os.ftruncate(lock, 0)
            with _output(self.output) as output:
                self.process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "nonet.role", self.name],
                    env=environment | {lifeline.ENVIRONMENT: f"{theirs.fileno()},{lock}"},
                    pass_fds=(theirs.fileno(), lock),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
        finally:
            theirs.close()
            os.close(lock)
        self.line, self.ready, self._began_at = line, False, time.monotonic()

    def hear(self) -> None:
        """Read what the role said: that it is ready, or nothing more for ever."""
        if self.line is not None and self.line.recv(16):
            self.ready = True
        elif self.line is not None:
            self.line.close()
            self.line = None

    def ended(self) -> int | None:
        """Return the code of a process that just ended, its own children ended too; None while it runs or rests."""
        if self.process is None or (code := self.process.poll()) is None:
            return None
        self.end_group()
        if self.line is not None:
            self.line.close()
        if time.monotonic() - self._began_at > STABLE_S:
            self.failures = 0
        # A role that worked was killed or met something rare; one that never did will not by being asked more often.
        most_s = BACKOFF_WORKED_S if self.ready else BACKOFF_MOST_S
        self.due_at = time.monotonic() + min(most_s, BACKOFF_FIRST_S * 2.0 ** min(self.failures, 10))
        self.failures += 1
        self.process, self.line, self.ready = None, None, False
        return code

    def running(self) -> bool:
        """Tell whether the role's process lives."""
        return self.process is not None and self.process.poll() is None

    def ask_to_end(self) -> None:
        """Send SIGTERM: finish what is in hand, give back what is leased, then end."""
        if self.process is not None and self.running():
            self.process.terminate()

    def end_group(self) -> None:
        """Kill whatever is left of the role's session, an encoder of a killed worker for one."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def end_leftover(self) -> None:
        """End the role of a supervisor that was killed; it ends by itself, and is killed when that takes too long."""
        kill_at = time.monotonic() + LEFTOVER_S
        while lifeline.held(self._lock):
            if time.monotonic() > kill_at + LEFTOVER_S:
                raise LeftoverError(f"The {self.name} role of an earlier start does not end.")
            if time.monotonic() > kill_at:
                with contextlib.suppress(ValueError, ProcessLookupError):
                    os.killpg(int(self._lock.read_text()), signal.SIGKILL)
            time.sleep(0.05)

    def last_words(self) -> str:
        """Return the end of what the role wrote outside its log: why it could not start."""
        try:
            return self.output.read_text(errors="replace")[-2000:].strip()
        except OSError:
            return ""


class Filler:
    """The child that fills a demo: it ends when all is there, and is started again a few times when it fails."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0

    def start(self, environment: dict[str, str]) -> None:
        """Start it; it shows on our terminal how far it is."""
        self._starts += 1
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "nonet.demo"],
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=parent.end_with_parent(signal.SIGTERM),  # noqa: PLW1509 - it only calls prctl
        )

    def failed(self) -> bool:
        """Tell whether it just ended before all was there, and may be started again."""
        if self._process is None or (code := self._process.poll()) is None:
            return False
        self._process = None
        return code != 0 and self._starts < FILLER_STARTS

    def end(self) -> None:
        """End it and what it runs; what it did is noted."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _output(path: Path) -> IO[bytes]:
    """Open the file for what a role writes before its log stands, or when it crashes; begun anew past a megabyte."""
    full = path.exists() and path.stat().st_size > OUTPUT_MOST
    return path.open("wb" if full else "ab")
