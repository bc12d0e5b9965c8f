"""The worker process: runs jobs in pools sized to the machine. One of the composition roots."""

import asyncio
import os
import signal

from nonet import handlers
from nonet.core import beat, db, jobs, lifeline, log, realtime, runner, settings


def pool_sizes() -> dict[jobs.Slot, int]:
    """Return how many jobs of each pool run at once: encodes leave the last core to everything else."""
    cores = os.cpu_count() or 1
    return {"light": 4, "first": 1, "encode": settings.load().encoders or max(1, cores - 1)}


async def main() -> None:
    """Run jobs until told to end; then hand every lease back, ffmpeg's children ended."""
    log.start("worker")
    handlers.load()
    work = runner.Runner(pool_sizes(), lambda: beat.now(settings.load()))
    loop = asyncio.get_running_loop()
    for sig in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sig, work.stop)
    lifeline.ready()
    try:
        await work.run()
    finally:
        await realtime.flush()
        await db.close()
