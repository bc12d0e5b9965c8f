"""Hostile files: each is refused with its code, reaches no address, and learns no secret."""

import ctypes
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from corpus import AAC, H264, clip
from hostile import REFUSED, Lure
from hypothesis import given
from hypothesis import strategies as st
from odd import made, patched, tone

from nonet.core.errors import Refusal
from nonet.media import child, encode, launch, plan, probe, sniff, sound

SECRET = "the kettle's true name is Ottoline"
LIMITS = child.Limits(memory_mb=2048, cpu_s=10, wall_s=30, file_mb=8)


@pytest.fixture
def lure(tmp_path: Path) -> Iterator[Lure]:
    """Hide a secret, and listen; in the end nobody may have come."""
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        yield Lure(secret, f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.media
@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_not_a_video_is_refused_for_its_reason(name: str, lure: Lure, tmp_path: Path) -> None:
    code, make = REFUSED[name]
    made = make(tmp_path, lure)
    path = made if isinstance(made, Path) else tmp_path / "upload"
    if isinstance(made, bytes):
        path.write_bytes(made)
    with pytest.raises(Refusal) as refused:
        await probe.probe(path, probe.Intake())
    assert refused.value.code == code
    assert SECRET not in str(refused.value.sentence)


@pytest.mark.media
async def test_limits_are_the_servers() -> None:
    with pytest.raises(probe.TooLong):
        await probe.probe(clip(), probe.Intake(max_duration_ms=1000))
    with pytest.raises(probe.TooLarge):
        await probe.probe(clip(), probe.Intake(max_bytes=1000))
    with pytest.raises(probe.Dimensions):
        await probe.probe(clip(), replace(probe.Intake(), max_side=400))


@given(st.binary(max_size=6000), st.binary(max_size=300))
def test_any_bytes_have_a_kind(head: bytes, tail: bytes) -> None:
    assert sniff.sniff(head, tail) in sniff.Kind


@given(st.sampled_from([b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"GIF89a", b"RIFF", b"\0\0\0\x14ftyp"]), st.binary())
def test_bytes_after_any_mark_have_a_kind(mark: bytes, rest: bytes) -> None:
    assert sniff.sniff(mark + rest, rest) in sniff.Kind


FENCED = pytest.mark.skipif(
    ctypes.CDLL(None).syscall(launch.CREATE_RULESET, None, 0, 1) < launch.ABI_NETWORK, reason="no Landlock here"
)


@FENCED
@pytest.mark.media
async def test_the_fence_holds_even_where_ffmpeg_would_follow(lure: Lure, tmp_path: Path) -> None:
    """What the lists of formats and protocols would let through ends at the second wall."""
    work = tmp_path / "work"
    work.mkdir()
    script = tmp_path / "list.txt"
    script.write_text(f"ffconcat version 1.0\nfile '{lure.secret}'\n")
    follow: tuple[str | Path, ...] = ("-f", "concat", "-safe", "0", "-i", script, "-c", "copy", "-f", "data", "-y")
    with pytest.raises(child.ToolError) as ended:
        await child.ffmpeg(*follow, work / "out", limits=LIMITS, reads=[script], writes=work)
    assert "Permission denied" in ended.value.stderr
    with pytest.raises(child.ToolError) as ended:
        await child.ffmpeg("-i", f"{lure.address}/a.mp4", "-f", "null", "-", limits=LIMITS, writes=work)
    assert "Permission denied" in ended.value.stderr
    beside = ("-f", "lavfi", "-i", "color=size=16x16:duration=0.1", "-y", tmp_path / "beside.mp4")
    with pytest.raises(child.ToolError):
        await child.ffmpeg(*beside, limits=LIMITS, writes=work)


@pytest.mark.media
async def test_the_lists_hold_where_the_kernel_has_no_fence(
    lure: Lure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Landlock a clip is made as ever, and nothing is followed from inside a movie or a list."""
    older = tmp_path / "launch.py"
    older.write_text(child.LAUNCH.read_text("utf-8").replace("= 444, 445, 446", "= 9444, 9445, 9446"))
    monkeypatch.setattr(child, "LAUNCH", older)
    found = await probe.probe(clip(), probe.Intake())
    made = plan.make(found, plan.Policy())
    track = await sound.prepare(clip(), found, tmp_path)
    assert await encode.first(clip(), found, made, tmp_path, track=track)
    for name, container in (("media-in-another-file", "mov"), ("m3u8", "mpegts"), ("concat", "mov")):
        path = tmp_path / name
        given = REFUSED[name][1](tmp_path, lure)
        path.write_bytes(given if isinstance(given, bytes) else given.read_bytes())
        for output in ("picture.raw", "sound.raw"):
            copied = tmp_path / output
            options: tuple[str | Path, ...] = (
                *probe.demuxing(container),
                "-i",
                path,
                "-c",
                "copy",
                "-f",
                "data",
                "-y",
                copied,
            )
            with suppress(child.ToolError):
                await child.ffmpeg(*options, limits=LIMITS, reads=[path], writes=tmp_path)
            assert not copied.exists() or SECRET.encode() not in copied.read_bytes()


@pytest.mark.media
async def test_a_picture_that_grows_into_a_bomb_plays_until_it_does(tmp_path: Path) -> None:
    small = made("ts", *H264, *AAC, picture=patched(270, 480, 30, 1), sound=tone(1))
    large = made("ts", *H264[:6], *AAC, picture=patched(8192, 8000, 10, 0.2), sound=tone(0.2))
    path = tmp_path / "grows.ts"
    path.write_bytes(small.read_bytes() + large.read_bytes())
    found = await probe.probe(path, probe.Intake())
    planned = plan.make(found, plan.Policy())
    (rendition,) = await encode.first(path, found, planned, tmp_path, track=None)
    assert (rendition.width, rendition.height) == (270, 480)
    assert 900 <= rendition.duration_ms <= 1300
