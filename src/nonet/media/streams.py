"""Reads what ffprobe and ffmpeg say about streams and the first frame, and joins it with timing into a Source. Pure."""

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from nonet.media import languages
from nonet.media.source import Audio, Source, Text, Video
from nonet.media.timing import Timing

TEXT_CODECS = frozenset({"mov_text", "subrip", "webvtt", "ass", "ssa", "text"})
INTERLACED = frozenset({"tt", "bb", "tb", "bt"})
_UNKNOWN = frozenset({"unknown", "unspecified", "reserved", "N/A"})


@dataclass(frozen=True, slots=True)
class Picture:
    """What the container and codec headers say of the chosen video stream."""

    index: int
    codec: str
    profile: str
    level: int
    width: int
    height: int
    upright: bool
    aspect: str  # of a pixel, "4:3"
    field_order: str
    primaries: str
    transfer: str
    matrix: str
    full_range: bool
    bitrate_kbps: int


@dataclass(frozen=True, slots=True)
class Sound:
    """What the headers say of the chosen audio stream."""

    index: int
    codec: str
    profile: str
    channels: int
    sample_rate: int
    bitrate_kbps: int


@dataclass(frozen=True, slots=True)
class Found:
    """The streams that were chosen, and how many there are of any kind."""

    count: int
    video: Picture | None
    audio: Sound | None
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """The first decoded frame, as every filter sees it: turned upright; ``width`` and ``height`` in square pixels."""

    at_s: float
    pixel_format: str
    width: int
    height: int
    interlaced: bool


def read(answer: str) -> Found:
    """Choose the streams from ffprobe's JSON: the default ones first, then the largest picture, then the first."""
    shaped: dict[str, Any] = json.loads(answer or "{}")
    every = [
        stream for stream in shaped.get("streams", []) if stream.get("codec_name") not in {None, "none", "unknown"}
    ]
    pictures = [s for s in every if s.get("codec_type") == "video" and not _is_cover(s)]
    sounds = [s for s in every if s.get("codec_type") == "audio" and _int(s, "channels")]
    picture = max(pictures, key=lambda s: (_is_default(s), _int(s, "width") * _int(s, "height")), default=None)
    sound = max(sounds, key=_is_default, default=None)
    return Found(
        count=len(shaped.get("streams", [])),
        video=_picture(picture) if picture else None,
        audio=_sound(sound) if sound else None,
        texts=tuple(
            Text(_int(s, "index"), s["codec_name"], languages.short(s.get("tags", {}).get("language", "")))
            for s in every
            if s["codec_name"] in TEXT_CODECS
        ),
    )


def frame(log: str) -> Frame | None:
    """Read the first frame from the log of ffmpeg's showinfo; None when nothing was decoded."""
    shown = re.search(
        r"n: *0 pts:.*?pts_time: *(?P<at>[-\d.e+]+).*? fmt:(?P<format>\w+) .*?sar:(?P<sar>\d+/\d+) "
        r"s:(?P<width>\d+)x(?P<height>\d+) i:(?P<field>\w)",
        log,
    )
    if not shown:
        return None
    width, height = _square(int(shown["width"]), int(shown["height"]), shown["sar"].replace("/", ":"))
    return Frame(float(shown["at"]), shown["format"], width, height, shown["field"] in "TB")


def source(
    found: Found,
    shown: Timing,
    heard: Timing | None,
    first: Frame,
    *,
    container: str,
    size_bytes: int,
    duration_s: float,
) -> Source:
    """Join headers, timing and first frame; where they differ, timing and frame are right."""
    assert found.video  # noqa: S101 - the caller has refused everything else
    return Source(
        container=container,
        size_bytes=size_bytes,
        duration_ms=max(round(duration_s * 1000), 1),
        bitrate_kbps=round(size_bytes * 8 / 1000 / max(duration_s, 0.001)),
        streams=found.count,
        video=_video(found.video, shown, first),
        audio=_audio(found.audio, heard) if found.audio and heard else None,
        texts=found.texts,
    )


