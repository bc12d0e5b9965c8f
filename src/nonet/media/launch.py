"""Runs first in every child process, then becomes the program it was given. Uses the standard library only.

Arguments: ``parent=PID memory=BYTES cpu=SECONDS file=BYTES idle=0|1 read=PATH... write=FOLDER -- program argument...``.
What a kernel doesn't offer is left out: the lists given to ffmpeg stand on their own, this is the second wall.
"""

import ctypes
import os
import resource
import signal
import struct
import sys
import time
from contextlib import suppress

SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/nix", "/opt", "/etc/ld.so.cache", "/sys/devices/system/cpu")
"""Programs and libraries, which hold no secret."""

# linux/prctl.h
SET_PDEATHSIG, SET_NO_NEW_PRIVS = 1, 38
# linux/landlock.h; the system calls have the same numbers on every architecture
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_FILE, MAKE_REG, TRUNCATE = 1, 2, 4, 8, 32, 256, 1 << 14
BIND_TCP, CONNECT_TCP = 1, 2
ABSTRACT_SOCKETS, SIGNALS = 1, 2
AUTOGROUP_TRIES = 5
SET_SCHEDULING = {"x86_64": 314, "aarch64": 274}
SLICE_NS = 100_000
"""The shortest slice a kernel grants: whoever wakes up waits no longer than this for a core."""
SLICES_SINCE = (6, 12)
ABI_TRUNCATE, ABI_NETWORK, ABI_IOCTL, ABI_SCOPE = 3, 4, 5, 6


class Ruleset(ctypes.Structure):
    """``struct landlock_ruleset_attr``."""

    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scope", ctypes.c_uint64))


class Beneath(ctypes.Structure):
    """``struct landlock_path_beneath_attr``."""

    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def die_with_parent(libc: ctypes.CDLL, parent: int) -> None:
    """Ask the kernel to kill us when the parent dies, and end at once if it already has."""
    libc.prctl(SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(125)


def limit(memory: int, cpu: int, file: int) -> None:
    """Set hard limits; two CPU seconds lie between asking the program to end and killing it."""
    for kind, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, cpu, cpu + 2),
        (resource.RLIMIT_FSIZE, file, file),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (soft, hard))


def give_way(*, idle: bool) -> None:
    """Be the first to lose the core, and the first to be killed when memory runs out."""
    with suppress(OSError):
        os.nice(19)
    with suppress(OSError, AttributeError, ValueError):
        if not (idle and take_short_slices()):
            os.sched_setscheduler(0, os.SCHED_IDLE if idle else os.SCHED_BATCH, os.sched_param(0))
    if idle:
        leave_others_the_core()
    with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:  # noqa: PTH123 - starts fast
        score.write("700")


def take_short_slices() -> bool:
    """Be asked for the core back often; False where the kernel knows no such wish, and only an idle class gives way.

    A kernel that keeps a slice once it has begun lets what wakes up wait for its end, an idle class or not, when that
    is of another session. Measured by ``bench encoding``: a read's p99 14 ms instead of 20 ms.
    """
    machine = os.uname()
    version = tuple(int(part) for part in machine.release.split("-")[0].split(".")[:2])
    if machine.sysname != "Linux" or version < SLICES_SINCE or machine.machine not in SET_SCHEDULING:
        return False
    # struct sched_attr: its size, policy, flags, niceness, priority, the slice; deadline, period and clamps unused
    wish = struct.pack("=IIQiIQQQII", 56, os.SCHED_BATCH, 0, os.nice(0), 0, SLICE_NS, 0, 0, 0, 0)
    return bool(ctypes.CDLL(None).syscall(SET_SCHEDULING[machine.machine], 0, wish, 0) == 0)


def leave_others_the_core() -> None:
    """Weigh our session as little as ourselves: where Linux shares cores by session, niceness counts only inside one.

    Every child has a session of its own, which would otherwise get as much as the database's.
    """
    for _ in range(AUTOGROUP_TRIES):
        try:
            with open("/proc/self/autogroup", "w", encoding="ascii") as group:  # noqa: PTH123 - starts fast
                group.write("19")
        except BlockingIOError:  # the kernel takes ten changes a second from those without privilege
            time.sleep(0.1)
        except OSError:
            return
        else:
            return


def fence(libc: ctypes.CDLL, program: str, reads: list[str], writes: list[str]) -> None:
    """Leave only these files and no network reachable, where the kernel has Landlock."""
    abi = libc.syscall(CREATE_RULESET, None, 0, 1)
    if abi < 1:
        return
    every = (1 << {1: 13, 2: 14}.get(abi, 15)) - 1 if abi < ABI_IOCTL else (1 << 16) - 1
    rules = Ruleset(every, BIND_TCP | CONNECT_TCP, ABSTRACT_SOCKETS | SIGNALS)
    size = 8 if abi < ABI_NETWORK else 16 if abi < ABI_SCOPE else 24
    ruleset = libc.syscall(CREATE_RULESET, ctypes.byref(rules), size, 0)
    if ruleset < 0:
        return
    change = READ_FILE | WRITE_FILE | READ_DIR | REMOVE_FILE | MAKE_REG | (TRUNCATE if abi >= ABI_TRUNCATE else 0)
    for paths, allowed in (
        ((*SYSTEM, program), EXECUTE | READ_FILE | READ_DIR),
        (reads, READ_FILE),
        (("/dev/null",), READ_FILE | WRITE_FILE),
        (("/dev/urandom", "/proc/cpuinfo", "/proc/stat"), READ_FILE),
        (writes, change),
    ):
        for path in paths:
            allow(libc, ruleset, path, allowed)
    libc.prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.syscall(RESTRICT_SELF, ruleset, 0)


def allow(libc: ctypes.CDLL, ruleset: int, path: str, allowed: int) -> None:
    """Add one path to what stays reachable; one that isn't there needs no rule."""
    with suppress(OSError):
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if not os.path.isdir(path):  # noqa: PTH112 - pathlib would double the start-up time
            allowed &= EXECUTE | READ_FILE | WRITE_FILE | TRUNCATE
        rule = Beneath(allowed, parent)
        libc.syscall(ADD_RULE, ruleset, 1, ctypes.byref(rule), 0)
        os.close(parent)


def main() -> None:
    """Apply what the arguments say, then become the program."""
    cut = sys.argv.index("--")
    given: dict[str, list[str]] = {}
    for argument in sys.argv[1:cut]:
        key, _, value = argument.partition("=")
        given.setdefault(key, []).append(value)
    command = sys.argv[cut + 1 :]
    give_way(idle=given["idle"] == ["1"])
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        die_with_parent(libc, int(given["parent"][0]))
        fence(libc, command[0], given.get("read", []), given.get("write", []))
    limit(int(given["memory"][0]), int(given["cpu"][0]), int(given["file"][0]))
    os.execv(command[0], command)  # noqa: S606 - a list of arguments and no shell is the point


if __name__ == "__main__":
    main()
