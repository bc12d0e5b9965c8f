"""Reads a backup into an empty instance: objects and keys first, rows last and in one transaction.

Until that transaction ends, the table ``restore_unfinished`` stands in the database: no version starts on it, and the
restore can be run again from its beginning.
"""

import asyncio
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nonet import schema
from nonet.backup import ArchiveError, BackupError, NoRoomError, NotEmptyError, rows, size, tar
from nonet.backup.making import SPARE_BYTES, Step
from nonet.core import durable, holding, settings, storage
from nonet.media.delivery import addresses

if TYPE_CHECKING:
    from nonet.backup.rows import Connection

KEY_MOST = 1 << 20
MARK = "restore_unfinished"
ASIDE = "restoring"
"""The object that is being verified, in the spool; one that a kill left is written over."""


async def restore(conf: settings.Settings, archive: tar.Reader, step: Step) -> None:
    """Make the settings' empty instance what the backup holds, then bring it to this version's revision.

    The product must not run. Raises BackupError before anything is changed, ArchiveError also later, when a member is
    damaged: then the instance says that the restore was not finished.
    """
    known = schema.revisions()
    if archive.manifest.revision not in known:
        raise ArchiveError(
            f"This backup is at revision {archive.manifest.revision[:40]}, made by Nonet "
            f"{archive.manifest.product[:40]}, newer than this one. Restore it with that version."
        )
    connection = await rows.connect(conf.database_url)
    try:
        await _check(conf, connection, archive)
        async with connection.transaction():
            await rows.clear(connection)
            await connection.execute(f"CREATE TABLE {MARK} (id integer)")
        await asyncio.to_thread(schema.migrate, conf.database_url, to=archive.manifest.revision)
        await _put_objects(conf, archive, step)
        _put_keys(conf, archive)
        async with connection.transaction():
            await connection.execute(f"DROP TABLE {MARK}")
            await rows.read(connection, archive)
        await asyncio.to_thread(schema.migrate, conf.database_url)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise NoRoomError("The disk became full. Make room, then run the restore again.") from None
    finally:
        await connection.close(timeout=10)


async def _check(conf: settings.Settings, connection: "Connection", archive: tar.Reader) -> None:
    """Raise BackupError unless nobody uses this instance, it is empty, and there is room."""
    if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", holding.LOCK):
        raise BackupError("Another backup or restore of this database is under way. Try again when it has ended.")
    if await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'nonet'"
    ):
        raise BackupError("Nonet runs on this database. Stop it everywhere, then restore.")
    again = await rows.exists(connection, MARK)
    if not again and await rows.inhabited(connection):
        raise NotEmptyError("People have accounts here already. A backup is restored into an empty instance only.")
    if not again and not await rows.exists(connection, "alembic_version") and await rows.names(connection):
        raise NotEmptyError("This database holds tables of something else. A backup needs a database of its own.")
    if not archive.manifest.with_objects:
        return
    if not again:
        async for each in storage.open(conf.objects_url, conf).list():
            raise NotEmptyError(f"The storage holds objects already, {each.key} for one. Name an empty one.")
    free, needed = shutil.disk_usage(conf.folder("spool")).free, archive.manifest.object_bytes + SPARE_BYTES
    if conf.objects_url.startswith("file:") and free < needed and not again:
        raise NoRoomError(f"The backup needs {size(needed)}, and the disk has {size(free)} free. Nothing was changed.")


async def _put_objects(conf: settings.Settings, archive: tar.Reader, step: Step) -> None:
    """Put every object under its key, each verified before it is there."""
    store, done = storage.open(conf.objects_url, conf), 0
    aside = conf.folder("spool") / ASIDE
    try:
        for member in archive.objects():
            await asyncio.to_thread(_copy, archive.read(member), aside)
            key = member.name.removeprefix("objects/")
            await store.put_file(key, aside, addresses.content_type(key))
            done += member.size
            step(done, archive.manifest.object_bytes)
    finally:
        aside.unlink(missing_ok=True)


def _copy(pieces: Iterator[bytes], path: Path) -> None:
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)


def _put_keys(conf: settings.Settings, archive: tar.Reader) -> None:
    folder = conf.folder("keys")
    for name, member in archive.small.items():
        if name.startswith("keys/") and name != "keys/postgres":
            if member.size > KEY_MOST:
                raise ArchiveError(f"This is no backup of Nonet: {name} is no key.")
            durable.replace(folder / name.removeprefix("keys/"), b"".join(archive.read(member)))
