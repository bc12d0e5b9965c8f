"""Decides what is made of a source: which sizes, copied or encoded, through which filters. Pure."""

from dataclasses import dataclass
from math import ceil
from typing import Any

from pydantic import TypeAdapter

from nonet.media.source import Audio, Source, Video

GOP_S = 2.0
SPARSE_MS = 1000  # frames further apart than this are repeated, so that every segment has a picture
OUTLASTS_S = 0.5  # sound that goes on longer than this after the picture gets the last frame to stand beside it
GAP_MS = 200  # a longer hole in the sound, or sound that ends early, stops players that wait for both
TOGETHER_S = 0.1  # how far apart picture and sound may start and be copied as they are
STEP = 1.2  # a size is worth making when it is so much larger than the one below
LONGEST = 4  # times the short side, at most, but small pictures may be as long as the smallest size
HD_LINES = 720  # pictures without a matrix are BT.601 below this and BT.709 from here on, as players guess
COPIED_PROFILES = frozenset({"Constrained Baseline", "Baseline", "Main", "High"})
COPIED_LEVEL = 52


@dataclass(frozen=True, slots=True)
class Policy:
    """What an operator may decide about renditions."""

    sides: tuple[int, ...] = (540, 720, 1080)  # short sides in pixels, smallest first
    max_fps: float = 60
    copy_kbps: int = 24_000  # a copied picture has at most this on average
    copy_gap_ms: int = 10_000  # and a key frame at least this often


@dataclass(frozen=True, slots=True)
class Rung:
    """One size to make. ``name`` starts its file names: "540", "720", "1080", or "source" for the copied picture."""

    name: str
    width: int
    height: int
    copied: bool

    @property
    def side(self) -> int:
        """The short side, which decides the bit rate."""
        return min(self.width, self.height)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make, in order: ``first`` plays first and alone, ``rest`` comes together afterwards."""

    first: Rung
    rest: tuple[Rung, ...]
    fps: float  # of what is encoded
    duration_s: float
    has_audio: bool
    copies_audio: bool  # the first playable keeps the source's own audio packets
    filters: tuple[str, ...]  # on the upright picture, its times from 0, before it is split into sizes
    matrix: str  # the source's colours, for the conversion to BT.709; "" when tone mapping has done it
    tone: tuple[str, ...]  # tone mapping, best done once at the largest size wanted
    keyframes_s: tuple[float, ...]  # where encoded key frames stand, to fall together with the copied ones; else empty

    @property
    def copied(self) -> bool:
        """Whether the source's picture is laid anew instead of encoded."""
        return self.first.copied


def make(source: Source, policy: Policy) -> Plan:
    """Plan the renditions of a source: never larger than it, sides always even, at least one."""
    video, duration_s = source.video, source.duration_ms / 1000
    copied = is_copyable(source, policy)
    first, *rest = _sizes(video, policy)
    if copied:
        laid = Rung("source", video.coded_width, video.coded_height, copied=True)
        rest = [rung for rung in (first, *rest) if _adds(rung, laid, source)]
        first = laid
    return Plan(
        first=first,
        rest=tuple(rest),
        fps=_fps(video, policy),
        duration_s=duration_s,
        has_audio=source.audio is not None,
        copies_audio=copied and _copies_audio(source.audio, video),
        filters=tuple(_before_sizes(video, duration_s, policy)),
        matrix="" if video.hdr else _matrix(video),
        tone=_tone(video) if video.hdr else (),
        keyframes_s=_keyframes(video, duration_s) if copied else (),
    )


def is_copyable(source: Source, policy: Policy) -> bool:
    """Tell whether the picture can be laid anew without encoding and then plays everywhere, upright, seekable."""
    video = source.video
    plays = (
        video.codec == "h264"
        and video.profile in COPIED_PROFILES
        and video.pixel_format == "yuv420p"
        and 0 < video.level <= COPIED_LEVEL
        and not (video.interlaced or video.hdr or video.full_range)
    )
    stands = video.upright and video.square and _is_even(video) and not video.trimmed and not _is_sparse(source)
    fits = (
        min(video.coded_width, video.coded_height) <= policy.sides[-1]
        and max(video.coded_width, video.coded_height) <= LONGEST * policy.sides[-1]
        and video.fps <= policy.max_fps + 0.5
        and source.bitrate_kbps <= policy.copy_kbps
        and video.keyframe_gap_ms <= policy.copy_gap_ms
        and video.keyframes_ms[:1] == (0,)
    )
    return source.container in {"mov", "matroska"} and plays and stands and fits


def _copies_audio(audio: Audio | None, video: Video) -> bool:
    return (
        audio is not None
        and audio.codec == "aac"
        and audio.profile == "LC"
        and audio.channels in {1, 2}
        and audio.sample_rate in {44100, 48000}
        and abs(audio.start_s - video.start_s) <= TOGETHER_S
        and video.end_s - audio.end_s <= OUTLASTS_S
        and audio.longest_gap_ms <= GAP_MS
    )


def _sizes(video: Video, policy: Policy) -> list[Rung]:
    """Return the sizes to encode, smallest first: the policy's that fit, and the source's own between two of them."""
    largest = min(video.width, video.height, policy.sides[-1])
    sides = [side for side in policy.sides if side <= largest]
    if not sides or largest >= sides[-1] * STEP:
        sides.append(largest)
    longest = [LONGEST * max(side, policy.sides[0]) for side in sides]
    return list({rung.name: rung for rung in map(_rung, [video] * len(sides), sides, longest)}.values())


