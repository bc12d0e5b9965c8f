"""Makes renditions: the first that plays, then all others in one ffmpeg. Writes files into a folder; knows no asset.

Each is one fragmented MP4 with its index in front: a browser plays it as it is, and an HLS playlist points into it.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from nonet.media import child, fragments, naming, playlist, probe
from nonet.media import plan as planning
from nonet.media.plan import Plan, Rung
from nonet.media.sound import Track
from nonet.media.source import Source

LIMITS = child.Limits(memory_mb=8192, cpu_s=4 * 3600, wall_s=6 * 3600, file_mb=16384)
CHECK_LIMITS = child.Limits(memory_mb=4096, cpu_s=1200, wall_s=3600)
DRIFT_S = 1.0  # how far a rendition's length may be from the plan's
PRIMARIES = frozenset({"bt709", "smpte170m", "bt470bg", "smpte432", "bt2020"})  # kept and named; else called BT.709
PLAIN_UNITS = ("-bsf:v", "filter_units=pass_types=1-5|7-8")
"""Of H.264 only pictures and their parameters: in other units cameras write places and names."""
CONTAINER = (
    *("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact"),
    *("-sn", "-dn", "-write_tmcd", "0", "-empty_hdlr_name", "1", "-max_muxing_queue_size", "4096"),
    *("-movflags", "+frag_keyframe+delay_moov+default_base_moof+global_sidx", "-min_frag_duration", "1900000"),
    *("-f", "mp4", "-y"),
)


class BrokenRenditionError(RuntimeError):
    """A file we made doesn't hold what its plan says."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """One finished MP4 and its HLS playlist, both named by content: ``540-<12 hex>.mp4`` and ``540-<12 hex>.m3u8``."""

    name: str  # of the rung
    file: str  # file name, not path
    playlist: str
    width: int
    height: int
    fps: float
    duration_ms: int
    size_bytes: int
    codecs: str  # RFC 6381, as CODECS wants it
    peak_bps: int  # of the costliest segment
    average_bps: int
    copied: bool
    gained: bool  # carries the track of ``sound.prepare``


async def first(
    path: Path,
    source: Source,
    plan: Plan,
    folder: Path,
    *,
    track: Track | None,
    progress: child.Progress | None = None,
) -> tuple[Rendition, ...]:
    """Write the first playable: the remux of a copyable source, else the smallest size alone.

    ``track`` is needed unless ``plan.copies_audio`` or there is no audio; without it an encoded video is silent.
    """
    return await _make((plan.first,), path, source, plan, folder, track, progress)


async def rest(
    path: Path,
    source: Source,
    plan: Plan,
    folder: Path,
    *,
    track: Track | None,
    progress: child.Progress | None = None,
) -> tuple[Rendition, ...]:
    """Write every other size in one ffmpeg; under a copied source also the copy again, if the gain is to be heard.

    A rendition with the name of one made before replaces it in the master playlist.
    """
    again = plan.copies_audio and track is not None and abs(track.gain_db) > AUDIBLE_DB
    rungs = (*((plan.first,) if again else ()), *plan.rest)
    return await _make(rungs, path, source, plan, folder, track, progress) if rungs else ()


AUDIBLE_DB = 0.5


async def _make(  # noqa: PLR0917 - the arguments of first and rest, handed on
    rungs: tuple[Rung, ...],
    path: Path,
    source: Source,
    plan: Plan,
    folder: Path,
    track: Track | None,
    progress: child.Progress | None,
) -> tuple[Rendition, ...]:
    """Run one ffmpeg that writes all rungs, then read what it wrote."""
    zero = ("-copyts", "-itsoffset", f"{-source.video.start_s:.6f}")
    inputs: list[str | Path] = [*zero, "-max_pixels", str(probe.MOST_PIXELS)]
    inputs += [*probe.demuxing(source.container), "-i", path]
    if track is not None:
        inputs += ["-protocol_whitelist", "file", "-f", "mov", "-i", track.path]
    encoded = [rung for rung in rungs if not rung.copied]
    graph = ("-filter_complex", filters(source, plan, encoded)) if encoded else ()
    outputs: list[str | Path] = []
    for rung in rungs:
        outputs += _output(rung, source, plan, track, folder / f"{rung.name}.mp4")
    reads = [path, *([track.path] if track is not None else [])]
    await child.ffmpeg(
        *inputs,
        *graph,
        *outputs,
        limits=LIMITS,
        reads=reads,
        writes=folder,
        progress=progress,
        duration_s=plan.duration_s,
    )
    gained = track is not None
    return tuple([await asyncio.to_thread(_finish, rung, plan, folder, gained=gained) for rung in rungs])


