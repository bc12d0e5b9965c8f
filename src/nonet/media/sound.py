"""The one audio track of a video: measured once, set to -14 LUFS by a linear gain, encoded once, laid everywhere."""

import asyncio
import re
from array import array
from dataclasses import dataclass
from pathlib import Path

from nonet.media import child, naming, probe
from nonet.media.source import Source

TARGET_LUFS = -14.0
PEAK_DBTP = -1.0
SILENCE_LUFS = -60.0  # quieter is left alone
GAIN_MOST_DB = 24.0
BITRATE_KBPS = 128
BARS, BAR_RATE_HZ = 64, 8000
LIMITS = child.Limits(memory_mb=4096, cpu_s=600, wall_s=1800, file_mb=512)
CLEAN = ("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", "-sn", "-dn")
_SUMMARY = re.compile(r"I:\s*(-?[\d.]+|-inf|nan) LUFS.*?Peak:\s*(-?[\d.]+|-inf|nan) dBFS", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Track:
    """What became of the sound; ``path`` is AAC, 48 kHz, stereo, in an MP4 that starts with the picture."""

    path: Path
    loudness_lufs: float | None  # of the source; None is silence
    peak_dbtp: float | None
    gain_db: float  # 0 for silence
    waveform: tuple[int, ...]  # 64 values of 0..255
    cpu_s: float


async def prepare(path: Path, source: Source, folder: Path, *, progress: child.Progress | None = None) -> Track:
    """Measure the source's audio and write the track, gained, into ``folder``. The source must have audio.

    Again with the same ``folder`` it overwrites its own file. Raises ToolError when the audio can't be decoded at all.
    """
    measured = await _measure(path, source, folder)
    found = _SUMMARY.search(measured.stderr[measured.stderr.rfind("Summary:") :])
    loudness, peak = (_number(found[1]), _number(found[2])) if found else (None, None)
    silent = loudness is None or peak is None or loudness <= SILENCE_LUFS
    gain = 0.0 if silent else gain_db(loudness or 0.0, peak or 0.0)
    bars = await asyncio.to_thread(_bars, folder / "bars.raw")
    made = folder / "track.mp4"
    encode: list[str | Path] = ["-c:a", "aac", "-b:a", f"{BITRATE_KBPS}k", "-ar", "48000", "-ac", "2", *CLEAN]
    encode += ["-f", "mp4", "-y", made]
    done = await child.ffmpeg(
        *_input(path, source),
        *("-af", f"{_even(source)},volume={gain:.2f}dB:precision=float"),
        *encode,
        limits=LIMITS,
        reads=[path],
        writes=folder,
        progress=progress,
        duration_s=source.duration_ms / 1000,
    )
    named = await asyncio.to_thread(naming.by_content, made, "track")
    quiet = None if silent else loudness
    return Track(named, quiet, None if silent else peak, gain, bars, measured.cpu_s + done.cpu_s)


def gain_db(loudness_lufs: float, peak_dbtp: float) -> float:
    """Return the linear gain that brings a sound to the target without letting its true peak pass -1 dBTP."""
    return round(min(TARGET_LUFS - loudness_lufs, PEAK_DBTP - peak_dbtp, GAIN_MOST_DB), 2)


async def _measure(path: Path, source: Source, folder: Path) -> child.Done:
    """Measure loudness and true peak (EBU R 128, ITU-R BS.1770) and write what the waveform is drawn from."""
    graph = (
        f"[0:{_index(source)}]{_even(source)},asplit=2[loud][bars];[loud]ebur128=peak=true:framelog=verbose[heard];"
        f"[bars]aresample={BAR_RATE_HZ},aformat=sample_fmts=s16:channel_layouts=mono[drawn]"
    )
    args: list[str | Path] = ["-loglevel", "info", "-copyts", *probe.demuxing(source.container), "-i", path]
    args += ["-filter_complex", graph, "-map", "[heard]", "-f", "null", "-"]
    args += ["-map", "[drawn]", "-f", "s16le", "-y", folder / "bars.raw"]
    return await child.ffmpeg(
        *args,
        limits=LIMITS,
        reads=[path],
        writes=folder,
    )


def _index(source: Source) -> int:
    assert source.audio  # noqa: S101 - the caller has looked
    return source.audio.index


def _input(path: Path, source: Source) -> list[str | Path]:
    return ["-copyts", *probe.demuxing(source.container), "-i", path, "-map", f"0:{_index(source)}", "-vn"]


def _even(source: Source) -> str:
    """Return filters that make stereo at 48 kHz, silent until the sound begins, from the first picture to the last."""
    return (
        f"asetpts=PTS-({source.video.start_s:.6f})/TB,aresample=48000:async=1:first_pts=0,"
        f"aformat=sample_fmts=fltp:channel_layouts=stereo,apad=whole_dur={source.duration_ms / 1000:.3f},"
        f"atrim=start=0:end={source.duration_ms / 1000:.3f},asetpts=PTS-STARTPTS"
    )


def _number(text: str) -> float | None:
    return None if text in {"-inf", "nan"} else float(text)


def _bars(path: Path) -> tuple[int, ...]:
    """Return 64 loudness bars of 0..255: the peak of each stretch on a square-root scale, as ears and eyes expect."""
    samples = array("h")
    samples.frombytes(path.read_bytes()[: path.stat().st_size // 2 * 2])
    path.unlink()
    if not samples:
        return (0,) * BARS
    count = len(samples)
    stretches = [samples[count * n // BARS : max(count * (n + 1) // BARS, count * n // BARS + 1)] for n in range(BARS)]
    peaks = [max(max(s, default=0), -min(s, default=0)) / 32768 for s in stretches]
    top = max(peaks)
    return tuple(round(255 * (p / top) ** 0.5) if top > 0.001 else 0 for p in peaks)  # noqa: PLR2004 - -60 dBFS


async def keep_source(path: Path, source: Source, folder: Path) -> Path:
    """Write the source's audio packets, unchanged, to ``source-audio-<hash>.mp4`` in ``folder`` and return it."""
    made = folder / "source-audio.mp4"
    copy = ("-map", f"0:{_index(source)}", "-c", "copy", *CLEAN, "-f", "mp4", "-y", made)
    await child.ffmpeg(*probe.demuxing(source.container), "-i", path, *copy, limits=LIMITS, reads=[path], writes=folder)
    return await asyncio.to_thread(naming.by_content, made, "source-audio")
