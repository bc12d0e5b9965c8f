"""The server's own secrets: 32 random bytes each in the data folder, made on first use.

What is signed with the server's key is ours. The push key is the seed of the key pair that push services know us by.
"""

import contextlib
import os
import secrets
from functools import cache
from pathlib import Path

from nonet.core import durable, settings

KEY_BYTES = 32


class KeyFileError(Exception):
    """The key file isn't what we wrote; addresses signed with it could not be told from forgeries."""


def server_key(config: settings.Settings) -> bytes:
    """Return the server's key, making ``keys/server.key`` (mode 0600, durable) when there is none yet."""
    return _read_or_make(config.folder("keys") / "server.key")


def push_key(config: settings.Settings) -> bytes:
    """Return the seed of the push key pair; browsers that subscribed are lost with it."""
    return _read_or_make(config.folder("keys") / "push.key")


@cache
def _read_or_make(path: Path) -> bytes:
    if not path.exists():
        _make(path)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise KeyFileError(f"{path} has {len(key)} bytes instead of {KEY_BYTES}: restore it from a backup or remove it")
    return key


def _make(path: Path) -> None:
    """Write a key aside and link it into place, so that of two processes the first wins and both read the same."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(aside)
    finally:
        aside.unlink()
    durable.sync(path.parent)