def filters(source: Source, plan: Plan, rungs: Sequence[Rung]) -> str:
    """Write the filter graph: the upright picture once, split into one scaled picture for each rung.

    Times are the input's, which begins with the picture. Counting them from the first frame would go wrong where a
    picture changes its size in the middle: ffmpeg begins the graph anew there.
    """
    chain = list(plan.filters)
    if plan.tone:
        largest = max(rungs, key=lambda r: r.width * r.height)
        chain += [f"scale={largest.width}:{largest.height}:flags=bicubic", *plan.tone]
    matrix = f":in_color_matrix={plan.matrix}" if plan.matrix else ""
    primaries = source.video.primaries if source.video.primaries in PRIMARIES and not plan.tone else "bt709"
    before = f"[0:{source.video.index}]" + ",".join([*chain, f"split={len(rungs)}"])
    before += "".join(f"[in{rung.name}]" for rung in rungs)
    after = [
        f"[in{rung.name}]scale={rung.width}:{rung.height}:flags=lanczos{matrix}:out_color_matrix=bt709:out_range=tv,"
        f"setsar=1,setparams=color_primaries={primaries}:color_trc=bt709,format=yuv420p[{rung.name}]"
        for rung in rungs
    ]
    return ";".join([before, *after])


def codec(rung: Rung, keyframes_s: Sequence[float]) -> list[str]:
    """Return x264's options for a rung: a key frame every two seconds, or where the copied picture has its own."""
    chosen = planning.settings(rung.side)
    forced = ",".join(f"{at:.3f}" for at in keyframes_s) or f"expr:gte(t,n_forced*{planning.GOP_S})"
    return [
        *("-c:v", "libx264", "-preset", planning.PRESET, "-profile:v", "high", "-crf", str(chosen.crf)),
        *("-x264-params", "aq-strength=0.5"),
        *("-maxrate", f"{chosen.max_kbps}k", "-bufsize", f"{chosen.max_kbps * 3 // 2}k"),
        *("-force_key_frames", forced, "-forced-idr", "1", "-g", "600", "-sc_threshold", "0"),
    ]


def _output(rung: Rung, source: Source, plan: Plan, track: Track | None, path: Path) -> list[str | Path]:
    picture = [f"0:{source.video.index}"] if rung.copied else [f"[{rung.name}]"]
    made = ["-map", *picture, *(["-c:v", "copy", *PLAIN_UNITS] if rung.copied else codec(rung, plan.keyframes_s))]
    if track is not None:
        made += ["-map", "1:a:0", "-c:a", "copy"]
    elif rung.copied and plan.copies_audio and source.audio:
        made += ["-map", f"0:{source.audio.index}", "-c:a", "copy"]
    return [*made, *CONTAINER, path]


def _finish(rung: Rung, plan: Plan, folder: Path, *, gained: bool) -> Rendition:
    """Name a finished file by its content and write its playlist."""
    named = naming.by_content(folder / f"{rung.name}.mp4", rung.name)
    with named.open("rb") as file:
        movie = fragments.read(file)
    text = playlist.media(movie, named.name)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    listed = folder / f"{rung.name}-{digest}.m3u8"
    listed.write_text(text, "utf-8")
    return Rendition(
        name=rung.name,
        file=named.name,
        playlist=listed.name,
        width=movie.width,
        height=movie.height,
        fps=plan.fps,
        duration_ms=round(movie.duration_s * 1000),
        size_bytes=named.stat().st_size,
        codecs=movie.codecs,
        peak_bps=playlist.peak_bps(movie),
        average_bps=playlist.average_bps(movie),
        copied=rung.copied,
        gained=gained,
    )


