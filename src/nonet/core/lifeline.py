"""A role's side of the line to its supervisor: says when it is ready, and ends by itself when the supervisor is gone.

The supervisor hands over two files by number in ``NONET_LIFELINE``: one end of a socket pair, closed by the kernel
however the supervisor dies, and the role's lock file, held for as long as the role lives. The next supervisor learns
from the lock, which no other program can hold, that a role of before still runs, and which number it has.
"""

import fcntl
import os
import signal
import socket
import threading
import time
from pathlib import Path

ENVIRONMENT = "NONET_LIFELINE"
DRAIN_S = 9.0
TAKE_S = 1.0

_line: socket.socket | None = None
_lock: int | None = None


def hold() -> None:
    """Take over the line and the lock, when a supervisor gave them; otherwise nothing changes."""
    global _line, _lock  # noqa: PLW0603 - one line a process, open until it ends
    handed = os.environ.pop(ENVIRONMENT, "")
    if not handed:
        return
    line, _lock = (int(number) for number in handed.split(","))
    os.set_inheritable(line, False)  # noqa: FBT003 - the standard library's signature
    os.set_inheritable(_lock, False)  # noqa: FBT003 - the same
    os.ftruncate(_lock, 0)
    os.pwrite(_lock, str(os.getpid()).encode(), 0)
    _line = socket.socket(fileno=line)
    threading.Thread(target=_watch, args=(_line,), name="lifeline", daemon=True).start()


def take(lock: int) -> bool:
    """Lock a role's open lock file, or return False: it runs. Who only looks, as ``held`` does, has it for a moment."""
    given_up_at = time.monotonic() + TAKE_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > given_up_at:
                return False
            time.sleep(0.01)
        else:
            return True


def held(lock: Path) -> bool:
    """Tell whether a role that has this lock file runs."""
    try:
        handle = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def ready() -> None:
    """Tell the supervisor that this role does its work now."""
    if _line is not None:
        try:
            _line.send(b"r")
        except OSError:
            return  # the supervisor is gone, and the watching thread is about to end us


def _watch(line: socket.socket) -> None:
    """Wait for the supervisor's end of the line to close, drain as for SIGTERM, and end by force when that hangs."""
    try:
        while line.recv(1):
            pass
    except OSError:
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(DRAIN_S)
    os._exit(1)
