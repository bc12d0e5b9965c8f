"""Files that are whole after any crash: the old content or the new, never a part."""

import os
import tempfile
from pathlib import Path


def replace(path: Path, text: str | bytes, owner: tuple[int | None, int | None] = (None, None)) -> None:
    """Make a file of mode 0600 hold ``text`` durably: the old content or the new after any crash."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode() if isinstance(text, str) else text)
        file.flush()
        os.fsync(file.fileno())
    if owner[0] is not None and owner[1] is not None:
        os.chown(name, owner[0], owner[1])
    Path(name).replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Make what was written to a file, or renamed inside a folder, durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
