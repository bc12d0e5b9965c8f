"""What the server stands on is away or full: the database, the storage of objects, the disk.

Neither a refusal of the business nor our mistake: it passes, whoever asks may ask again, and work that met it waits.
"""

import errno

import asyncpg
from sqlalchemy.exc import DBAPIError

from nonet.core import errors, storage

AGAIN_S = 2
"""After how many seconds it is worth asking again."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""How a write fails that there is no room for; the last where a filesystem, or a limit of the process, ends."""
_SQL_FULL = "53100"


class Outage(errors.Refusal):
    """Something the server needs isn't there for now."""

    status = 503

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": str(AGAIN_S)})


class DatabaseAway(Outage):
    """The database doesn't answer, or ends, or begins."""

    code = "database_away"
    sentence = "The database is away. What was confirmed is safe; this works again as soon as it is back."


class StorageAway(Outage):
    """The storage of objects doesn't answer, or not as it should."""

    code = "storage_away"
    sentence = "The storage of videos doesn't answer. What was confirmed is safe; this works again as soon as it does."


class DiskFull(Outage):
    """A disk of the server, or of its database, has no room."""

    status = 507
    code = "disk_full"
    sentence = "The server's disk is full. Nothing of this was kept; what was confirmed before is safe."


def of(error: BaseException) -> Outage | None:
    """Return the outage that an exception tells of, or that it was raised from; None for everything else."""
    seen: BaseException | None = error
    while seen is not None:
        found = _one(seen)
        if found is not None:
            return found
        seen = seen.__cause__
    return None


def _one(error: BaseException) -> Outage | None:
    if isinstance(error, storage.AwayError):
        return StorageAway()
    if getattr(error, "sqlstate", None) == _SQL_FULL or (isinstance(error, OSError) and error.errno in FULL):
        return DiskFull()
    away = isinstance(error, DBAPIError) and error.connection_invalidated
    return DatabaseAway() if away or isinstance(error, _DATABASE) else None


_DATABASE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)
