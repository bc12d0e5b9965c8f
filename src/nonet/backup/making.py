"""Makes a backup while the product runs: rows of one moment, then the keys, then the objects those rows may refer to.

An object is named by its content and never changes, so reading it later is as good; that none is deleted meanwhile
``core.holding`` sees to, and one that goes all the same is left out and counted.
"""

import asyncio
import contextlib
import errno
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import nonet
from nonet.backup import FORMAT, BackupError, NoRoomError, manifest, rows, size, tar
from nonet.core import clock, durable, holding, postgres, settings, storage

if TYPE_CHECKING:
    from nonet.backup.rows import Connection

Step = Callable[[int, int], None]
"""Told how many bytes of about how many are done."""

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
SPARE_BYTES = 64 << 20
"""What the disk must hold beyond the backup, so that the database next to it can go on."""


async def make(conf: settings.Settings, path: Path, step: Step, *, with_objects: bool = True) -> manifest.Manifest:
    """Write a backup to ``path`` (mode 0600), which appears whole or not at all; ``path.part`` is used meanwhile.

    Without objects it has rows and keys alone. Raises BackupError, NoRoomError when the disk is too full.
    """
    if await asyncio.to_thread(path.exists):
        raise BackupError(f"{path} is there already. Name a new file, or remove that one first.")
    connection = await rows.connect(conf.database_url)
    try:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", holding.LOCK):
            raise BackupError("Another backup or restore of this database is under way. Try again when it has ended.")
        async with _aside(path) as file:
            return await _Making(conf, connection, file, step).run(path.parent, with_objects=with_objects)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise NoRoomError(f"The disk of {path.parent} became full. Nothing was kept of the backup.") from None
    finally:
        await connection.close(timeout=10)


@asynccontextmanager
async def _aside(path: Path) -> AsyncIterator[IO[bytes]]:
    """Give a file beside ``path`` that becomes it when the block ends well, and goes when it does not."""
    aside = path.with_name(f"{path.name}.part")
    aside.unlink(missing_ok=True)
    handle = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
        aside.rename(path)
        durable.sync(path.parent)
    finally:
        aside.unlink(missing_ok=True)


class _Making:
    """One backup on its way."""

    def __init__(self, conf: settings.Settings, connection: "Connection", file: IO[bytes], step: Step) -> None:
        self._conf = conf
        self._connection = connection
        self._file = file
        self._step = step
        self._store = storage.open(conf.objects_url, conf)
        self._objects = self._bytes = self._gone = 0

    async def run(self, folder: Path, *, with_objects: bool) -> manifest.Manifest:
        """Write everything; returns what the archive says of itself."""
        made_at = clock.now()
        with tempfile.TemporaryFile(dir=folder) as sums:
            writer = tar.Writer(self._file, sums, int(made_at.timestamp()))
            async with self._connection.transaction(isolation="repeatable_read", readonly=True):
                revision = await _revision(self._connection)
                assets = {str(row[0]) for row in await self._connection.fetch("SELECT id FROM assets")}
                total = await self._room(folder, assets if with_objects else None)
                tables = await rows.write(self._connection, writer)
                days = await rows.days(self._connection)
            sequences = await rows.sequences(self._connection)
            keys = self._keys(writer)
            if with_objects:
                await self._put_objects(writer, assets, total)
            said = manifest.Manifest(
                format=FORMAT,
                product=nonet.__version__,
                revision=revision,
                made_at=made_at,
                with_objects=with_objects,
                tables=tables,
                days=days,
                sequences=sequences,
                keys=keys,
                objects=self._objects,
                object_bytes=self._bytes,
                gone=self._gone,
                sums_sha256=writer.sum_up(),
            )
            writer.end(said.model_dump_json(indent=1).encode())
        return said

    async def _room(self, folder: Path, assets: set[str] | None) -> int:
        """Return about how many bytes the backup takes; raises NoRoomError when the disk has fewer."""
        query = "SELECT pg_database_size(current_database())"
        total = int(await self._connection.fetchval(query))
        if assets is not None:
            async for each in self._wanted(assets):
                total += each.size + tar.BLOCK
        free = shutil.disk_usage(folder).free
        if free < total + SPARE_BYTES:
            raise NoRoomError(
                f"The backup may take {size(total)}, and the disk of {folder} has {size(free)} free. "
                "Make room or name a file on another disk. Nothing was written."
            )
        return total

    async def _wanted(self, assets: set[str]) -> AsyncIterator[storage.Listed]:
        """Yield the objects but those of assets that came after the snapshot."""
        async for each in self._store.list():
            folder, _, rest = each.key.partition("/")
            if folder not in {"assets", "originals"} or rest.split("/")[0] in assets:
                yield each

    def _keys(self, writer: tar.Writer) -> int:
        """Add the secrets of this server, but not the password of its embedded database, which each makes itself."""
        count = 0
        for path in sorted(self._conf.folder("keys").iterdir()):
            ours = KEY.fullmatch(path.name) and path != postgres.password_file(self._conf.data_dir)
            if ours and path.is_file() and not path.is_symlink():
                with writer.member(f"keys/{path.name}") as put:
                    put(path.read_bytes())
                count += 1
        return count

    async def _put_objects(self, writer: tar.Writer, assets: set[str], total: int) -> None:
        async for each in self._wanted(assets):
            try:
                with writer.member(f"objects/{each.key}") as put:
                    async with contextlib.aclosing(self._store.read(each.key, 0, each.size)) as pieces:
                        async for piece in pieces:
                            put(piece)
                            self._step(self._file.tell(), total)
            except FileNotFoundError:
                self._gone += 1
            else:
                self._objects += 1
                self._bytes += each.size


async def _revision(connection: "Connection") -> str:
    if not await rows.exists(connection, "alembic_version") or await rows.exists(connection, "restore_unfinished"):
        raise BackupError("There is nothing to back up: this database is empty, or a restore into it was not finished.")
    return str(await connection.fetchval("SELECT version_num FROM alembic_version"))