def _rung(video: Video, side: int, longest: int) -> Rung:
    scale = min(side / min(video.width, video.height), longest / max(video.width, video.height), 1.0)
    width, height = (max(int(n * scale + 0.5) // 2 * 2, 2) for n in (video.width, video.height))
    return Rung(str(min(width, height)), width, height, copied=False)


def _adds(rung: Rung, laid: Rung, source: Source) -> bool:
    """Tell whether a size is worth making beside the copied one: clearly smaller, or as large for far fewer bits."""
    return rung.side * STEP <= laid.side or (
        rung.side == laid.side <= HD_LINES and source.bitrate_kbps > 2 * settings(rung.side).max_kbps
    )


def _fps(video: Video, policy: Policy) -> float:
    return video.fps / ceil(video.fps / (policy.max_fps + 0.5))


def _before_sizes(video: Video, duration_s: float, policy: Policy) -> list[str]:
    """Return filters that space frames: nothing may repeat them before the length is cut."""
    filters = [f"trim=end={duration_s:.3f}"]
    if video.interlaced:
        filters.append("bwdif=mode=send_frame")
    fps = _fps(video, policy)
    picture_s = video.end_s - video.start_s
    sparse = video.longest_gap_ms > SPARSE_MS or duration_s - picture_s > OUTLASTS_S
    if sparse:
        rate = min(max(fps, 10.0), 30.0)
        filters += [f"tpad=stop=-1:stop_mode=clone,fps={rate:.3f}", f"trim=end={duration_s:.3f}"]
    elif fps < video.fps:
        filters.append(f"fps={fps:.3f}")
    return filters


def _matrix(video: Video) -> str:
    """Name the source's matrix as the scaler does; an unnamed one is what players guess by the height."""
    named = {"bt709": "bt709", "smpte170m": "smpte170m", "bt470bg": "smpte170m", "bt2020nc": "bt2020"}
    return named.get(video.matrix) or ("bt709" if min(video.width, video.height) >= HD_LINES else "smpte170m")


def _tone(video: Video) -> tuple[str, ...]:
    """Return filters from HDR to BT.709 in eight bits.

    What is as bright as paper in HDR (203 cd/m2, ITU-R BT.2408) is white. Up to skin and grass light stays as it is;
    above, Moebius' curve bends it so that 1,000 cd/m2, as bright as phones film, just fits.
    """
    # The quick way takes HLG's system gamma for each colour alone, which makes red redder.
    transfer = {"pq": "smpte2084", "hlg": "arib-std-b67:agamma=0"}[video.hdr]
    levels = "pc" if video.full_range else "tv"
    return (
        f"zscale=tin={transfer}:min=bt2020nc:pin=bt2020:rin={levels}:t=linear:npl=203",
        "format=gbrpf32le",
        "zscale=p=bt709",
        "tonemap=tonemap=mobius:param=0.3:peak=5:desat=0",
        "zscale=t=bt709:m=bt709:r=tv",
        "format=yuv420p",
    )


def _keyframes(video: Video, duration_s: float) -> tuple[float, ...]:
    """Return where encoded key frames stand so that segments of every size begin together: at copied ones.

    Copied ones that stand far apart get others between them. Each time is half a frame early, so that rounding it to
    the container's units can't move it to the next frame.
    """
    copied, last = [0.0], 0.0
    for ms in video.keyframes_ms:
        if ms / 1000 - last >= GOP_S * 0.95 and ms / 1000 < duration_s:
            copied.append(ms / 1000)
            last = ms / 1000
    times = []
    for at, after in zip(copied, [*copied[1:], duration_s], strict=True):
        parts = max(1, round((after - at) / GOP_S))
        times += [at + (after - at) * n / parts for n in range(parts)]
    return tuple(max(0.0, round(at - 0.5 / max(video.fps, 1.0), 6)) for at in times)


def _is_even(video: Video) -> bool:
    return video.coded_width % 2 == 0 and video.coded_height % 2 == 0


def _is_sparse(source: Source) -> bool:
    video, duration_s = source.video, source.duration_ms / 1000
    return video.longest_gap_ms > SPARSE_MS or duration_s - (video.end_s - video.start_s) > OUTLASTS_S


@dataclass(frozen=True, slots=True)
class Settings:
    """What x264 is told for one size: quality, and the ceiling it may need, in kbit/s."""

    crf: float
    max_kbps: int


PRESET = "veryfast"


def settings(side: int) -> Settings:
    """Return the settings for a short side, sizes between the named ones taken in proportion to their pixels."""
    named = {540: Settings(22, 1800), 720: Settings(18, 4000), 1080: Settings(21, 7000)}
    if side in named:
        return named[side]
    near = min(named, key=lambda known: abs(known - side))
    return Settings(named[near].crf, max(300, round(named[near].max_kbps * (side / near) ** 1.75)))


_PLAN = TypeAdapter(Plan)


def dump(plan: Plan) -> dict[str, Any]:
    """Shape a plan as JSON for a row or an input hash; ``load`` reads it back equal."""
    shaped: dict[str, Any] = _PLAN.dump_python(plan, mode="json")
    return shaped


def load(shaped: dict[str, Any]) -> Plan:
    """Read a plan back from a row."""
    return _PLAN.validate_python(shaped)
