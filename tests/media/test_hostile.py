"""Hostile files: each is refused with its code, reaches no address, and learns no secret."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from corpus import clip
from hostile import REFUSED, Lure
from hypothesis import given
from hypothesis import strategies as st

from nonet.core.errors import Refusal
from nonet.media import child, probe, sniff

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
