"""The machine itself: Python and its packages, the clock, the ports."""

import importlib.metadata
import importlib.util
import re
import socket
import sys
import sysconfig
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import nonet
from nonet import instance
from nonet.core import clock as time
from nonet.core.settings import Settings
from nonet.doctor.finding import Finding, checkout

OLDEST = (3, 11)
REQUIRED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(?: ; (.+?))? \\$", re.MULTILINE)


def python(_: Settings) -> Iterator[Finding]:
    """Look at Python's age and at how packages get into it."""
    said = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding("Python", said, sys.version_info >= OLDEST, "sudo apt-get install python3.11")
    inside = sys.prefix != sys.base_prefix
    managed = (Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED").exists()
    if inside:
        said = f"a virtual environment, {sys.prefix}"
    elif managed:
        said = "the system's own Python, which its packages alone may change (externally managed)"
    else:
        said = "a Python shared with other programs"
    mend = "make env" if checkout() else "python3 -m venv nonet-env && nonet-env/bin/pip install nonet"
    yield Finding("Environment", said, inside, mend, needed=managed)
    able = importlib.util.find_spec("ensurepip") is not None and importlib.util.find_spec("venv") is not None
    said = "can make virtual environments" if able else "lacks venv and ensurepip: a new environment can't be made"
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    yield Finding("venv", said, able, f"sudo apt-get install {version}-venv", needed=False)


def packages(_: Settings) -> Iterator[Finding]:
    """Compare what is installed with the lock of a checkout, or with what the package asks for."""
    root = checkout()
    if root is None:
        wanted = {re.split(r"[ ;<>=!~\[]", line)[0]: "" for line in _asked_for()}
    else:
        # What is asked for only on some systems or Pythons (a marker) may rightly be missing here.
        wanted = {name: version for name, version, marker in REQUIRED.findall(_lock(root)) if not marker}
    wrong = []
    for name, version in wanted.items():
        try:
            have = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            wrong.append(f"{name} is missing")
            continue
        if version and have != version:
            wrong.append(f"{name} is {have}, not {version}")
    said = "; ".join(wrong[:5]) or f"{len(wanted)} as they should be"
    yield Finding("Packages", said, not wrong, "make env" if root else "pip install --upgrade nonet")


def _lock(root: Path) -> str:
    return (root / "requirements.lock").read_text()


def _asked_for() -> list[str]:
    return [line for line in importlib.metadata.requires("nonet") or [] if ";" not in line]


def clock(_: Settings) -> Iterator[Finding]:
    """Hold the clock against the age of this very program: it can't be earlier than that."""
    now = time.now()
    made = datetime.fromtimestamp(Path(nonet.__file__).stat().st_mtime, UTC)
    sane = made.timestamp() - 86_400 < now.timestamp() and now.year < 2100  # noqa: PLR2004 - a year no clock shows
    yield Finding("Clock", f"{now:%Y-%m-%d %H:%M:%S} UTC", sane, "sudo timedatectl set-ntp true")


def ports(conf: Settings) -> Iterator[Finding]:
    """See whether our ports are free, or ours already."""
    mine = instance.running(conf.data_dir) if conf.data_dir.exists() else None
    for setting, port in (("NONET_PORT", conf.port), ("NONET_MEDIA_PORT", conf.bytes_port)):
        if mine and mine.get("state") == "running":
            yield Finding(f"Port {port}", f"Nonet runs, at {mine['address']}", ok=True)
            continue
        try:
            with socket.create_server((conf.host, port)):
                yield Finding(f"Port {port}", "free", ok=True)
        except OSError as error:
            said = f"can't be listened on: {error.strerror or error}"
            yield Finding(f"Port {port}", said, ok=False, mend=f"{setting}={port + 100} make run")
