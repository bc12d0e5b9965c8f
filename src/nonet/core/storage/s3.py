"""Objects in an S3 bucket, by obstore: large files in parts, reads streamed, addresses signed.

An upload that is killed leaves no object; its parts stay hidden in the bucket until the bucket's lifecycle rule for
unfinished multipart uploads removes them (docs/operations/storage.md).
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import obstore
from obstore.store import S3Store

from nonet.core.storage import CHUNK_BYTES, Head, Listed, Piece, check_key, check_prefix

if TYPE_CHECKING:
    from obstore.store import S3Config

PART_BYTES = 8 << 20
PARTS_AT_ONCE = 4
RETRIES = 4
DELETE_AT_ONCE = 1000
REQUEST_S = 60


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where objects are, and who may get at them; what is empty is left to the environment, as on Amazon's machines."""

    name: str
    prefix: str
    endpoint: str
    region: str
    access_key: str
    secret_key: str

    @property
    def config(self) -> "S3Config":
        """Say it in obstore's words."""
        chosen: S3Config = {"region": self.region}
        if self.endpoint:
            chosen["endpoint"] = self.endpoint
        if self.access_key:
            chosen["access_key_id"] = self.access_key
            chosen["secret_access_key"] = self.secret_key
        return chosen


class S3Storage:
    """The storage for ``s3://``."""

    def __init__(self, bucket: Bucket) -> None:
        self._store = S3Store(
            bucket.name,
            prefix=bucket.prefix or None,
            config=bucket.config,
            client_options={
                "allow_http": bucket.endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=5),
                "read_timeout": timedelta(seconds=REQUEST_S),
                "timeout": timedelta(hours=1),
            },
            retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=REQUEST_S)},
        )

    async def put_file(self, key: str, path: Path, content_type: str) -> None:
        """Upload the file, in parts when it is large, then remove it."""
        if not await asyncio.to_thread(path.exists) and await self.head(key) is not None:
            return
        await self._put(key, path, content_type)
        await asyncio.to_thread(path.unlink, missing_ok=True)

    async def put_bytes(self, key: str, data: bytes, content_type: str) -> None:
        """Upload in one request."""
        await self._put(key, data, content_type)

    async def get_file(self, key: str, path: Path) -> None:
        """Download beside ``path``, then rename."""
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            with await asyncio.to_thread(aside.open, "xb") as file:
                await self._download(key, file)
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)

    async def read(self, key: str, start: int, end: int, chunk_bytes: int = CHUNK_BYTES) -> AsyncGenerator[Piece, None]:
        """Stream a ranged request; nothing is asked of S3 for an empty range."""
        if start >= end:
            return
        answer = await obstore.get_async(self._store, check_key(key), options={"range": (start, end)})
        async for piece in answer.stream(min_chunk_size=chunk_bytes):
            start += len(piece)
            yield memoryview(piece)
        if start < end:
            raise EOFError(f"{key} ends at {start}, before {end}")

    async def head(self, key: str) -> Head | None:
        """Ask S3."""
        try:
            meta = await obstore.head_async(self._store, check_key(key))
        except FileNotFoundError:
            return None
        return Head(meta["size"], (meta["e_tag"] or "").strip('"'))

    async def delete(self, key: str) -> None:
        """Delete; S3 says yes to what is missing."""
        await obstore.delete_async(self._store, check_key(key))

    async def delete_prefix(self, prefix: str) -> None:
        """Delete what the listing shows, in batches, until it shows nothing."""
        keys = [each.key async for each in self.list(check_prefix(prefix))]
        for first in range(0, len(keys), DELETE_AT_ONCE):
            await obstore.delete_async(self._store, keys[first : first + DELETE_AT_ONCE])

    async def list(self, prefix: str = "") -> AsyncIterator[Listed]:
        """List in pages."""
        folder = check_prefix(prefix) + "/" if prefix else None
        async for page in obstore.list(self._store, folder):
            for meta in page:
                yield Listed(meta["path"], meta["size"], meta["last_modified"])

    def local_path(self, key: str) -> Path | None:
        """Return None: objects are elsewhere."""
        check_key(key)
        return None

    async def presigned(self, key: str, seconds: int) -> str | None:
        """Sign a GET of the object."""
        return await obstore.sign_async(self._store, "GET", check_key(key), timedelta(seconds=seconds))

    async def _put(self, key: str, what: Path | bytes, content_type: str) -> None:
        await obstore.put_async(
            self._store,
            check_key(key),
            what,
            attributes={"Content-Type": content_type},
            chunk_size=PART_BYTES,
            max_concurrency=PARTS_AT_ONCE,
        )

    async def _download(self, key: str, file: BinaryIO) -> None:
        answer = await obstore.get_async(self._store, check_key(key))
        async for piece in answer.stream(min_chunk_size=PART_BYTES):
            await asyncio.to_thread(file.write, memoryview(piece))
