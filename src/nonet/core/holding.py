"""Deleted objects stay while a backup is being made: its rows are of one moment, and their objects are read after it.

Whoever makes a backup holds an advisory lock; whoever is to delete objects comes again later. A backup that is killed
lets go with its connection.
"""

from sqlalchemy import text

from nonet.core import db

LOCK = 6_660_030
"""Number of the advisory lock that one backup or restore of a database holds at a time."""
LATER_S = 60.0


async def held(session: db.Session) -> bool:
    """Tell whether a backup may still read what is to be deleted."""
    query = text(
        "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()"
        " WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = :lock AND l.granted"
    )
    return bool(await session.scalar(query, {"lock": LOCK}))
