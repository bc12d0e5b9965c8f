"""Roles started by themselves, as on machines of their own: a data folder each, with the keys and the spool shared."""

import contextlib
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from nonet import health
from nonet.core.settings import Settings

DRAIN_S = 15  # as long as compose.yaml and the units of systemd wait
SHARED = ("keys", "spool")
NONET = (sys.executable, "-m", "nonet")


class Machine:
    """One data folder and what is told to the commands on it. A role's process is kept by its name."""

    def __init__(self, folder: Path, shared: Path, told: dict[str, str], program: tuple[str, ...] = NONET) -> None:
        self.folder, self.program = folder, program
        self.told = told | {"NONET_DATA_DIR": str(folder)}
        self.roles: dict[str, subprocess.Popen[bytes]] = {}
        folder.mkdir(parents=True, mode=0o700)
        for name in SHARED:
            (shared / name).mkdir(parents=True, exist_ok=True, mode=0o700)
            (folder / name).symlink_to(shared / name)

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("NONET_")}
        return kept | self.told

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of nonet to its end."""
        command = [*self.program, *arguments]
        return subprocess.run(
            command, env=self.environment(), cwd=self.folder, capture_output=True, text=True, check=False, timeout=60
        )

    def start(self, role: str) -> None:
        """Start a role; what it writes is kept in a file of its name."""
        with (self.folder / f"{role}.said").open("ab") as said:
            self.roles[role] = subprocess.Popen(
                [*self.program, "role", role],
                env=self.environment(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )

    def said(self, role: str) -> str:
        return (self.folder / f"{role}.said").read_text(errors="replace")

    def well(self) -> bool:
        """Tell whether all that was started here is well; fail when one of it has ended."""
        for name, process in self.roles.items():
            assert process.poll() is None, self.said(name)
        ports = {"port": int(self.told["NONET_PORT"]), "media_port": int(self.told["NONET_MEDIA_PORT"])}
        return health.look(Settings(data_dir=self.folder, **ports)) == dict.fromkeys(self.roles, "")

    def kill(self, role: str) -> None:
        process = self.roles.pop(role)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """Send every role SIGTERM, and fail when one doesn't end by itself within its time to drain."""
        for process in self.roles.values():
            process.terminate()
        for name, process in self.roles.items():
            assert process.wait(DRAIN_S) in {0, -signal.SIGTERM}, self.said(name)
        self.roles.clear()


@contextlib.contextmanager
def ended(*machines: Machine) -> Iterator[None]:
    """Leave nothing of these machines running behind a test."""
    try:
        yield
    finally:
        for machine in machines:
            for name in list(machine.roles):
                machine.kill(name)


def status(address: str) -> int:
    """Return the status of a GET; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - http
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
