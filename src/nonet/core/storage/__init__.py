"""Objects: immutable bytes under a key, on this machine's disk (``file://``) or in an S3 bucket (``s3://``).

It knows keys and bytes; what an object means, who may read it and when it may go is the business of the slices.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from nonet.core import settings

CHUNK_BYTES = 1 << 20
"""How much one read takes. Smaller reads cost CPU per gigabyte, larger ones memory per slow reader."""

KEY_MOST = 512
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,199})*")


Piece = bytes | bytearray | memoryview
"""What a read yields: anything that holds bytes."""


class KeyShapeError(ValueError):
    """A key or prefix that could leave its folder, or that some storage would not take."""


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of an object without reading it."""

    size: int
    etag: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One object of a listing."""

    key: str
    size: int
    modified_at: datetime


class Storage(Protocol):
    """What both storages promise. A key's object is whole or absent; a missing one raises ``FileNotFoundError``."""

    async def put_file(self, key: str, path: Path, content_type: str) -> None:
        """Make the file at ``path`` the object ``key``, durable on return, and take the file away.

        May be repeated after a crash: a file that is gone and an object that is there mean that it was done.
        """

    async def put_bytes(self, key: str, data: bytes, content_type: str) -> None:
        """Make ``data`` the object ``key``, durable on return."""

    async def get_file(self, key: str, path: Path) -> None:
        """Copy an object to ``path``, which appears whole or not at all; not fsynced, for scratch work."""

    def read(self, key: str, start: int, end: int, chunk_bytes: int = CHUNK_BYTES) -> AsyncGenerator[Piece, None]:
        """Yield an object's bytes from ``start`` up to ``end`` (exclusive), in pieces of about ``chunk_bytes``."""

    async def head(self, key: str) -> Head | None:
        """Return an object's size and tag, None when there is none."""

    async def delete(self, key: str) -> None:
        """Remove an object; one that is missing is fine."""

    async def delete_prefix(self, prefix: str) -> None:
        """Remove every object below a folder, ``assets/42`` for example."""

    def list(self, prefix: str = "") -> AsyncIterator[Listed]:
        """Yield the objects below a folder, all of them without one, in no promised order."""

    def local_path(self, key: str) -> Path | None:
        """Return where an object's file stands on this machine; None when it stands elsewhere."""

    async def presigned(self, key: str, seconds: int) -> str | None:
        """Return an address that anyone may read the object at for so long; None where there is no such thing."""


def check_key(key: str) -> str:
    """Return a key that names one object and nothing else; refuse every other text."""
    if len(key) > KEY_MOST or not _KEY.fullmatch(key):
        raise KeyShapeError(f"not an object key: {key[:80]!r}")
    return key


def check_prefix(prefix: str) -> str:
    """Return a folder's name without a slash at its end."""
    return check_key(prefix.removesuffix("/"))


def open(url: str, config: settings.Settings | None = None) -> Storage:  # noqa: A001 - read as storage.open(...)
    """Open the storage at ``file:///folder`` or ``s3://bucket/prefix``; keys for S3 come from the settings.

    A process opens each once: an S3 storage keeps its connections.
    """
    config = config or settings.load()
    return _open(url, config.s3_endpoint, config.s3_region, config.s3_access_key, config.s3_secret_key)


@cache
def _open(url: str, *server: str) -> Storage:
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path and parts.netloc in {"", "localhost"}:
        from nonet.core.storage.local import LocalStorage  # noqa: PLC0415 - a process loads the one it uses

        return LocalStorage(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc:
        from nonet.core.storage.s3 import Bucket, S3Storage  # noqa: PLC0415 - 30 MB that a local storage does without

        return S3Storage(Bucket(parts.netloc, parts.path.strip("/"), *server))
    raise ValueError(f"NONET_STORAGE_URL must look like file:///folder or s3://bucket/prefix, not {url!r}")
