"""What ties a process to the one that started it, so that a killed parent leaves nothing running behind it."""

import ctypes
import sys
from collections.abc import Callable
from typing import Any

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>


def end_with_parent(order: int) -> Callable[[], None] | None:
    """Return what a child runs before its program starts, so that the kernel sends it ``order`` when we die.

    None where the kernel has no such promise (macOS). The kernel forgets it when a process changes its user, so it
    has to run after that: as subprocess's ``preexec_fn`` it does.
    """
    if sys.platform != "linux":
        return None
    prctl: Any = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(_SET_PARENT_DEATH_SIGNAL, int(order), 0, 0, 0)

    return ask
