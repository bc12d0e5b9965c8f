"""Reads real timing from packets, since headers lie about rate and length. Pure: lines in, numbers out."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

LAST_FRAME_S = 10.0  # a last packet that claims more than this is not believed
KEYFRAME_STEP_S = 1.0
DEFAULT_FRAME_S = 0.04


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet of one stream; seconds on the file's clock."""

    stream: int
    at_s: float
    for_s: float
    key: bool
    hidden: bool  # an edit list takes it out of the shown time


@dataclass(frozen=True, slots=True)
class Timing:
    """When a stream's shown packets begin and end, and how they are spaced."""

    start_s: float
    end_s: float
    fps: float
    longest_gap_s: float
    keyframes_s: tuple[float, ...]  # at least a second apart
    keyframe_gap_s: float
    hidden: int  # packets


def read(listing: str) -> dict[int, list[Packet]]:
    """Read ffprobe's lines of stream_index,pts_time,dts_time,duration_time,flags, stream by stream.

    A packet without a time falls out.
    """
    packets: dict[int, list[Packet]] = {}
    for line in listing.splitlines():
        stream, pts, dts, duration, flags = (*line.split(","), "", "", "", "")[:5]
        at_s = _number(pts)
        at_s = _number(dts) if at_s is None else at_s
        if at_s is None or not stream.isdigit():
            continue
        found = Packet(int(stream), at_s, max(_number(duration) or 0.0, 0.0), "K" in flags, "D" in flags)
        packets.setdefault(found.stream, []).append(found)
    return packets


def of(packets: Iterable[Packet]) -> Timing | None:
    """Measure one stream; None when nothing of it is shown."""
    ordered = sorted(packets, key=lambda packet: packet.at_s)
    shown = [packet for packet in ordered if not packet.hidden]
    if not shown:
        return None
    start_s, last = shown[0].at_s, shown[-1]
    gaps = [gap for before, after in pairwise(shown) if (gap := after.at_s - before.at_s) > 0]
    usual_s = median(gaps) if gaps else 0.0
    end_s = last.at_s + min(last.for_s or usual_s or DEFAULT_FRAME_S, LAST_FRAME_S)
    keyframes_s = _spaced(packet.at_s for packet in shown if packet.key)
    return Timing(
        start_s=start_s,
        end_s=end_s,
        fps=len(gaps) / sum(gaps) if gaps else 1 / (end_s - start_s),
        longest_gap_s=max(gaps, default=0.0),
        keyframes_s=keyframes_s,
        keyframe_gap_s=max(b - a for a, b in pairwise((start_s, *keyframes_s, end_s))),
        hidden=len(ordered) - len(shown),
    )


def _spaced(times_s: Iterable[float]) -> tuple[float, ...]:
    """Keep the first of all times that crowd within a second, so that a file of key frames alone stays a short row."""
    kept: list[float] = []
    for at_s in times_s:
        if not kept or at_s - kept[-1] >= KEYFRAME_STEP_S:
            kept.append(at_s)
    return tuple(kept)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:  # N/A
        return None
