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

WRITE_BYTES = 1024 * 1024
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
        await asyncio.to_thread(os.close, end.file)


class Spool:
    """The end of one upload's file while one request writes it; ``safe`` is the offset that is synced and recorded."""

    def __init__(self, upload: Upload, file: int, offset: int, checksum: bytes | None) -> None:
        self.upload, self.file, self.checksum = upload, file, checksum
        self.safe = self.written = offset
        self.recorded_at = time.monotonic()
        self.waiting = bytearray()
        self.digest = hashlib.sha256()

    async def add(self, chunk: bytes) -> None:
        """Take bytes; write them by the MiB, record them by SYNC_BYTES or SYNC_S. Raises WrongOffset past the end."""
        self.waiting += chunk
        if self.written + len(self.waiting) > self.upload.size_bytes:
            raise uploads.WrongOffset(offset=self.safe)
        if len(self.waiting) >= WRITE_BYTES:
            await self._flush()
        late = time.monotonic() - self.recorded_at > SYNC_S
        if self.checksum is None and (late or self.written - self.safe >= SYNC_BYTES):
            await self._record()

    async def keep(self) -> int:
        """Record what came through of a body that ended early and return the durable offset."""
        return self.safe if self.checksum is not None else await self.finish()

    async def finish(self) -> int:
        """Record the whole body and return the durable offset; a ChecksumMismatch leaves nothing of it recorded."""
        await self._flush()
        if self.checksum is not None and self.digest.digest() != self.checksum:
            raise uploads.ChecksumMismatch
        await self._record()
        return self.safe

    async def _flush(self) -> None:
        if self.waiting:
            data, self.waiting = bytes(self.waiting), bytearray()
            await asyncio.to_thread(self._pwrite, data)
            self.written += len(data)

    def _pwrite(self, data: bytes) -> None:
        if self.checksum is not None:
            self.digest.update(data)
        view, place = memoryview(data), self.written
        while view:
            count = os.pwrite(self.file, view, place)
            view, place = view[count:], place + count

    async def _record(self) -> None:
        """Sync the file, then record its offset."""
        if self.written > self.safe:
            await asyncio.to_thread(os.fsync, self.file)
            async with db.transaction() as session:
                await uploads.advance(session, self.upload, self.written)
            metrics.UPLOADED.inc(self.written - self.safe)
            self.safe = self.written
        self.recorded_at = time.monotonic()


def _open(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
