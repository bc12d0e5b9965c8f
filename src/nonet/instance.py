"""Which ``nonet up`` owns a data folder: one at a time, found by a lock that the kernel releases however it ends."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

HAND_OVER_S = 15.0
MOMENT_S = 1.0


class AlreadyRunningError(Exception):
    """Another ``nonet up`` holds this data folder; the text says where it listens."""


class Claim:
    """The lock on a data folder while we hold it, and what it tells others."""

    def __init__(self, file: IO[str], address: str) -> None:
        self._file = file
        self._address = address
        self.tell("starting")

    def tell(self, state: str) -> None:
        """Let whoever finds the folder taken know by whom, and in which state: starting, running or stopping."""
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps({"pid": os.getpid(), "address": self._address, "state": state}))
        self._file.flush()


@contextlib.contextmanager
def claim(data_dir: Path, address: str, pause: Callable[[float], None] = time.sleep) -> Iterator[Claim]:
    """Own the data folder until the block ends; wait for one that is stopping, refuse beside one that runs."""
    with (data_dir / "run" / "up.lock").open("a+") as file:
        began = time.monotonic()
        while not _locked(file):
            holder = running(data_dir) or {}
            patience_s = HAND_OVER_S if holder.get("state") == "stopping" else MOMENT_S
            if time.monotonic() > began + patience_s:
                raise AlreadyRunningError(
                    f"Nonet already runs on {data_dir}, at {holder.get('address', 'an unknown address')} "
                    f"(process {holder.get('pid', 'unknown')}). Stop that one, or set NONET_DATA_DIR to another folder."
                )
            pause(0.05)
        yield Claim(file, address)


def running(data_dir: Path) -> dict[str, Any] | None:
    """Return what the ``nonet up`` on this data folder told: pid, address and state. None when there is none."""
    try:
        with (data_dir / "run" / "up.lock").open("a+") as file:
            if _locked(file):
                return None
            file.seek(0)
            told: dict[str, Any] = json.loads(file.read() or "{}")
            return told
    except (OSError, ValueError):
        return None


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
