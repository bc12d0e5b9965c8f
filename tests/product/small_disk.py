"""A product whose data folder is a small disk of its own, which a test can fill; needs no privilege.

The product stands in a mount namespace (Linux) with a tmpfs over its folder; whoever isn't root takes a user namespace
along, in which they stay themselves. From outside its files are reached through the product's own entry in /proc.
"""

import contextlib
import ctypes
import functools
import os
import subprocess
import sys
from pathlib import Path

from running import Product

NEW_USER, NEW_MOUNTS = 0x10000000, 0x00020000  # linux/sched.h
PRIVATE, RECURSIVE = 1 << 18, 1 << 14  # linux/mount.h
FILLING = "filling"


class SmallDisk(Product):
    """A product on ``size_mb`` of disk."""

    size_mb = 300

    def command(self, *options: str, **environment: str) -> "subprocess.Popen[str]":
        self.data_dir.mkdir(parents=True, exist_ok=True)
        return super().command(*options, preexec=functools.partial(_mount, self.data_dir, self.size_mb), **environment)

    @property
    def inside(self) -> Path:
        """The data folder as the product sees it."""
        assert self.up is not None
        return Path(f"/proc/{self.up.pid}/root") / self.data_dir.relative_to("/")

    def pid(self, name: str) -> int:
        return int((self.inside / "run" / f"{name}.lock").read_text())

    def free_bytes(self) -> int:
        stat = os.statvfs(self.inside)
        return stat.f_bavail * stat.f_frsize

    def fill(self, leave_bytes: int = 0) -> None:
        """Write until no more than so much is free."""
        with (self.inside / FILLING).open("ab") as file, contextlib.suppress(OSError):
            while (free := self.free_bytes() - leave_bytes) > 0:
                file.write(bytes(min(1 << 20, free)))
                file.flush()

    def make_room(self) -> None:
        (self.inside / FILLING).unlink()


def possible() -> bool:
    """Tell whether this machine lets us make such a disk."""
    if sys.platform != "linux":
        return False
    try:
        tried = subprocess.run(["true"], preexec_fn=functools.partial(_mount, Path("/mnt"), 1), check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return tried.returncode == 0


def _mount(folder: Path, size_mb: int) -> None:
    """Give this process, before it becomes the product, a small disk at a folder."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if libc.unshare(NEW_MOUNTS if user == 0 else NEW_MOUNTS | NEW_USER):
        raise OSError(ctypes.get_errno(), "unshare")
    if user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    options = f"size={size_mb}m,mode=700".encode()
    for what in ((None, b"/", None, PRIVATE | RECURSIVE, None), (b"disk", bytes(folder), b"tmpfs", 0, options)):
        if libc.mount(*what):
            raise OSError(ctypes.get_errno(), "mount")
