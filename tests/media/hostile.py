"""The hostile corpus: files that are not videos, lie about themselves, or try to reach what isn't theirs."""

import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpus import AAC, H264, encoded
from odd import made, patched, plain, tone

from nonet.media import boxes


@dataclass(frozen=True, slots=True)
class Lure:
    """What hostile files name: a file that holds a secret, and an address where somebody listens."""

    secret: Path
    address: str


Make = Callable[[Path, Lure], bytes | Path]
"""Gives bytes, or a file of the corpus; may use the folder."""


def text(template: str, encoding: str = "utf-8") -> Make:
    """Give a text that names the secret and the address."""
    return lambda _, lure: template.format(file=lure.secret, http=lure.address).encode(encoding)


def cut(share: float, path: Callable[[], Path] = plain) -> Make:
    """Give the beginning of a clip."""

    def make(_: Path, __: Lure) -> bytes:
        whole = path().read_bytes()
        return whole[: int(len(whole) * share)]

    return make


def zipped(folder: Path, lure: Lure) -> bytes:
    """Give an archive."""
    path = folder / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("clip.mp4", lure.address)
    return path.read_bytes()


def moov_last() -> Path:
    """Give a clip whose index stands at the end, where changing it moves no media."""
    return made("mov", *H264, *AAC)


def changed(data: bytes, path: tuple[bytes, ...], change: Callable[[bytes], bytes]) -> bytes:
    """Rewrite the payload of every box at a path, and the sizes of those around it."""
    out = []
    for box in boxes.walk(data):
        inside = data[box.body : box.end]
        if box.kind == path[0]:
            inside = changed(inside, path[1:], change) if len(path) > 1 else change(inside)
            out.append(boxes.box(box.kind, inside))
        else:
            out.append(data[box.start : box.end])
    return b"".join(out)


