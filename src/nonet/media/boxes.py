"""Boxes of MP4 and QuickTime files (ISO/IEC 14496-12): read from hostile bytes, written by us.

Nothing here believes a size: a box that claims more than its parent holds ends the walk, and walks are bounded.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MOST_BOXES = 100_000
MOST_MOOV_BYTES = 64 * 1024 * 1024
SELF_CONTAINED = 1


@dataclass(frozen=True, slots=True)
class Box:
    """One box: where its header starts, where its payload starts and where it ends."""

    kind: bytes
    start: int
    body: int
    end: int

    @property
    def size(self) -> int:
        """Bytes, the header included."""
        return self.end - self.start


def walk(data: bytes | memoryview, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Yield the boxes that lie side by side in ``data[start:end]``, and stop where the bytes stop being boxes."""
    end = len(data) if end is None else min(end, len(data))
    for _ in range(MOST_BOXES):
        box = _header(bytes(data[start : start + 16]), start, end)
        if box is None:
            return
        yield box
        start = box.end


def top(file: BinaryIO) -> Iterator[Box]:
    """Yield the outermost boxes of a file, reading only their headers."""
    end = file.seek(0, 2)
    start = 0
    for _ in range(MOST_BOXES):
        file.seek(start)
        box = _header(file.read(16), start, end)
        if box is None:
            return
        yield box
        start = box.end


def find(data: bytes | memoryview, *path: bytes) -> Iterator[Box]:
    """Yield every box at a path like ``b"moov", b"trak", b"mdia"`` below the start of ``data``."""
    yield from _find(data, path, 0, len(data))


def _find(data: bytes | memoryview, path: tuple[bytes, ...], start: int, end: int) -> Iterator[Box]:
    for box in walk(data, start, end):
        if box.kind != path[0]:
            continue
        if len(path) == 1:
            yield box
        else:
            yield from _find(data, path[1:], box.body, box.end)


def _header(head: bytes, start: int, end: int) -> Box | None:
    if len(head) < 8:  # noqa: PLR2004 - size and kind
        return None
    size, kind = struct.unpack(">I4s", head[:8])
    body = 8
    if size == 1 and len(head) >= 16:  # noqa: PLR2004 - a 64-bit size follows
        size, body = struct.unpack(">Q", head[8:16])[0], 16
    elif size == 0:
        size = end - start
    if size < body or start + size > end:
        return None
    return Box(kind, start, start + body, start + size)


def points_elsewhere(file: BinaryIO) -> bool:
    """Tell whether a movie's tracks keep their media in other files: data references that name something."""
    for box in top(file):
        if box.kind != b"moov" or box.size > MOST_MOOV_BYTES:
            continue
        file.seek(box.start)
        moov = file.read(box.size)
        for dref in find(moov, b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
            for entry in walk(moov, dref.body + 8, dref.end):
                flags = int.from_bytes(moov[entry.body + 1 : entry.body + 4], "big")
                if not flags & SELF_CONTAINED and entry.end > entry.body + 4:
                    return True
    return False


def box(kind: bytes, *payload: bytes) -> bytes:
    """Write a box."""
    body = b"".join(payload)
    return struct.pack(">I4s", len(body) + 8, kind) + body
