"""One role as a process: ``python -m nonet.role api|media|worker``. Under a supervisor it holds the line to it."""

import asyncio
import contextlib
import importlib
import sys

from nonet.core import clock, lifeline, settings

ROLES = {"api": "nonet.web", "media": "nonet.media.delivery", "worker": "nonet.worker"}
"""Each module has ``async def main()``, which runs until SIGTERM and then drains."""


def run(name: str) -> None:
    """Run a role until it is told to end."""
    lifeline.hold()
    if settings.load().clock == "virtual":
        clock.follow(settings.load().clock_file)
    main = importlib.import_module(ROLES[name]).main
    with contextlib.suppress(ImportError):
        import uvloop  # noqa: PLC0415 - not there on every platform

        uvloop.run(main())
        return
    asyncio.run(main())


if __name__ == "__main__":
    run(sys.argv[1])
