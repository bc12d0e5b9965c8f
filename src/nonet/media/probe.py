"""Looks into an uploaded file, which is hostile until this module has answered, and says what it is or why it is refused.

Content decides, never the name. Anything that could lead a demuxer to another file or address is refused before ffprobe sees
it; ffprobe then runs with protocol, format and codec lists, in a limited child. Knows no plan, no database.
"""

from dataclasses import dataclass
from pathlib import Path

from nonet.core.errors import Refusal
from nonet.media.source import Source


@dataclass(frozen=True, slots=True)
class Intake:
    """What this server takes."""

    max_bytes: int = 4 * 1024**3
    max_duration_ms: int = 10 * 60_000
    min_side: int = 16
    max_side: int = 8192
    max_pixels: int = 8192 * 4608


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
    sentence = "The picture is {width} × {height}. Each side must be {min_side} to {max_side} pixels. Export it in another size."


class ForbiddenFormat(Refusal):
    """It is a list, script, page or drawing that points at other files, or two formats in one."""

    code = "forbidden_format"
    sentence = "This file points at other files or hides a second format. Send the video itself: MP4, MOV, WebM or MKV."


REFUSALS = (Empty, Unreadable, NotVideo, NoVideo, TooLong, TooLarge, Dimensions, ForbiddenFormat)


async def probe(path: Path, intake: Intake) -> Source:
    """Look into the file at ``path`` in a limited child, without changing it; about 0.1 s for a phone's clip.

    Raises one of REFUSALS; ToolTimeoutError and other ToolErrors only when the machine, not the file, is at fault.
    """
    raise AssertionError("written in the next commit")
