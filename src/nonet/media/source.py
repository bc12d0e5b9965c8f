"""What probing found in a file: plain values that the plan is made from and a job row can keep.

Times are milliseconds or seconds on the file's own clock; sizes are pixels. Nothing here reads a file.
"""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Video:
    """The video stream that will be shown."""

    index: int
    codec: str
    profile: str
    level: int  # as the codec counts it: 41 is H.264 4.1; -99 when unknown
    pixel_format: str
    coded_width: int
    coded_height: int
    width: int  # as shown: after rotation, in square pixels
    height: int
    upright: bool  # shown as coded: neither turned nor mirrored
    square: bool  # pixels are square as coded
    fps: float  # from packet times, not from the header
    longest_gap_ms: int  # between two frames
    keyframe_gap_ms: int  # the longest stretch between key frames, the end of the video included
    keyframes_ms: tuple[int, ...]  # after start_s, which may be 0; at least a second apart
    start_s: float  # when the first shown frame appears on the file's clock
    end_s: float
    trimmed: bool  # an edit list hides packets that a copy would show
    interlaced: bool
    primaries: str
    transfer: str
    matrix: str
    full_range: bool
    hdr: Literal["", "pq", "hlg"]
    bitrate_kbps: int


@dataclass(frozen=True, slots=True)
class Audio:
    """The audio stream that will be heard."""

    index: int
    codec: str
    profile: str
    channels: int
    sample_rate: int
    start_s: float
    end_s: float
    longest_gap_ms: int  # between two packets
    bitrate_kbps: int


@dataclass(frozen=True, slots=True)
class Text:
    """An embedded text track that can become captions."""

    index: int
    codec: str
    language: str  # BCP 47, "und" when the file doesn't say


@dataclass(frozen=True, slots=True)
class Source:
    """One uploaded file, as far as anything later needs to know it."""

    container: str  # the demuxer's name: mov, matroska, ...
    size_bytes: int
    duration_ms: int
    bitrate_kbps: int
    streams: int  # of any kind, so that a copy of two can tell whether it holds everything
    video: Video
    audio: Audio | None
    texts: tuple[Text, ...]


_SOURCE = TypeAdapter(Source)


def dump(source: Source) -> dict[str, Any]:
    """Shape a source as JSON for a row; ``load`` reads it back equal."""
    shaped: dict[str, Any] = _SOURCE.dump_python(source, mode="json")
    return shaped


def load(shaped: dict[str, Any]) -> Source:
    """Read a source back from a row."""
    return _SOURCE.validate_python(shaped)
