"""Reads the fragmented MP4 we wrote (ISO/IEC 14496-12): its fragments, how long each shows, its codecs. Pure.

It trusts nothing all the same: a file that was cut or damaged raises BrokenFileError, never anything else.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from nonet.media import boxes

MOOV_MOST = 16 * 1024 * 1024
MOOF_MOST = 64 * 1024 * 1024
VISUAL_ENTRY, STSD_HEAD = 78, 8  # bytes before the child boxes of a sample entry, and of stsd


class BrokenFileError(ValueError):
    """The bytes aren't the fragmented MP4 they should be."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """One moof and its mdat: bytes from ``start``, and how long its pictures show."""

    start: int
    size: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class Movie:
    """A fragmented MP4: ``init_size`` bytes of header, fragments side by side, RFC 6381 codecs."""

    init_size: int
    fragments: tuple[Fragment, ...]
    codecs: str
    width: int
    height: int

    @property
    def duration_s(self) -> float:
        """How long the picture lasts."""
        return sum(f.duration_s for f in self.fragments)


@dataclass(frozen=True, slots=True)
class _Track:
    number: int
    timescale: int
    default_duration: int


def read(file: BinaryIO) -> Movie:
    """Read a file's structure without its media; raises BrokenFileError."""
    try:
        return _read(file)
    except (struct.error, IndexError, StopIteration, ZeroDivisionError) as error:
        raise BrokenFileError(f"damaged: {error}") from error


def _read(file: BinaryIO) -> Movie:
    outer = list(boxes.top(file))
    if not outer or outer[-1].end != file.seek(0, 2):
        raise BrokenFileError("it breaks off")
    head = next((b for b in outer if b.kind == b"moov"), None)
    if head is None or head.size > MOOV_MOST:
        raise BrokenFileError("no header")
    moov = _bytes(file, head)
    track, codecs, width, height = _tracks(moov)
    found = []
    for box, after in zip(outer, [*outer[1:], None], strict=True):
        if box.kind != b"moof":
            continue
        if after is None or after.kind != b"mdat" or box.size > MOOF_MOST:
            raise BrokenFileError("a fragment without its media")
        duration = _duration(_bytes(file, box), track)
        found.append(Fragment(box.start, after.end - box.start, duration / track.timescale))
    if not found:
        raise BrokenFileError("no fragment")
    return Movie(head.end, tuple(found), codecs, width, height)


def _bytes(file: BinaryIO, box: boxes.Box) -> bytes:
    file.seek(box.start)
    return file.read(box.size)


def _tracks(moov: bytes) -> tuple[_Track, str, int, int]:
    """Return the picture's track, the codecs of all tracks, and the picture's size."""
    picture: tuple[_Track, int, int] | None = None
    codecs = []
    for trak in boxes.find(moov, b"moov", b"trak"):
        inside = moov[trak.start : trak.end]
        entry = next(boxes.walk(inside, next(_in(inside, b"mdia", b"minf", b"stbl", b"stsd")).body + STSD_HEAD))
        if entry.kind == b"avc1":
            width, height = struct.unpack(">HH", inside[entry.body + 24 : entry.body + 28])
            config = next(b for b in boxes.walk(inside, entry.body + VISUAL_ENTRY, entry.end) if b.kind == b"avcC")
            codecs.append("avc1." + inside[config.body + 1 : config.body + 4].hex())
            picture = (_track(moov, inside), width, height)
        elif entry.kind == b"mp4a":
            codecs.append("mp4a.40.2")
        else:
            raise BrokenFileError(f"a track of {entry.kind!r}")
    if picture is None:
        raise BrokenFileError("no picture")
    return picture[0], ",".join(sorted(codecs)), picture[1], picture[2]


def _in(trak: bytes, *path: bytes) -> Iterator[boxes.Box]:
    return boxes.find(trak, b"trak", *path)


def _track(moov: bytes, trak: bytes) -> _Track:
    tkhd, mdhd = next(_in(trak, b"tkhd")), next(_in(trak, b"mdia", b"mdhd"))
    wide = trak[tkhd.body] == 1
    (number,) = struct.unpack_from(">I", trak, tkhd.body + (20 if wide else 12))
    (timescale,) = struct.unpack_from(">I", trak, mdhd.body + (20 if trak[mdhd.body] == 1 else 12))
    default = 0
    for trex in boxes.find(moov, b"moov", b"mvex", b"trex"):
        which, _, duration = struct.unpack_from(">III", moov, trex.body + 4)
        default = duration if which == number else default
    return _Track(number, timescale, default)


def _duration(moof: bytes, track: _Track) -> int:
    """Return how long a fragment's pictures last, in the track's units."""
    total = 0
    for traf in boxes.find(moof, b"moof", b"traf"):
        inner = {b.kind: b for b in boxes.walk(moof, traf.body, traf.end)}
        tfhd = inner.get(b"tfhd")
        if tfhd is None:
            raise BrokenFileError("a fragment without a track")
        flags, number = struct.unpack_from(">II", moof, tfhd.body)
        if number != track.number:
            continue
        default = track.default_duration
        if flags & 0x8:
            place = tfhd.body + 8 + (8 if flags & 0x1 else 0) + (4 if flags & 0x2 else 0)
            (default,) = struct.unpack_from(">I", moof, place)
        for trun in (b for b in boxes.walk(moof, traf.body, traf.end) if b.kind == b"trun"):
            total += _run(moof, trun, default)
    return total


def _run(moof: bytes, trun: boxes.Box, default: int) -> int:
    flags, count = struct.unpack_from(">II", moof, trun.body)
    if not flags & 0x100:
        return default * int(count)
    place = trun.body + 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
    stride = 4 * sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800))
    if place + stride * count > trun.end:
        raise BrokenFileError("a run that is cut")
    return sum(int.from_bytes(moof[place + stride * n : place + stride * n + 4], "big") for n in range(count))
