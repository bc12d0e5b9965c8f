"""Writes a request's body to the end of its upload's file: by the MiB, synced and recorded piece by piece."""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import ClientDisconnect

from nonet.core import db, http, metrics
from nonet.media import uploads
from nonet.media.tables import Upload

WRITE_BYTES = 2 * 1024 * 1024
PIECES_MOST = 512  # of one vectored write; the kernel takes 1,024
SYNC_BYTES = 16 * 1024 * 1024
SYNC_S = 2.0


async def write(chunks: AsyncIterator[bytes], upload: Upload, offset: int, checksum: bytes | None) -> int:
    """Write a body; whatever ends it early, what came through is kept, unless it had to match a checksum as a whole."""
    end = Spool(upload, await asyncio.to_thread(_open, uploads.spool_path(upload.id)), offset, checksum)
    try:
        try:
            async for chunk in chunks:
                await end.add(chunk)
        except ClientDisconnect:
            return await end.keep()
        except (http.TooSlow, asyncio.CancelledError):
            await asyncio.shield(end.keep())
            raise
        return await end.finish()
    finally:
        await asyncio.shield(end.close())


class Spool:
    """The end of one upload's file while one request writes it; ``safe`` is the offset that is synced and recorded.

    Bytes are written while the next ones arrive, and synced while more are written: one write and one sync at a time.
    """

    def __init__(self, upload: Upload, file: int, offset: int, checksum: bytes | None) -> None:
        self.upload, self.file, self.checksum = upload, file, checksum
        self.safe = self.written = self.taken = offset
        self.recorded_at = time.monotonic()
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._digest = hashlib.sha256()
        self._writing: asyncio.Task[None] | None = None
        self._syncing: asyncio.Task[None] | None = None

    async def add(self, chunk: bytes) -> None:
        """Take bytes; write them by WRITE_BYTES, record by SYNC_BYTES or SYNC_S. Raises WrongOffset past the end."""
        self._waiting.append(chunk)
        self._waiting_bytes += len(chunk)
        self.taken += len(chunk)
        if self.taken > self.upload.size_bytes:
            raise uploads.WrongOffset(offset=self.safe)
        if self._waiting_bytes >= WRITE_BYTES or len(self._waiting) >= PIECES_MOST:
            await self._write()
        late = time.monotonic() - self.recorded_at > SYNC_S
        idle = self._syncing is None or self._syncing.done()
        if self.checksum is None and idle and (late or self.written - self.safe >= SYNC_BYTES):
            await self._record()

    async def keep(self) -> int:
        """Record what came through of a body that ended early and return the durable offset."""
        return self.safe if self.checksum is not None else await self.finish()

    async def finish(self) -> int:
        """Record the whole body and return the durable offset; a ChecksumMismatch leaves nothing of it recorded."""
        await self._write()
        await self._settle()
        if self.checksum is not None and self._digest.digest() != self.checksum:
            raise uploads.ChecksumMismatch
        await self._record()
        await self._settle()
        return self.safe

    async def _write(self) -> None:
        """Begin to write what has gathered, once what was begun before is written."""
        if self._writing is not None:
            await self._writing
            self._writing = None
        if self._waiting:
            pieces, self._waiting, self._waiting_bytes = self._waiting, [], 0
            self._writing = asyncio.create_task(self._put(pieces))

    async def _put(self, pieces: list[bytes]) -> None:
        await asyncio.to_thread(self._pwrite, pieces)
        self.written += sum(len(piece) for piece in pieces)

    def _pwrite(self, pieces: list[bytes]) -> None:
        if self.checksum is not None:
            for piece in pieces:
                self._digest.update(piece)
        size, done = sum(len(piece) for piece in pieces), os.pwritev(self.file, pieces, self.written)
        if done < size:  # a full disk tells only at the next try
            view = memoryview(b"".join(pieces))
            while done < size:
                done += os.pwrite(self.file, view[done:], self.written + done)

    async def _record(self) -> None:
        """Begin to sync what is written and to record its offset, once what was begun before is recorded."""
        if self._syncing is not None:
            await self._syncing
            self._syncing = None
        self.recorded_at = time.monotonic()
        if self.written > self.safe:
            self._syncing = asyncio.create_task(self._sync(self.written))

    async def _sync(self, upto: int) -> None:
        await asyncio.to_thread(os.fsync, self.file)
        async with db.transaction() as session:
            await uploads.advance(session, self.upload, upto)
        metrics.UPLOADED.inc(upto - self.safe)
        self.safe = upto

    async def _settle(self) -> None:
        """Wait for what is under way; whatever it raised is raised here."""
        for task in (self._writing, self._syncing):
            if task is not None:
                await task
        self._writing = self._syncing = None

    async def close(self) -> None:
        """Wait for what is under way, however it ends, and close the file."""
        under_way = [task for task in (self._writing, self._syncing) if task is not None]
        await asyncio.gather(*under_way, return_exceptions=True)
        await asyncio.to_thread(os.close, self.file)


def _open(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
