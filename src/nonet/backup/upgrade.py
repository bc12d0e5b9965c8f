"""The backup that ``nonet up`` makes before it changes an older database: rows and keys, in DATA/backups.

It has no objects: an upgrade touches none, and several copies of them would fill the disk.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from nonet.backup import BackupError, NoRoomError, making, rows
from nonet.backup.making import Step
from nonet.core import clock, settings

NAMES = "before-upgrade-*.tar"


def keep(conf: settings.Settings, step: Step) -> None:
    """Make such a backup of a database that people have accounts in, and let go of all but the last few."""
    if conf.upgrade_backups == 0:
        return
    with ThreadPoolExecutor(1) as thread:  # whoever migrates stands in a loop of its own
        thread.submit(asyncio.run, _keep(conf, step)).result()


async def _keep(conf: settings.Settings, step: Step) -> None:
    connection = await rows.connect(conf.database_url)
    try:
        if not await rows.inhabited(connection):
            return
    finally:
        await connection.close(timeout=10)
    folder = conf.folder("backups")
    for left in folder.glob(f"{NAMES}.part"):
        left.unlink()
    path = folder / f"before-upgrade-{clock.machine():%Y%m%dT%H%M%S%f}Z.tar"
    try:
        await making.make(conf, path, step, with_objects=False)
    except NoRoomError as error:
        raise BackupError(
            f"{error} Before an upgrade Nonet keeps the database as it was; NONET_UPGRADE_BACKUPS=0 does without."
        ) from None
    for old in sorted(folder.glob(NAMES))[: -conf.upgrade_backups]:
        old.unlink()