def _video(picture: Picture, shown: Timing, first: Frame) -> Video:
    return Video(
        index=picture.index,
        codec=picture.codec,
        profile=picture.profile,
        level=picture.level,
        pixel_format=first.pixel_format,
        coded_width=picture.width,
        coded_height=picture.height,
        width=first.width,
        height=first.height,
        upright=picture.upright,
        square=picture.aspect in {"1:1", "0:1", ""},
        fps=round(shown.fps, 3),
        longest_gap_ms=round(shown.longest_gap_s * 1000),
        keyframe_gap_ms=round(shown.keyframe_gap_s * 1000),
        keyframes_ms=tuple(round((at_s - first.at_s) * 1000) for at_s in shown.keyframes_s),
        start_s=first.at_s,
        end_s=shown.end_s,
        trimmed=shown.hidden > 0,
        interlaced=picture.field_order in INTERLACED or first.interlaced,
        primaries=picture.primaries,
        transfer=picture.transfer,
        matrix=picture.matrix,
        full_range=picture.full_range or first.pixel_format.startswith("yuvj"),
        hdr=_hdr(picture.transfer),
        bitrate_kbps=picture.bitrate_kbps,
    )


def _audio(sound: Sound, heard: Timing) -> Audio:
    return Audio(
        index=sound.index,
        codec=sound.codec,
        profile=sound.profile,
        channels=sound.channels,
        sample_rate=sound.sample_rate,
        start_s=heard.start_s,
        end_s=heard.end_s,
        longest_gap_ms=round(heard.longest_gap_s * 1000),
        bitrate_kbps=sound.bitrate_kbps,
    )


def _picture(stream: dict[str, Any]) -> Picture:
    return Picture(
        index=_int(stream, "index"),
        codec=stream["codec_name"],
        profile=stream.get("profile", ""),
        level=_int(stream, "level"),
        width=_int(stream, "width"),
        height=_int(stream, "height"),
        upright=all(
            _is_upright(side["displaymatrix"]) for side in stream.get("side_data_list", []) if "displaymatrix" in side
        ),
        aspect=stream.get("sample_aspect_ratio", ""),
        field_order=stream.get("field_order", ""),
        primaries=_known(stream, "color_primaries"),
        transfer=_known(stream, "color_transfer"),
        matrix=_known(stream, "color_space"),
        full_range=stream.get("color_range") == "pc",
        bitrate_kbps=_int(stream, "bit_rate") // 1000,
    )


def _sound(stream: dict[str, Any]) -> Sound:
    return Sound(
        index=_int(stream, "index"),
        codec=stream["codec_name"],
        profile=stream.get("profile", ""),
        channels=_int(stream, "channels"),
        sample_rate=_int(stream, "sample_rate"),
        bitrate_kbps=_int(stream, "bit_rate") // 1000,
    )


def _square(width: int, height: int, aspect: str) -> tuple[int, int]:
    """Stretch the side that loses no pixel."""
    across, down = (int(n) for n in aspect.split(":"))
    if not across or not down:
        return width, height
    return (round(width * across / down), height) if across > down else (width, round(height * down / across))


def _hdr(transfer: str) -> Literal["", "pq", "hlg"]:
    return "pq" if transfer == "smpte2084" else "hlg" if transfer == "arib-std-b67" else ""


def _is_upright(matrix: str) -> bool:
    """Tell whether a display matrix, as ffprobe prints it, neither turns nor mirrors; in 16.16 fixed point."""
    rows = [line.split(":")[1].split() for line in matrix.strip().splitlines()]
    return [row[:2] for row in rows[:2]] == [["65536", "0"], ["0", "65536"]]


def _is_cover(stream: dict[str, Any]) -> bool:
    marks = stream.get("disposition", {})
    return bool(marks.get("attached_pic") or marks.get("timed_thumbnails"))


def _is_default(stream: dict[str, Any]) -> bool:
    return bool(stream.get("disposition", {}).get("default"))


def _known(stream: dict[str, Any], key: str) -> str:
    value = str(stream.get(key, ""))
    return "" if value in _UNKNOWN else value


def _int(shaped: dict[str, Any], key: str) -> int:
    try:
        return int(float(shaped.get(key) or 0))
    except (TypeError, ValueError, OverflowError):
        return 0
