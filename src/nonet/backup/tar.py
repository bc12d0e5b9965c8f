"""The file of a backup: an ordinary tar of plain files, read and written in pieces, never a whole member in memory.

``database/TABLE.copy.gz``, ``keys/NAME`` and ``objects/KEY`` come first, then ``SHA256SUMS``, a line for each in the
same order, then ``manifest.json``. ``tar x`` and ``sha256sum -c`` read it too. A reader trusts no header: another
kind of member, a name that isn't one of these, or a size that goes beyond the file ends it before anything is written.
"""

import hashlib
import os
import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from nonet.backup import ArchiveError, manifest
from nonet.core import storage

BLOCK = 512
PIECE_BYTES = 1 << 20
MANIFEST = "manifest.json"
MANIFEST_MOST = 16 << 20
SUMS = "SHA256SUMS"
_SMALL = re.compile(r"database/[a-z_][a-z0-9_]{0,62}\.copy\.gz|keys/[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LINE_MOST = 64 + 2 + 256 + 1
_OCTAL_MOST = 8**11 - 1

Put = Callable[[storage.Piece], None]


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive: where its bytes stand, how many, and their SHA-256 as SHA256SUMS says."""

    name: str
    offset: int
    size: int
    sha256: str = ""


class Writer:
    """Writes members one after the other into ``file``, and a line for each into ``sums``; both can be sought in."""

    def __init__(self, file: IO[bytes], sums: IO[bytes], modified_s: int) -> None:
        self._file = file
        self._sums = sums
        self._modified_s = modified_s

    @contextmanager
    def member(self, name: str) -> Iterator[Put]:
        """Give a function that adds bytes to a new member; the member is not there when the block raises."""
        begin, digest, size = self._file.tell(), hashlib.sha256(), 0

        def put(piece: storage.Piece) -> None:
            nonlocal size
            self._file.write(piece)
            digest.update(piece)
            size += len(piece)

        self._file.write(header(name, 0, self._modified_s))
        try:
            yield put
        except BaseException:
            self._file.seek(begin)
            self._file.truncate()
            raise
        self._file.write(b"\0" * (-size % BLOCK))
        end = self._file.tell()
        self._file.seek(begin)
        self._file.write(header(name, size, self._modified_s))
        self._file.seek(end)
        self._sums.write(f"{digest.hexdigest()}  {name}\n".encode())

    def sum_up(self) -> str:
        """Add the list of hashes; returns its own."""
        listed, digest = self._sums, hashlib.sha256()
        left = listed.tell()  # the line of the sums themselves, written after this, is not among them
        listed.seek(0)
        with self.member(SUMS) as put:
            while left and (piece := listed.read(min(PIECE_BYTES, left))):
                left -= len(piece)
                digest.update(piece)
                put(piece)
        return digest.hexdigest()

    def end(self, said: bytes) -> None:
        """Add the manifest and make all of it durable."""
        with self.member(MANIFEST) as put:
            put(said)
        self._file.write(b"\0" * 2 * BLOCK)
        self._file.flush()
        os.fsync(self._file.fileno())


def header(name: str, size: int, modified_s: int) -> bytes:
    """Return a member's header of one block; beyond 8 GiB the size is binary, as GNU tar writes and every tar reads."""
    info = tarfile.TarInfo(name)
    info.mode, info.mtime, info.size = 0o600, modified_s, min(size, _OCTAL_MOST)
    block = bytearray(info.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict"))
    if size > _OCTAL_MOST:
        block[124:136] = b"\x80" + size.to_bytes(11, "big")
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


class Reader:
    """An archive whose headers, list and manifest fit together; its members are verified as they are read.

    Raises ArchiveError, now or while a member is read.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            self._end = os.fstat(self._file.fileno()).st_size
            self._sums, told = _last_two(self._members())
            self.manifest = manifest.parse(b"".join(self._pieces(told)))
            self.small = self._index()
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def objects(self) -> Iterator[Member]:
        """Yield every object's member, its key after ``objects/``, in the order of the file."""
        return (each for each in self._listed() if each.name.startswith("objects/"))

    def read(self, member: Member) -> Iterator[bytes]:
        """Yield a member's bytes; raises ArchiveError after the last when they aren't what was written."""
        digest = hashlib.sha256()
        for piece in self._pieces(member):
            digest.update(piece)
            yield piece
        if digest.hexdigest() != member.sha256:
            raise ArchiveError(f"This backup is damaged in {member.name}: the bytes are not those it was made with.")

    def _index(self) -> dict[str, Member]:
        """Compare the list with the members, and return where all but the objects stand."""
        if _digest(self._pieces(self._sums)) != self.manifest.sums_sha256:
            raise ArchiveError("This backup is damaged: its list of hashes is not the one it was made with.")
        small: dict[str, Member] = {}
        objects = 0
        for each in self._listed():
            if each.name.startswith("objects/"):
                objects += 1
            elif each.name in small:
                raise ArchiveError(f"This is no backup of Nonet: it has {each.name} twice.")
            else:
                small[each.name] = each
        if objects != self.manifest.objects:
            raise ArchiveError(f"This backup should have {self.manifest.objects} objects and has {objects}.")
        return small

    def _listed(self) -> Iterator[Member]:
        lines = self._lines()
        for each in self._members():
            if each.name == SUMS:
                break
            digest, _, name = next(lines, "").partition("  ")
            if name != each.name:
                raise ArchiveError(f"This backup is damaged: its list of hashes lacks {each.name}.")
            yield Member(each.name, each.offset, each.size, digest)

    def _lines(self) -> Iterator[str]:
        rest = b""
        for piece in self._pieces(self._sums):
            *whole, rest = (rest + piece).split(b"\n")
            if len(rest) > _LINE_MOST:
                break
            yield from (line.decode("ascii", "replace") for line in whole)

    def _pieces(self, member: Member) -> Iterator[bytes]:
        at, end = member.offset, member.offset + member.size
        while at < end:
            self._file.seek(at)
            piece = self._file.read(min(PIECE_BYTES, end - at))
            if not piece:
                raise ArchiveError("This backup became shorter while it was read.")
            at += len(piece)
            yield piece

    def _members(self) -> Iterator[Member]:
        at = 0
        while True:
            self._file.seek(at)
            block = self._file.read(BLOCK)
            if len(block) == BLOCK and not block.strip(b"\0"):
                return
            found = _member(block, at + BLOCK, self._end)
            yield found
            at = found.offset + found.size + -found.size % BLOCK


def _member(block: bytes, offset: int, end: int) -> Member:
    """Read a header; refuse everything that ``Writer`` does not write."""
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
    except (tarfile.TarError, ValueError):
        raise ArchiveError("This is no backup of Nonet, or it is cut short.") from None
    if info.type != tarfile.REGTYPE or not _allowed(info.name):
        raise ArchiveError(f"This is no backup of Nonet: it has a member {info.name[:80]!r}.")
    if not 0 <= info.size <= end - offset:
        raise ArchiveError(f"This backup is cut short: {info.name} goes beyond its end.")
    return Member(info.name, offset, info.size)


def _allowed(name: str) -> bool:
    if name.startswith("objects/"):
        try:
            storage.check_key(name.removeprefix("objects/"))
        except storage.KeyShapeError:
            return False
        return True
    return name in {SUMS, MANIFEST} or _SMALL.fullmatch(name) is not None


def _last_two(members: Iterator[Member]) -> tuple[Member, Member]:
    """Return the list of hashes and the manifest, which end every backup."""
    kept: list[Member] = []
    for each in members:
        kept = [*kept[-1:], each]
    if [each.name for each in kept] != [SUMS, MANIFEST] or kept[1].size > MANIFEST_MOST:
        raise ArchiveError("This is no backup of Nonet, or its end is missing.")
    return kept[0], kept[1]


def _digest(pieces: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
