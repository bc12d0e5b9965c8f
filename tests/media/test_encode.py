"""Every odd kind through probe, plan, sound, first, rest and check; then what came is decoded and looked at."""

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import seen
from corpus import AAC, H264, encoded
from odd import ODD, PATCHES, Odd, any_odd, patched, plain, tone

from nonet.media import child, encode, plan, probe, sound
from nonet.media.source import Source

pytestmark = pytest.mark.media
RGB = [tuple(int(colour[at : at + 2], 16) for at in (2, 4, 6)) for colour in PATCHES]


@dataclass(frozen=True)
class Made:
    source: Source
    plan: plan.Plan
    track: sound.Track | None
    first: tuple[encode.Rendition, ...]
    rest: tuple[encode.Rendition, ...]
    folder: Path

    @property
    def last(self) -> list[encode.Rendition]:
        """What is published in the end."""
        return list({each.name: each for each in (*self.first, *self.rest)}.values())


async def make(path: Path, folder: Path) -> Made:
    source = await probe.probe(path, probe.Intake())
    made = plan.load(plan.dump(plan.make(source, plan.Policy())))
    track = await sound.prepare(path, source, folder) if source.audio else None
    first = await encode.first(path, source, made, folder, track=None if made.copies_audio else track)
    rest = await encode.rest(path, source, made, folder, track=track)
    done = Made(source, made, track, first, rest, folder)
    encode.master(done.last, folder)
    await encode.check(done.last, folder)
    return done


@pytest.mark.parametrize("kind", ODD)
async def test_every_kind_plays_as_it_was_meant(kind: str, tmp_path: Path) -> None:
    odd = ODD[kind]
    made = await make(odd.make(), tmp_path)
    assert made.plan.copied == odd.copied
    assert len(made.source.texts) == odd.texts
    assert (tmp_path / made.last[-1].file).stat().st_size == made.last[-1].size_bytes
    for each in (*made.first, *made.rest):
        whole = seen.decode(tmp_path / each.file)
        looks_right(whole, each, odd, is_largest=each == max(made.last, key=lambda r: r.width))
        sounds_right(whole, each, odd, made)
        lists_right(each, tmp_path)


def looks_right(whole: seen.Seen, each: encode.Rendition, odd: Odd, *, is_largest: bool) -> None:
    video = whole.streams["video"]
    assert (video["codec_name"], video["pix_fmt"]) == ("h264", "yuv420p")
    assert (video["width"], video["height"]) == (each.width, each.height)
    assert "side_data_list" not in video
    assert video.get("sample_aspect_ratio", "1:1") in {"1:1", "N/A"}
    assert float(video["start_time"]) < 0.05
    assert abs(each.duration_ms / 1000 - odd.seconds) < 0.15
    assert abs(float(video["duration"]) - odd.seconds) < 0.15
    if not each.copied:
        assert video["profile"] == "High"
        assert [video[k] for k in ("color_space", "color_transfer", "color_primaries", "color_range")] == [
            *["bt709"] * 3,
            "tv",
        ]
    if is_largest:
        assert (each.width, each.height) == (odd.width, odd.height)
    if odd.fps:
        assert abs(len(whole.frames) / odd.seconds - odd.fps) < 1.5
        assert abs(each.fps - odd.fps) < 0.5
    for frame in (0, len(whole.frames) - 1):
        for corner, wanted in enumerate(RGB):
            found = whole.patch(corner, frame)
            assert np.allclose(found, wanted, atol=9 if odd.exact else 20), (frame, corner, found, wanted)


def sounds_right(whole: seen.Seen, each: encode.Rendition, odd: Odd, made: Made) -> None:
    if made.source.audio is None:
        assert "audio" not in whole.streams
        return
    audio = whole.streams["audio"]
    assert (audio["codec_name"], audio["profile"]) == ("aac", "LC")
    assert abs(len(whole.sound) / seen.RATE - odd.seconds) < 0.15 or not each.gained
    if each.gained:
        assert (audio["sample_rate"], audio["channels"]) == ("48000", 2)
    if not odd.heard:
        assert whole.onset_s() == -1
        assert made.track
        assert made.track.gain_db == 0
        return
    assert abs(whole.onset_s() - odd.sound_at) < 0.06
    assert np.abs(whole.sound).max() < 1.1 or not each.gained


def lists_right(each: encode.Rendition, folder: Path) -> None:
    text = (folder / each.playlist).read_text("utf-8")
    ranges = [(int(size), int(start)) for size, start in re.findall(r'BYTERANGE[:=]"?(\d+)@(\d+)', text)]
    assert len(ranges) >= 2
    (init, begin), *segments = ranges
    assert begin == 0
    assert init <= segments[0][1]
    for (size, start), (_, after) in pairwise(segments):
        assert start + size == after
    assert sum(segments[-1]) <= each.size_bytes
    lengths = [float(length) for length in re.findall(r"#EXTINF:([\d.]+)", text)]
    assert abs(sum(lengths) * 1000 - each.duration_ms) < 2
    longest = int(re.findall(r"TARGETDURATION:(\d+)", text)[0])
    assert max(lengths) <= longest
    video = seen.streams(folder / each.file)["video"]
    profile = {"High": "6400", "Main": "4d40", "Constrained Baseline": "42c0"}[video["profile"]]
    assert f"avc1.{profile}{video['level']:02x}" in each.codecs
    assert ("mp4a.40.2" in each.codecs) == ("audio" in seen.streams(folder / each.file))


