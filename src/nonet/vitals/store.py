"""Whether the storage of videos answers."""

import asyncio

import structlog

from nonet.core import settings, storage

PATIENCE_S = 5.0
KEY = "open/vitals"
"""An object that never is: asking for it changes nothing."""

log = structlog.get_logger("vitals")


async def answers() -> bool:
    """Ask the storage for an object that isn't there; False when it says anything but that, or nothing in time."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            await storage.open(settings.load().objects_url).head(KEY)
    except Exception as error:  # noqa: BLE001 - whatever it is, the storage did not answer
        log.warning("vitals.storage_away", error=type(error).__name__)
        return False
    return True
