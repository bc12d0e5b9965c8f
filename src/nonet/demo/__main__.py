"""The demo's filler as a process: ``python -m nonet.demo``, started by ``nonet up`` and by ``nonet demo``.

It steps back for everything else on the machine, shows how far it is, and ends when all is there.
"""

import os
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

from nonet.core import clock, log, settings

NICE = 10
TOLD = (1, 5, 10, 20, 30)
"""After so many clips a log that is no terminal gets a line."""


def _say(plays: int, of: int) -> None:
    """Show how many clips play: one line that changes on a terminal, a few lines elsewhere."""
    if sys.stdout.isatty():
        end = "\n" if plays == of else ""
        print(f"\rDemo community: {plays} of {of} clips play.", end=end, flush=True)  # noqa: T201 - its terminal
    elif plays in TOLD or plays == of:
        print(f"Demo community: {plays} of {of} clips play.", flush=True)  # noqa: T201 - the same


def _stop(_number: int, _frame: FrameType | None) -> None:
    os._exit(0)  # what was done is noted; the next start goes on


def main() -> None:
    """Fill the server that the settings name."""
    conf = settings.load()
    for order in (signal.SIGTERM, signal.SIGINT):
        signal.signal(order, _stop)
    os.nice(NICE)
    log.start("demo")
    if conf.clock == "virtual":
        clock.follow(conf.clock_file)
    from nonet.demo import filling  # noqa: PLC0415 - after the signals, since it imports much

    with tempfile.TemporaryDirectory(prefix="demo-", dir=conf.folder("cache")) as folder:
        filling.Filling(conf, Path(folder), _say).run()


if __name__ == "__main__":
    main()