@pytest.mark.parametrize("seed", [7, 15, 19, 29])
async def test_a_file_drawn_by_lot_plays_as_it_was_meant(seed: int, tmp_path: Path) -> None:
    odd = any_odd(seed)
    made = await make(odd.make(), tmp_path)
    for each in (*made.first, *made.rest):
        whole = seen.decode(tmp_path / each.file)
        assert each.width <= odd.width + 1
        assert each.height <= odd.height + 1
        assert each.width / each.height == pytest.approx(odd.width / odd.height, rel=0.04)
        fits = replace(odd, width=each.width, height=each.height)
        looks_right(whole, each, fits, is_largest=True)
        sounds_right(whole, each, fits, made)
        lists_right(each, tmp_path)


LOUDNESS = re.compile(r"I:\s*(-?[\d.]+) LUFS.*?Peak:\s*(-?[\d.]+) dBFS", re.DOTALL)


async def loudness(path: Path) -> tuple[float, float]:
    options = ("-i", path, "-af", "ebur128=peak=true:framelog=quiet", "-vn", "-f", "null", "-")
    done = await child.ffmpeg("-loglevel", "info", *options, limits=probe.LIMITS, reads=[path])
    found = LOUDNESS.search(done.stderr[done.stderr.rfind("Summary:") :])
    assert found
    return float(found[1]), float(found[2])


@pytest.mark.parametrize("gain_db", [-14, 0, 40])
async def test_sound_is_as_loud_as_any_other_or_as_its_peaks_allow(gain_db: int, tmp_path: Path) -> None:
    heard = tone(3, f"volume={gain_db}dB:precision=fixed")
    made = await make(encoded("mp4", *patched(seconds=3), *heard, *H264, *AAC), tmp_path)
    loud, peak = await loudness(tmp_path / made.last[0].file)
    assert abs(loud - sound.TARGET_LUFS) < 1
    assert peak <= 0


async def test_peaks_are_never_raised_over_the_limit(tmp_path: Path) -> None:
    clicks = ["-f", "lavfi", "-i", "aevalsrc='0.5*lt(mod(t,0.5),0.001)+0.001*sin(2764*t)':s=48000:d=3"]
    made = await make(encoded("mp4", *patched(seconds=3), *clicks, *H264, *AAC), tmp_path)
    assert made.track
    assert made.track.peak_dbtp
    assert made.track.loudness_lufs
    assert made.track.gain_db == pytest.approx(sound.PEAK_DBTP - made.track.peak_dbtp, abs=0.02)
    assert made.track.loudness_lufs + made.track.gain_db < sound.TARGET_LUFS


@pytest.mark.parametrize("kind", [6, 12, 24, 31])
async def test_a_copied_file_holds_no_unit_but_pictures_and_their_sets(kind: int, tmp_path: Path) -> None:
    """H.264 has units for anything a maker likes to say; none is laid into what is served."""
    said = b"Ottoline lives at 48.8577"
    data = bytearray(plain().read_bytes())
    text = data.find(b"x264 - core")
    unit = data.rfind(b"\x06\x05", 0, text)
    data[unit] = kind
    data[text : text + len(said)] = said
    path = tmp_path / "speaks.mp4"
    path.write_bytes(data)
    made = await make(path, tmp_path)
    assert made.plan.copied
    assert said not in (tmp_path / made.last[0].file).read_bytes()
    assert await encode.stands_in(path, made.source, tmp_path / made.first[0].file, None)


async def test_segments_of_all_sizes_begin_together(tmp_path: Path) -> None:
    wide = encoded("mp4", *patched(720, 1280, 10, 6), *tone(6), *H264[:6], "-g", "25", *AAC)
    made = await make(wide, tmp_path)
    assert [r.name for r in made.last] == ["source", "540"]
    begun = []
    for each in made.last:
        text = (tmp_path / each.playlist).read_text("utf-8")
        lengths = [float(length) for length in re.findall(r"#EXTINF:([\d.]+)", text)]
        begun.append(np.cumsum([0, *lengths]))
        ranges = [(int(size), int(at)) for size, at in re.findall(r'BYTERANGE[:=]"?(\d+)@(\d+)', text)]
        whole = (tmp_path / each.file).read_bytes()
        for number, (size, at) in enumerate(ranges[1:]):
            alone = tmp_path / f"{each.name}-{number}.mp4"
            alone.write_bytes(whole[: ranges[0][0]] + whole[at : at + size])
            assert len(seen.decode(alone).frames) == pytest.approx(lengths[number] * 10, abs=2)
    assert np.allclose(begun[0], [t for t in begun[1] if np.abs(begun[0] - t).min() < 0.04], atol=0.04)
