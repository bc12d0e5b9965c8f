"""The archive of all that a person has here: every slice's lists as JSON, their pictures and videos, in one ZIP.

A root: it alone knows every slice. It is built in the spool, row by row, and becomes an object when it is whole.
"""

import asyncio
import json
import shutil
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from nonet.accounts import exports
from nonet.accounts.tables import Export
from nonet.core import clock, db, jobs, settings, storage
from nonet.feed import jobs as feed
from nonet.inbox import export as inbox_lists
from nonet.inbox import service as inbox
from nonet.media import export as media_lists
from nonet.moderation import jobs as moderation
from nonet.people import export as people_lists
from nonet.signals import history
from nonet.social import export as social_lists
from nonet.sounds import service as sounds
from nonet.videos import export as videos_lists

Row = tuple[str, dict[str, Any]]
Rows = Callable[[db.Session, int], AsyncIterator[Row]]
Files = Callable[[db.Session, int], Awaitable[list[tuple[str, str]]]]

LISTS: dict[str, Rows] = {
    "accounts": exports.export,
    "moderation": moderation.export,
    "people": people_lists.export,
    "inbox": inbox_lists.export,
    "media": media_lists.export,
    "signals": history.export,
    "sounds": sounds.export,
    "videos": videos_lists.export,
    "social": social_lists.export,
    "feed": feed.export,
}
"""What each slice gives: rows, each with the name of its list, one list after the other."""
FILES: dict[str, Files] = {"people": people_lists.files, "media": media_lists.files}
"""What each slice gives of files: the name in the archive, the key of the object."""

BATCH = 500
ABOUT = """This is everything that {name} keeps about you, as of {when}.

Each folder holds what one part of the server keeps, each file a list as JSON (RFC 8259), times in UTC.
The folder files holds your picture and your videos, as you sent them where the server still has that.
Passwords are kept as a hash that nobody can read, and are left out.
"""


class NoRoomError(Exception):
    """The disk has no room for an archive of this size."""


@jobs.handler(exports.ASKED, attempts=4, backoff_s=60, lease_s=60, failed=exports.fail)
async def make(job: jobs.Running) -> None:
    """Make an archive and tell its owner; a second run makes it anew."""
    export_id = int(job.args["id"])
    async with db.transaction() as session:
        export = await session.get(Export, export_id)
    if export is None or export.state != "waiting":
        return
    path = settings.load().folder("spool") / f"export-{export_id}.part"  # a stray one is swept as uploads are
    try:
        await _build(export, path)
        size = (await asyncio.to_thread(path.stat)).st_size
        await _objects().put_file(exports.key(export_id), path, "application/zip")
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)
    async with db.transaction() as session:
        if await exports.finish(session, export_id, size) is not None:
            owner_id = export.account_id
            await inbox.notify(
                session, owner_id, "export_ready", actor_id=None, subject_kind="export", subject_id=export_id
            )
        await job.finish(session)


async def _build(export: Export, path: Path) -> None:
    files = [each async for each in _files(export.account_id)]
    await _check_room(files, path)
    total, done = len(LISTS) + len(files), 0
    await exports.step(export.id, done, total)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        about = ABOUT.format(name=settings.load().origin, when=clock.now().isoformat(timespec="minutes"))
        archive.writestr("README.txt", about)
        for slice_name, rows in LISTS.items():
            await _add_lists(archive, slice_name, rows, export.account_id)
            await exports.step(export.id, done := done + 1, total)
        for name, key in files:
            await _add_file(archive, name, key)
            await exports.step(export.id, done := done + 1, total)


async def _files(account_id: int) -> AsyncIterator[tuple[str, str]]:
    for each in FILES.values():
        async with db.transaction() as session:
            found = await each(session, account_id)
        for name, key in found:
            yield name, key


async def _check_room(files: list[tuple[str, str]], path: Path) -> None:
    heads = [await _objects().head(key) for _, key in files]
    needed = sum(head.size for head in heads if head) + settings.load().disk_floor_mb * 1024 * 1024
    if shutil.disk_usage(path.parent).free < needed:
        raise NoRoomError(f"an archive needs {needed >> 20} MiB of free disk")


async def _add_lists(archive: zipfile.ZipFile, slice_name: str, rows: Rows, account_id: int) -> None:
    """Write a slice's rows, each list as a file of its own."""
    writing: _List | None = None
    try:
        async with db.transaction() as session:
            async for name, row in rows(session, account_id):
                if writing is None or writing.name != name:
                    if writing is not None:
                        await writing.end()
                    writing = _List(archive, slice_name, name)
                await writing.add(row)
        if writing is not None:
            await writing.end()
    finally:
        if writing is not None:
            writing.close()


class _List:
    """One list of the archive on its way into it: a JSON array, one row a line, compressed outside of the loop."""

    def __init__(self, archive: zipfile.ZipFile, slice_name: str, name: str) -> None:
        self.name = name
        self._file = archive.open(f"{slice_name}/{name}.json", "w", force_zip64=True)
        self._rows: list[dict[str, Any]] = []
        self._begun = False

    async def add(self, row: dict[str, Any]) -> None:
        """Take a row; write when there are many."""
        self._rows.append(row)
        if len(self._rows) >= BATCH:
            await asyncio.to_thread(self._write)

    async def end(self) -> None:
        """Write what is left and close the list."""
        await asyncio.to_thread(self._write)
        self._file.write(b"\n]\n" if self._begun else b"[]\n")
        self._file.close()

    def close(self) -> None:
        """Let the archive go on, whatever happened; done twice it changes nothing."""
        self._file.close()

    def _write(self) -> None:
        for row in self._rows:
            self._file.write(b",\n" if self._begun else b"[\n")
            self._file.write(json.dumps(row, ensure_ascii=False, default=_plain).encode("utf-8", "backslashreplace"))
            self._begun = True
        self._rows.clear()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


async def _add_file(archive: zipfile.ZipFile, name: str, key: str) -> None:
    """Copy an object into the archive as it is; one that went meanwhile is left out."""
    head = await _objects().head(key)
    if head is None:
        return
    plain = zipfile.ZipInfo(f"files/{name}", clock.now().timetuple()[:6])
    with archive.open(plain, "w", force_zip64=True) as file:
        async for piece in _objects().read(key, 0, head.size):
            await asyncio.to_thread(file.write, piece)


def _objects() -> storage.Storage:
    return storage.open(settings.load().objects_url)
