"""The embedded database's server: started as our child, found ready by connecting, stopped without loss.

A server that a killed parent left behind is recognised by the folder it stands in, never by its number alone, and is
stopped before another starts. ``postmaster.pid`` is removed only when nothing at all stands in that folder, which
happens when a reboot gave the number in it to another program.
"""

import contextlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from nonet.core import parent, postgres
from nonet.core.postgres import Cluster, PostgresError

START_S = 10.0
FAST_S = 8.0
POLL_S = 0.02
AGAIN_S = 0.3
AGAIN_MOST_S = 2.0
STABLE_S = 30.0
LOG_MOST = 10 * 1024 * 1024


class Server:
    """A cluster's server while we are its parent; it is started again whenever it ends."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.process: subprocess.Popen[bytes] | None = None
        self.due_at = 0.0
        self._began_at = 0.0
        self._again_s = AGAIN_S
        self.log = cluster.data_dir / "logs" / "postgres.log"

    def start(self) -> None:
        """Start the server as a child that shuts down fast when we die; it may have to recover before it answers."""
        self._began_at = time.monotonic()
        self.log.parent.mkdir(mode=0o700, exist_ok=True)
        self._rotate()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.cluster.command("postgres", self.cluster.folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=parent.end_with_parent(signal.SIGINT),  # noqa: PLW1509 - it only calls prctl
                **self.cluster.process(self.cluster.folder),
            )

    def start_and_wait(self, pause: Callable[[float], None]) -> None:
        """Start the server and return once it takes connections, trying again for ten seconds after a crash.

        Children of a server that was killed hold its shared memory until they notice; meanwhile a new one refuses to
        start. Recovery itself may take as long as it needs. ``pause`` waits so many seconds, and may raise to give up.
        """
        stop_leftover(self.cluster)
        given_up_at = time.monotonic() + START_S
        self.start()
        while not ready(self.cluster):
            if self.ended() is not None:
                if time.monotonic() > given_up_at:
                    raise PostgresError(f"PostgreSQL does not start. Its last words stand in {self.log}.")
                pause(AGAIN_S)
                forget_stale_pid(self.cluster)
                self.start()
            pause(POLL_S)

    def ended(self) -> int | None:
        """Return the code of a server that just ended, due again in a moment or a few; None while it runs or rests."""
        if self.process is None or (code := self.process.poll()) is None:
            return None
        now = time.monotonic()
        self._again_s = AGAIN_S if now - self._began_at > STABLE_S else min(AGAIN_MOST_S, self._again_s * 1.5)
        self.process, self.due_at = None, now + self._again_s
        return code

    def stop(self, deadline: float, hurried: Callable[[], bool] = lambda: False) -> None:
        """Shut down fast, and at once from ``deadline`` (monotonic) or when ``hurried``. No committed row is lost."""
        for order, until in ((signal.SIGINT, deadline), (signal.SIGQUIT, deadline + 2), (signal.SIGKILL, deadline + 4)):
            if self.process is None or self.process.poll() is not None:
                break
            if order == signal.SIGINT and hurried():
                continue
            self.process.send_signal(order)
            while self.process.poll() is None and time.monotonic() < until:
                if order == signal.SIGINT and hurried():
                    break
                time.sleep(POLL_S)
        self.process = None

    def _rotate(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_MOST:
            shutil.move(self.log, self.log.with_suffix(".log.1"))


def ready(cluster: Cluster) -> bool:
    """Ask the server for a connection, as pg_isready does; True when it would take a password now."""
    user = b"user\0nonet\0database\0nonet\0\0"
    hello = struct.pack("!ii", 8 + len(user), 3 << 16) + user
    with socket.socket(socket.AF_UNIX) as connection, contextlib.suppress(OSError):
        connection.settimeout(2)
        connection.connect(str(postgres.socket_folder(cluster.data_dir) / postgres.SOCKET))
        connection.sendall(hello)
        return connection.recv(1) == b"R"
    return False


def stop_leftover(cluster: Cluster) -> None:
    """End a server of this very cluster that outlived its parent, and wait until none of its processes is left."""
    pid, begun = leftover(cluster), time.monotonic()
    for order, after_s in ((signal.SIGINT, 0.0), (signal.SIGQUIT, FAST_S), (signal.SIGKILL, FAST_S + 2)):
        while pid is not None and time.monotonic() < begun + after_s and leftover(cluster) == pid:
            time.sleep(POLL_S)
        if pid is not None and leftover(cluster) == pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, order)
    while _inside(cluster.folder) and time.monotonic() < begun + FAST_S + START_S:
        time.sleep(POLL_S)


def leftover(cluster: Cluster) -> int | None:
    """Return the number of a running server of this cluster, or None; a number that something else has now is none."""
    try:
        pid = int((cluster.folder / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None
    if sys.platform == "linux":
        return pid if pid in _inside(cluster.folder) else None
    said = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S607
    return pid if str(cluster.folder) in said.stdout and "postgres" in said.stdout else None


def _inside(folder: Path) -> set[int]:
    """Return the processes whose working folder this is; a server and all its children stand in their cluster."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").samefile(folder):
                found.add(int(process.name))
    return found


def forget_stale_pid(cluster: Cluster) -> None:
    """Remove ``postmaster.pid`` when its number is another program's and no process stands in the cluster."""
    if sys.platform == "linux" and not _inside(cluster.folder):
        (cluster.folder / "postmaster.pid").unlink(missing_ok=True)
