"""Looks into an uploaded file, hostile until this module has answered, and says what it is or why it is refused.

Content decides, never the name. What could lead a demuxer to another file or address is refused before ffprobe sees
it; ffprobe then runs with lists of protocols and formats, in a limited child. Knows no plan and no database.
"""

import asyncio
import os
import re
from dataclasses import dataclass
from pathlib import Path

from nonet.core.errors import Refusal
from nonet.media import boxes, child, sniff, streams, timing
from nonet.media.source import Source

MOST_PIXELS = 8192 * 4608
"""Of any picture in a file, wherever it stands: no decoder takes more."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What this server takes."""

    max_bytes: int = 4 * 1024**3
    max_duration_ms: int = 10 * 60_000
    min_side: int = 16
    max_side: int = 8192
    max_pixels: int = MOST_PIXELS


class Empty(Refusal):
    """The file has no bytes."""

    code = "empty"
    sentence = "The file is empty. Choose it again, or export it once more."


class Unreadable(Refusal):
    """No picture can be decoded from it."""

    code = "unreadable"
    sentence = (
        "The file breaks off or is damaged: no picture could be read from it. Export it again and send the new file."
    )


class NotVideo(Refusal):
    """It is something else: a picture, a document, an archive, noise."""

    code = "not_video"
    sentence = "This is not a video. Send MP4, MOV, WebM or MKV."


class NoVideo(Refusal):
    """Sound without a picture."""

    code = "no_video"
    sentence = "Only sound inside. Nothing is published. Send a file with a picture."


class TooLong(Refusal):
    """It plays longer than the server takes."""

    code = "too_long"
    sentence = "The video is {length} long, and this server takes {limit}. Trim it and send it again."


class TooLarge(Refusal):
    """It has more bytes than the server takes."""

    code = "too_large"
    sentence = "The file has {size}, and this server takes {limit}. Export it smaller and send it again."


class Dimensions(Refusal):
    """The picture has no size, or one no player takes."""

    code = "dimensions"
    sentence = (
        "The picture is {width} by {height} pixels. Each side must have {min_side} to {max_side}. "
        "Export it in another size."
    )


class ForbiddenFormat(Refusal):
    """It is a list, script, page or drawing that points at other files, or two formats in one."""

    code = "forbidden_format"
    sentence = "This file points at other files or hides a second format. Send the video itself: MP4, MOV, WebM or MKV."


FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,flv,gif,mpeg,ogg"
"""Demuxers that read one file and follow nothing."""
LIMITS = child.Limits(memory_mb=4096, cpu_s=20, wall_s=120, file_mb=0, output_mb=64, idle=False)


async def probe(path: Path, intake: Intake) -> Source:
    """Look into the file at ``path``, without changing it; about 0.1 s for a phone's clip.

    Raises Empty, Unreadable, NotVideo, NoVideo, TooLong, TooLarge, Dimensions or ForbiddenFormat.
    """
    path, size_bytes = _stat(path)
    if not size_bytes:
        raise Empty
    if size_bytes > intake.max_bytes:
        raise TooLarge(size=_bytes(size_bytes), limit=_bytes(intake.max_bytes))
    kind = await asyncio.to_thread(_kind, path)
    found = streams.read(await _ask(path, kind, intake, "-show_streams", "-of", "json"))
    if not found.video:
        raise NoVideo if found.audio else NotVideo
    _check_size(found.video.width, found.video.height, intake)
    packets = timing.read(await _ask(path, kind, intake, "-show_entries", PACKETS, "-of", "csv=p=0"))
    shown = timing.of(packets.get(found.video.index, ()))
    heard = timing.of(packets.get(found.audio.index, ())) if found.audio else None
    if not shown:
        raise Unreadable
    duration_s = max(shown.end_s, heard.end_s if heard else shown.end_s) - shown.start_s
    if duration_s * 1000 > intake.max_duration_ms:
        raise TooLong(length=_length(duration_s * 1000), limit=_length(intake.max_duration_ms))
    frame = await _first_frame(path, kind, intake, found.video.index)
    _check_size(frame.width, frame.height, intake)
    return streams.source(
        found, shown, heard, frame, container=kind.value, size_bytes=size_bytes, duration_s=duration_s
    )


PACKETS = "packet=stream_index,pts_time,dts_time,duration_time,flags"


def demuxing(container: str) -> list[str]:
    """Return the ffmpeg options that stand before ``-i`` wherever an upload is opened: one demuxer, one protocol."""
    references = ["-enable_drefs", "0", "-use_absolute_path", "0"] if container == sniff.Kind.MOV else []
    return ["-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-f", container, *references]


def _stat(path: Path) -> tuple[Path, int]:
    return path.absolute(), path.stat().st_size


def _kind(path: Path) -> sniff.Kind:
    with path.open("rb") as file:
        head = file.read(sniff.HEAD_BYTES)
        file.seek(max(0, os.fstat(file.fileno()).st_size - sniff.TAIL_BYTES))
        kind = sniff.sniff(head, file.read(sniff.TAIL_BYTES))
        if kind is sniff.Kind.FORBIDDEN or (kind is sniff.Kind.MOV and boxes.points_elsewhere(file)):
            raise ForbiddenFormat
    if kind is sniff.Kind.SOUND:
        raise NoVideo
    if kind not in sniff.DEMUXED:
        raise NotVideo
    return kind


async def _ask(path: Path, kind: str, intake: Intake, *question: str) -> str:
    options = (*demuxing(kind), "-max_pixels", str(intake.max_pixels), "-threads", "1")
    try:
        answer = await child.ffprobe(*options, *question, "-i", f"file:{path}", limits=LIMITS, reads=[path])
    except child.ToolError as error:
        _check_named_size(error.stderr, intake)
        raise Unreadable from error
    return answer.stdout.decode("utf-8", "replace")


async def _first_frame(path: Path, kind: str, intake: Intake, index: int) -> streams.Frame:
    """Decode one frame with the program that will encode: what it shows is what counts."""
    options = ("-loglevel", "info", "-copyts", "-max_pixels", str(intake.max_pixels), "-threads", "1", *demuxing(kind))
    describe = ("-map", f"0:{index}", "-vf", "sidedata=mode=delete,showinfo", "-frames:v", "1", "-f", "null", "-")
    try:
        done = await child.ffmpeg(*options, "-i", f"file:{path}", *describe, limits=LIMITS, reads=[path])
    except child.ToolError as error:
        _check_named_size(error.stderr, intake)
        raise Unreadable from error
    frame = streams.frame(done.stderr)
    if not frame:
        raise Unreadable
    return frame


def _check_named_size(log: str, intake: Intake) -> None:
    """Refuse the size that a decoder refused: a small container may hold pictures that unfold to anything."""
    named = re.search(r"Picture size (\d+)x(\d+)", log)
    if named:
        _check_size(int(named[1]), int(named[2]), intake)


def _check_size(width: int, height: int, intake: Intake) -> None:
    sides = (width, height)
    if min(sides) < intake.min_side or max(sides) > intake.max_side or width * height > intake.max_pixels:
        raise Dimensions(width=width, height=height, min_side=intake.min_side, max_side=intake.max_side)


def _bytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"  # noqa: PLR2004 - decimal, as phones say


def _length(duration_ms: float) -> str:
    minutes, seconds = divmod(round(duration_ms / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
