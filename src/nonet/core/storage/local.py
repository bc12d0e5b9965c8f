"""Objects as files below one folder. Written aside, fsynced, renamed: a key shows a whole object or none.

Files are readable to all and folders may be entered, so that a web server can be let in by the mode of the folder
above; inside the data folder, which is 0700, nobody else gets that far.
"""

import asyncio
import contextlib
import errno
import os
import secrets
import shutil
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

from nonet.core import durable
from nonet.core.storage import CHUNK_BYTES, Head, Listed, Piece, check_key, check_prefix

INCOMING = ".incoming"
"""Where unfinished objects stand: on the same filesystem, and no key can name it."""

ABANDONED_S = 24 * 3600.0
RACES = 5
_NOWAIT = getattr(os, "RWF_NOWAIT", 0)


class LocalStorage:
    """The storage for ``file://``."""

    def __init__(self, root: Path) -> None:
        self._root = root
        _sweep(self._aside().parent)

    async def put_file(self, key: str, path: Path, content_type: str) -> None:  # noqa: ARG002 - the name says it here
        """Rename the file to its key, or copy it when it stands on another filesystem; fsync file and folders."""
        await asyncio.to_thread(self._put_file, self._path(key), path)

    async def put_bytes(self, key: str, data: bytes, content_type: str) -> None:  # noqa: ARG002 - as above
        """Write, fsync, rename, fsync the folder."""
        await asyncio.to_thread(self._put, self._path(key), lambda aside: _write(aside, data))

    async def get_file(self, key: str, path: Path) -> None:
        """Copy within the kernel where it can."""
        await asyncio.to_thread(_copy_whole, self._path(key), path)

    async def read(self, key: str, start: int, end: int, chunk_bytes: int = CHUNK_BYTES) -> AsyncGenerator[Piece, None]:
        """Read from the page cache at once, from the disk in a thread."""
        file = os.open(self._path(key), os.O_RDONLY | os.O_CLOEXEC)
        try:
            while start < end:
                size = min(chunk_bytes, end - start)
                piece: Piece | None = _cached(file, start, size)
                if not piece:
                    piece = await asyncio.to_thread(os.pread, file, size, start)
                if not piece:
                    raise EOFError(f"{key} ends at {start}, before {end}")
                start += len(piece)
                yield piece
        finally:
            os.close(file)

    async def head(self, key: str) -> Head | None:
        """One stat."""
        try:
            stat = self._path(key).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return Head(stat.st_size, f"{stat.st_mtime_ns:x}-{stat.st_size:x}")

    async def delete(self, key: str) -> None:
        """Unlink, and let go of a folder that is empty then."""
        await asyncio.to_thread(_unlink, self._path(key), self._root)

    async def delete_prefix(self, prefix: str) -> None:
        """Move the folder aside first, so that it is gone at once, then remove it."""
        await asyncio.to_thread(self._delete_folder, self._root / check_prefix(prefix))

    async def list(self, prefix: str = "") -> AsyncIterator[Listed]:
        """Walk the folder, a thread's turn for each level."""
        folders = [self._root / check_prefix(prefix) if prefix else self._root]
        while folders:
            below, files = await asyncio.to_thread(_scan, folders.pop())
            folders += below
            for path, stat in files:
                modified_at = datetime.fromtimestamp(stat.st_mtime, UTC)
                yield Listed(path.relative_to(self._root).as_posix(), stat.st_size, modified_at)

    def local_path(self, key: str) -> Path | None:
        """Return the object's file, whether it is there or not."""
        return self._path(key)

    async def presigned(self, key: str, seconds: int) -> str | None:  # noqa: ARG002 - files have no such address
        """Return None: only S3 signs addresses."""
        return None

    def _aside(self) -> Path:
        """Return where an unfinished object may stand; the folders are made by whoever comes first, for us alone."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        incoming = self._root / INCOMING
        incoming.mkdir(mode=0o700, exist_ok=True)
        return incoming / secrets.token_hex(12)

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    def _put_file(self, target: Path, source: Path) -> None:
        if not source.exists() and target.exists():
            return
        source.chmod(0o644)
        durable.sync(source)
        try:
            self._rename(source, target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._put(target, lambda aside: _copy(source, aside))
            source.unlink(missing_ok=True)

    def _put(self, target: Path, fill: Callable[[Path], None]) -> None:
        aside = self._aside()
        try:
            fill(aside)
            aside.chmod(0o644)
            durable.sync(aside)
            self._rename(aside, target)
        finally:
            aside.unlink(missing_ok=True)

    def _rename(self, source: Path, target: Path) -> None:
        """Rename into place and make that durable; the folder may vanish in between, under a delete."""
        for attempt in range(RACES):
            try:
                target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
                source.replace(target)
            except (FileNotFoundError, FileExistsError):  # mkdir says the second when the folder vanishes under it
                if attempt == RACES - 1 or not source.exists():
                    raise
            else:
                break
        with contextlib.suppress(FileNotFoundError):  # put, and deleted with its folder meanwhile
            self._fsync_folders(target.parent)

    def _fsync_folders(self, folder: Path) -> None:
        """Make the way to an object durable; each time, since whoever made a folder may have died before its fsync."""
        durable.sync(folder)
        if folder != self._root:
            self._fsync_folders(folder.parent)

    def _delete_folder(self, folder: Path) -> None:
        aside = self._aside()
        try:
            folder.replace(aside)
        except FileNotFoundError:
            return
        durable.sync(folder.parent)
        shutil.rmtree(aside, ignore_errors=True)


def _cached(file: int, start: int, size: int) -> bytearray | None:
    """Return bytes that need no wait for the disk; fewer than asked when only they are in memory; None for none."""
    if not _NOWAIT:
        return None
    buffer = bytearray(size)
    try:
        count = os.preadv(file, [buffer], start, _NOWAIT)
    except OSError:  # not in memory, or a filesystem that can't tell
        return None
    if count < size:
        del buffer[count:]
    return buffer


def _scan(folder: Path) -> tuple[list[Path], list[tuple[Path, os.stat_result]]]:
    below: list[Path] = []
    files: list[tuple[Path, os.stat_result]] = []
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                below.append(Path(entry.path))
                continue
            with contextlib.suppress(FileNotFoundError):
                files.append((Path(entry.path), entry.stat()))
    return below, files


def _unlink(path: Path, root: Path) -> None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        path.unlink()
        durable.sync(path.parent)
    if path.parent != root:
        with contextlib.suppress(OSError):
            path.parent.rmdir()


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)


def _copy_whole(source: Path, target: Path) -> None:
    aside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        shutil.copyfile(source, aside)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove what killed processes left unfinished, once it is too old to be anybody's work."""
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < time.time() - ABANDONED_S:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
