"""Full disks that need neither a disk nor privileges."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from nonet.core import db

_FULL = "DO $$ BEGIN RAISE disk_full; END $$"


@contextmanager
def none() -> Iterator[None]:
    """Let each write of this process to a file fail until the block ends, with EFBIG for ENOSPC; sockets go on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def ask_a_full_database() -> None:
    """Run a statement that PostgreSQL answers as it does when its disk takes no more."""
    async with db.transaction() as session:
        await session.execute(text(_FULL))


async def ask_a_full_database_plainly() -> None:
    """The same on a connection of the plain pool."""
    async with db.plain() as opened:
        await opened.connection.execute(_FULL)
