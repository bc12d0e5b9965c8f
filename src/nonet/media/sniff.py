"""Tells by its first and last bytes what a file is, before any program looks at it. Pure; trusts no name.

A file that names other files, or that carries a second format for another reader, is FORBIDDEN whatever else it is.
"""

import re
from enum import StrEnum

HEAD_BYTES = 4096
TAIL_BYTES = 66_000  # a zip's last record lies within 65,557 bytes of the end
ZIP_RECORD_BYTES = 22  # without its comment


class Kind(StrEnum):
    """What a file is; the first group are names of ffmpeg's demuxers."""

    MOV = "mov"
    MATROSKA = "matroska"
    AVI = "avi"
    MPEGTS = "mpegts"
    MPEG = "mpeg"
    FLV = "flv"
    GIF = "gif"
    OGG = "ogg"
    SOUND = "sound"
    OTHER = "other"
    FORBIDDEN = "forbidden"


DEMUXED = frozenset({Kind.MOV, Kind.MATROSKA, Kind.AVI, Kind.MPEGTS, Kind.MPEG, Kind.FLV, Kind.GIF, Kind.OGG})

_STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"crx ", b"jxl ")
_SOUND_BRANDS = (b"M4A ", b"M4B ", b"M4P ")
_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp", b"uuid", b"pnot")
_SOUNDS = (b"ID3", b"fLaC", b"#!AMR", b"caff", b"MThd", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1", b"\xff\xf9")
_LEADS = re.compile(rb"#ext|ffconcat|\[playlist\]|\[reference\]|rtsptext|<|v=0[\r\n]|#!", re.IGNORECASE)
"""How lists, scripts, pages and drawings begin."""
_POINTS = re.compile(rb"file\s|file:|(?:[a-z]\w*=)?[a-z][a-z0-9+.-]{1,20}://", re.IGNORECASE)
"""A line that names another file or an address."""
_TEXT = re.compile(rb"[\t\n\r\x20-\x7e\x80-\xff]+")
_TEXT_BYTES = 64  # so many readable bytes in a row at the start, and it is text


def sniff(head: bytes, tail: bytes) -> Kind:
    """Name the kind of a file from its first HEAD_BYTES and last TAIL_BYTES; the two may overlap."""
    if _is_script(head) or _hides_another(head, tail):
        return Kind.FORBIDDEN
    return _signature(head)


def _is_script(head: bytes) -> bool:
    text = _unmarked(head).lstrip(b"\0\t\n\r\x0b\x0c ")
    if not _TEXT.fullmatch(text[:_TEXT_BYTES]):
        return False
    return bool(_LEADS.match(text)) or any(_POINTS.match(line.strip()) for line in text.splitlines()[:40])


def _unmarked(head: bytes) -> bytes:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "replace").encode()
    return head


def _hides_another(head: bytes, tail: bytes) -> bool:
    """Find a zip at the end or a PDF in the first kilobyte: their readers look just there, whatever stands around."""
    if head.startswith((b"PK", b"%PDF")):
        return False  # that is all it is
    record = tail[tail.rfind(b"PK\x05\x06") :] if b"PK\x05\x06" in tail else b""
    ends_as_zip = len(record) >= ZIP_RECORD_BYTES and len(record) == ZIP_RECORD_BYTES + _little(record[20:22])
    return ends_as_zip or b"%PDF-" in head[:1024]


def _little(number: bytes) -> int:
    return int.from_bytes(number, "little")


def _signature(head: bytes) -> Kind:
    for found in (_boxes(head), _riff(head), _transport(head)):
        if found:
            return found
    for magic, kind in (
        (b"\x1aE\xdf\xa3", Kind.MATROSKA),
        (b"FLV\x01", Kind.FLV),
        (b"GIF87a", Kind.GIF),
        (b"GIF89a", Kind.GIF),
        (b"OggS", Kind.OGG),
        (b"\0\0\x01\xba", Kind.MPEG),
    ):
        if head.startswith(magic):
            return kind
    return Kind.SOUND if head.startswith(_SOUNDS) else Kind.OTHER


def _boxes(head: bytes) -> Kind | None:
    if head[4:8] not in _BOXES:
        return None
    brand = head[8:12] if head[4:8] == b"ftyp" else b""
    return Kind.OTHER if brand in _STILL_BRANDS else Kind.SOUND if brand in _SOUND_BRANDS else Kind.MOV


def _riff(head: bytes) -> Kind | None:
    if not head.startswith((b"RIFF", b"RF64")):
        return None
    return {b"AVI ": Kind.AVI, b"WAVE": Kind.SOUND}.get(head[8:12], Kind.OTHER)


def _transport(head: bytes) -> Kind | None:
    """Find MPEG-TS by its sync bytes: packets of 188, of 192 with a time before each, or of 204."""
    for size, first in ((188, 0), (192, 4), (204, 0)):
        if len(head) > first + 4 * size and all(head[first + n * size] == 0x47 for n in range(5)):  # noqa: PLR2004 - sync
            return Kind.MPEGTS
    return None
