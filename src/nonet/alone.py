"""A role outside ``nonet up``: what must be so before it starts, and the lock that says it works in its data folder.

Whoever keeps it running (systemd, a container engine) starts it again when it ends, so it waits a while for a database
that is starting, and refuses with a sentence what only a hand can change.
"""

import asyncio
import os
import time
from pathlib import Path

import asyncpg
from sqlalchemy.exc import DBAPIError

from nonet import instance, schema, terminal
from nonet.core import lifeline
from nonet.core.settings import Settings

PATIENCE_S = 30.0
AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, DBAPIError, ValueError)
"""What a database raises that can't be used; an address that isn't one is a ValueError."""


class CannotStartError(Exception):
    """The role can't start here; the text says why, and what to do."""


def prepare(conf: Settings, name: str) -> None:
    """Take the role's lock on the data folder, which outlives an exec, and look at the database.

    Raises CannotStartError when another has the folder, or the database is away, older, newer or half restored.
    """
    if instance.running(conf.data_dir):
        raise CannotStartError(
            f"`nonet up` runs on {conf.data_dir} with every role. Set NONET_DATA_DIR to another folder, or stop it."
        )
    _lock(conf.folder("run") / f"{name}.lock", name, conf.data_dir)
    try:
        asyncio.run(answering(conf.database_url))
        schema.check(conf.database_url)
    except (schema.DatabaseOlderError, schema.DatabaseNewerError, schema.RestoreUnfinishedError) as error:
        raise CannotStartError(str(error)) from None
    except AWAY as error:
        raise CannotStartError(f"The database can't be used: {type(error).__name__}: {error}") from None


async def answering(url: str) -> None:
    """Wait for a database that is starting as we are; one that answers anything else than a connection is at fault."""
    given_up_at = time.monotonic() + PATIENCE_S
    told = False
    while True:
        try:
            connection = await asyncpg.connect(url, timeout=5)
        except (OSError, asyncpg.CannotConnectNowError):
            if time.monotonic() > given_up_at:
                raise
            if not told:
                terminal.trouble(f"Waiting for the database, up to {PATIENCE_S:.0f} s.")
            told = True
            await asyncio.sleep(0.5)
        else:
            await connection.close()
            return


def _lock(path: Path, name: str, data_dir: Path) -> None:
    """Hold a role's lock until the process ends, however it ends; two of one kind would share their working files."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    if not lifeline.take(handle):
        os.close(handle)
        raise CannotStartError(
            f"The {name} role already runs on {data_dir}. Another one needs a NONET_DATA_DIR of its own."
        )
    os.ftruncate(handle, 0)  # no process number: a supervisor kills what an earlier one left, and this isn't
    os.set_inheritable(handle, True)  # noqa: FBT003 - the standard library's signature