DREF = (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref")


def elsewhere(kind: bytes) -> Make:
    """Give a movie whose media is said to stand in another file or at an address."""

    def make(_: Path, lure: Lure) -> bytes:
        named = {b"url ": lure.address.encode() + b"\0", b"alis": alias(lure.secret)}[kind]
        entries = struct.pack(">II", 0, 1) + boxes.box(kind, bytes(4), named)
        return changed(moov_last().read_bytes(), DREF, lambda _: entries)

    return make


def alias(path: Path) -> bytes:
    """Write a QuickTime alias record that leads to a path from the root."""
    name = path.name.encode()
    head = bytearray(150)
    head[10] = 0
    head[50 : 51 + len(name)] = bytes([len(name)]) + name
    struct.pack_into(">hh", head, 130, 0, 0)
    full = str(path).encode()
    tail = b"".join(struct.pack(">hH", kind, len(full)) + full + b"\0" * (len(full) % 2) for kind in (18, 2))
    return bytes(head) + tail + struct.pack(">hH", -1, 0)


def packed_elsewhere(folder: Path, lure: Lure) -> bytes:
    """Give the same with its index compressed, where a plain look finds no data reference."""
    data = elsewhere(b"alis")(folder, lure)
    assert isinstance(data, bytes)
    out = []
    for box in boxes.walk(data):
        whole = data[box.start : box.end]
        if box.kind == b"moov":
            squeezed = boxes.box(b"cmvd", struct.pack(">I", len(whole)), zlib.compress(whole))
            whole = boxes.box(b"moov", boxes.box(b"cmov", boxes.box(b"dcom", b"zlib"), squeezed))
        out.append(whole)
    return b"".join(out)


def nested(kind: bytes) -> Make:
    """Give ten thousand boxes in boxes."""

    def make(_: Path, __: Lure) -> bytes:
        inside = bytearray()
        for n in range(10_000, 0, -1):
            inside += struct.pack(">I4s", 8 * n, kind)
        return boxes.box(b"ftyp", b"isom\0\0\2\0isom") + bytes(inside)

    return make


def canvas(width: int, height: int) -> Make:
    """Give a GIF that claims this size."""

    def make(_: Path, __: Lure) -> bytes:
        data = bytearray(made("gif", picture=patched(64, 64, 10, 0.5), sound=[]).read_bytes())
        struct.pack_into("<HH", data, 6, width, height)
        return bytes(data)

    return make


def bomb(_: Path, __: Lure) -> bytes:
    """Give a movie of PNGs that unfold to 30,000 by 30,000 pixels; its index tells the truth."""
    path = made("mov", "-c:v", "png", picture=patched(64, 64, 10, 0.5), sound=[])
    data = bytearray(path.read_bytes())
    at = data.find(b"IHDR")
    while at >= 0:
        struct.pack_into(">II", data, at + 4, 30_000, 30_000)
        struct.pack_into(">I", data, at + 17, zlib.crc32(data[at : at + 17]))
        at = data.find(b"IHDR", at + 4)
    return bytes(data)


def sizeless(_: Path, __: Lure) -> bytes:
    """Give a movie whose picture has no size anywhere."""

    def without(entries: bytes) -> bytes:
        if entries[12:16] != b"avc1":
            return entries
        return entries[:12] + b"raw " + entries[16:40] + b"\0\0\0\0" + entries[44:].replace(b"avcC", b"none")

    data = changed(moov_last().read_bytes(), (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"), without)
    mdat = next(box for box in boxes.walk(data) if box.kind == b"mdat")
    return data[: mdat.body] + bytes(mdat.end - mdat.body) + data[mdat.end :]


def sized(width: int, height: int) -> Make:
    """Give a video of this size."""
    return lambda _, __: made("mp4", *H264, picture=patched(width, height, 10, 0.3), sound=[])


def heard(suffix: str, *args: str) -> Make:
    """Give sound alone."""
    return lambda _, __: encoded(suffix, *tone(), *args)


def slow(_: Path, __: Lure) -> Path:
    """Give two frames, a quarter of an hour apart."""
    return made("mkv", *H264, picture=patched(64, 64, 1 / 900, 1800), sound=[])


def and_zip(folder: Path, lure: Lure) -> bytes:
    """Give a clip that is an archive too."""
    return plain().read_bytes() + zipped(folder, lure)


def and_pdf(_: Path, __: Lure) -> bytes:
    """Give a clip that is a document too."""
    head, rest = plain().read_bytes()[:32], plain().read_bytes()[32:]
    assert head[4:8] == b"ftyp"
    size = int.from_bytes(head[:4], "big")
    return head[:size] + boxes.box(b"free", b"%PDF-1.7\n1 0 obj\n") + head[size:] + rest


MPD = (
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
    '<Representation id="1"><BaseURL>{http}</BaseURL></Representation></AdaptationSet></Period></MPD>'
)
M3U8 = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{file}\n#EXTINF:2,\n{http}/1.ts\n#EXT-X-ENDLIST\n"
REFUSED: dict[str, tuple[str, Make]] = {
    "empty": ("empty", lambda _, __: b""),
    "one-byte": ("not_video", lambda _, __: b"\0"),
    "noise": ("not_video", lambda _, __: random.Random(7).randbytes(50_000)),  # noqa: S311 - the same each time
    "no-index": ("unreadable", cut(0.6, moov_last)),
    "cut-index": ("unreadable", lambda _, __: plain().read_bytes()[:500]),
    "cut-matroska": ("unreadable", lambda _, __: made("mkv", *H264, *AAC).read_bytes()[:300]),
    "no-width": ("unreadable", canvas(0, 480)),
    "no-height": ("unreadable", canvas(270, 0)),
    "no-size": ("dimensions", sizeless),
    "tiny": ("dimensions", sized(8, 8)),
    "long-side": ("dimensions", sized(8400, 64)),
    "many-pixels": ("dimensions", canvas(65_535, 65_535)),
    "pixel-bomb": ("dimensions", bomb),
    "m4a": ("no_video", heard("m4a", *AAC)),
    "audio-in-mp4": ("no_video", heard("mp4", *AAC)),
    "audio-in-webm": ("no_video", heard("webm", "-c:a", "libopus")),
    "mp3": ("no_video", heard("mp3")),
    "wav": ("no_video", heard("wav")),
    "flac": ("no_video", heard("flac")),
    "audio-in-ogg": ("no_video", heard("ogg", "-c:a", "libvorbis")),
    "m3u8": ("forbidden_format", text(M3U8)),
    "m3u8-marked": ("forbidden_format", text("\ufeff\r\n " + M3U8)),
    "m3u8-utf-16": ("forbidden_format", text("\ufeff" + M3U8, "utf-16-le")),
    "ffconcat": ("forbidden_format", text("ffconcat version 1.0\nfile '{file}'\nfile {http}\n")),
    "concat": ("forbidden_format", text("# mine\nfile {file}\n")),
    "list": ("forbidden_format", text("[playlist]\nFile1={http}\n")),
    "addresses": ("forbidden_format", text("\n\n{http}/a.mp4\n")),
    "mpd": ("forbidden_format", text(MPD)),
    "svg": ("forbidden_format", text('<svg xmlns="http://www.w3.org/2000/svg"><image href="file://{file}"/></svg>')),
    "html": ("forbidden_format", text("<!doctype html><script src={http}></script>")),
    "xml": (
        "forbidden_format",
        text('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file://{file}">]><a>&b;</a>'),
    ),
    "smil": ("forbidden_format", text("RTSPtext\n{http}")),
    "sdp": ("forbidden_format", text("v=0\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n")),
    "script": ("forbidden_format", text("#!/bin/sh\ncurl {http}\n")),
    "words": ("not_video", text("Dear {file},\nnothing to see here.\n")),
    "pdf": ("not_video", lambda _, __: b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"),
    "zip": ("not_video", zipped),
    "png": ("not_video", lambda _, __: encoded("png", *patched(64, 64, 1, 1), "-frames:v", "1")),
    "jpeg": ("not_video", lambda _, __: encoded("jpg", *patched(64, 64, 1, 1), "-frames:v", "1")),
    "media-at-an-address": ("forbidden_format", elsewhere(b"url ")),
    "media-in-another-file": ("forbidden_format", elsewhere(b"alis")),
    "media-elsewhere-packed": ("unreadable", packed_elsewhere),
    "fifteen-minutes": ("too_long", slow),
    "clip-and-zip": ("forbidden_format", and_zip),
    "clip-and-pdf": ("forbidden_format", and_pdf),
    "nested-moov": ("unreadable", nested(b"moov")),
    "nested-trak": ("unreadable", nested(b"trak")),
    "nested-meta": ("unreadable", nested(b"udta")),
}