def master(renditions: Sequence[Rendition], folder: Path) -> str:
    """Write the master playlist of these renditions into ``folder``, smallest first, and return its name."""
    variants = [
        playlist.variant(
            peak=r.peak_bps,
            average=r.average_bps,
            codecs=r.codecs,
            width=r.width,
            height=r.height,
            fps=r.fps,
            playlist=r.playlist,
        )
        for r in sorted(renditions, key=lambda r: (r.width * r.height, r.average_bps))
    ]
    text = playlist.master(variants)
    name = f"master-{hashlib.sha256(text.encode()).hexdigest()[:12]}.m3u8"
    (folder / name).write_text(text, "utf-8")
    return name


async def check(renditions: Sequence[Rendition], folder: Path) -> None:
    """Read the finished files back; raise BrokenRenditionError unless they agree and one's key frames decode."""
    for each in renditions:
        await asyncio.to_thread(_check_one, each, folder)
    smallest = min(renditions, key=lambda r: r.width * r.height)
    path = folder / smallest.file
    source = ("-skip_frame", "nokey", "-protocol_whitelist", "file", "-f", "mov", "-i", path)
    options = ("-xerror", *source, "-f", "null", "-")
    try:
        await child.ffmpeg(*options, limits=CHECK_LIMITS, reads=[path])
    except child.ToolError as error:
        raise BrokenRenditionError(f"{smallest.file} doesn't decode") from error


def _check_one(rendition: Rendition, folder: Path) -> None:
    path = folder / rendition.file
    try:
        with path.open("rb") as file:
            movie = fragments.read(file)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()[:12]
    except (fragments.BrokenFileError, OSError) as error:
        raise BrokenRenditionError(f"{rendition.file} is damaged: {error}") from error
    if digest not in rendition.file:
        raise BrokenRenditionError(f"{rendition.file} holds something else")
    if (folder / rendition.playlist).read_text("utf-8") != playlist.media(movie, rendition.file):
        raise BrokenRenditionError(f"{rendition.playlist} points elsewhere")
    if abs(movie.duration_s * 1000 - rendition.duration_ms) > DRIFT_S * 1000:
        raise BrokenRenditionError(f"{rendition.file} has another length")


async def stands_in(path: Path, source: Source, rendition: Path, audio: Path | None) -> bool:
    """Tell whether rendition and kept audio hold every packet of the upload but user data, so that it may go."""
    if source.streams != 1 + (source.audio is not None):
        return False
    wanted = [await _packets(path, source.container, source.video.index)]
    found = [await _packets(rendition, "mov", "v:0")]
    if source.audio is not None:
        wanted.append(await _packets(path, source.container, source.audio.index))
        found.append(await _packets(audio or rendition, "mov", "a:0"))
    return wanted == found


async def _packets(path: Path, container: str, stream: int | str) -> str:
    """Return the hash of a stream's packets, in order, times left out."""
    options = ("-map", f"0:{stream}", "-c", "copy", *PLAIN_UNITS, "-f", "streamhash", "-hash", "sha256", "-")
    done = await child.ffmpeg(*probe.demuxing(container), "-i", path, *options, limits=CHECK_LIMITS, reads=[path])
    return done.stdout.decode().strip().rpartition("=")[2]


_RENDITION = TypeAdapter(Rendition)


def dump(rendition: Rendition) -> dict[str, Any]:
    """Shape a rendition as JSON for a row; ``load`` reads it back equal."""
    shaped: dict[str, Any] = _RENDITION.dump_python(rendition, mode="json")
    return shaped


def load(shaped: dict[str, Any]) -> Rendition:
    """Read a rendition back from a row."""
    return _RENDITION.validate_python(shaped)
