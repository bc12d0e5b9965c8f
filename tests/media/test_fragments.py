"""Boxes and fragments from any bytes: read, or told to be broken."""

import io
import struct
from contextlib import suppress

import pytest
from corpus import AAC, H264
from hypothesis import given
from hypothesis import strategies as st
from odd import made, piped

from nonet.media import boxes, fragments

KINDS = st.sampled_from([b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"avc1", b"avcC", b"moof", b"traf"])
MORE = st.sampled_from([b"mdat", b"tfhd", b"trun", b"tkhd", b"mdhd", b"mvex", b"trex", b"mp4a", b"dinf", b"dref"])
trees = st.recursive(
    st.binary(max_size=60),
    lambda inside: st.lists(st.tuples(KINDS | MORE, inside), max_size=5).map(
        lambda pairs: b"".join(boxes.box(kind, payload) for kind, payload in pairs)
    ),
    max_leaves=25,
)


@given(st.binary(max_size=2000) | trees)
def test_a_walk_over_any_bytes_ends_and_stays_inside(data: bytes) -> None:
    for box in boxes.walk(data):
        assert 0 <= box.start < box.body <= box.end <= len(data)
    assert list(boxes.top(io.BytesIO(data))) == list(boxes.walk(data))
    assert boxes.points_elsewhere(io.BytesIO(data)) in {True, False}


@given(st.binary(max_size=2000) | trees)
def test_any_bytes_are_fragments_or_broken(data: bytes) -> None:
    with pytest.raises(fragments.BrokenFileError):
        fragments.read(io.BytesIO(b"\0\0\0\x08ftyp" + data + b"\0"))
    with suppress(fragments.BrokenFileError):
        fragments.read(io.BytesIO(data))


def written() -> bytes:
    return piped(
        "mp4", "-i", made("mp4", *H264, *AAC), "-c", "copy", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4"
    ).read_bytes()


@pytest.mark.media
def test_a_flipped_byte_is_read_or_told_as_broken() -> None:
    whole = written()
    head = min(len(whole), 4000)
    movie = fragments.read(io.BytesIO(whole))
    assert (movie.width, movie.height) == (270, 480)
    assert movie.duration_s == pytest.approx(1.5, abs=0.1)
    for at in range(head):
        data = bytearray(whole)
        data[at] ^= 0xFF
        with suppress(fragments.BrokenFileError):
            assert fragments.read(io.BytesIO(data)).fragments


@pytest.mark.media
def test_a_cut_file_is_broken() -> None:
    whole = written()
    for at in range(0, len(whole) - 1, 997):
        with pytest.raises(fragments.BrokenFileError):
            fragments.read(io.BytesIO(whole[:at]))


def test_a_run_that_counts_billions_costs_nothing() -> None:
    """A few bytes may claim any number of samples; nobody may work that long."""
    whole = bytearray(written())
    at = whole.find(b"trun")
    struct.pack_into(">I", whole, at + 8, 2**32 - 1)
    with suppress(fragments.BrokenFileError):
        assert fragments.read(io.BytesIO(whole)).fragments
