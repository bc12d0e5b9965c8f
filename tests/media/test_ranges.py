"""What part of a file a request asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.media.delivery.ranges import Part, choose

TAG = '"aaaaaaaaaaaa"'


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-0", Part(206, 0, 1)),
        ("bytes=0-99", Part(206, 0, 100)),
        ("bytes=10-19", Part(206, 10, 20)),
        ("bytes=90-", Part(206, 90, 100)),
        ("bytes=0-", Part(206, 0, 100)),
        ("bytes=-1", Part(206, 99, 100)),
        ("bytes=-500", Part(206, 0, 100)),
        ("bytes=50-5000", Part(206, 50, 100)),
        ("BYTES=1-2", Part(206, 1, 3)),
        ("bytes=100-", Part(416)),
        ("bytes=100-200", Part(416)),
        ("bytes=-0", Part(416)),
        ("bytes=20-10", Part(200, 0, 100)),
        ("bytes=0-1,5-6", Part(200, 0, 100)),
        ("bytes=-", Part(200, 0, 100)),
        ("bytes=a-b", Part(200, 0, 100)),
        ("bytes=1-2-3", Part(200, 0, 100)),
        ("seconds=0-1", Part(200, 0, 100)),
        ("bytes=" + "9" * 19 + "-", Part(200, 0, 100)),
        ("", Part(200, 0, 100)),
    ],
)
def test_one_range_is_honoured_and_anything_else_means_the_whole(wanted: str, part: Part) -> None:
    assert choose(100, TAG, {"range": wanted}) == part


def test_without_a_range_the_whole_is_sent() -> None:
    assert choose(100, TAG, {}) == Part(200, 0, 100)


def test_a_range_means_nothing_to_head() -> None:
    assert choose(100, TAG, {"range": "bytes=1-2"}, head=True) == Part(200, 0, 100)


@pytest.mark.parametrize(
    ("condition", "status"), [(TAG, 206), ('"other"', 200), ("Sat, 21 Nov 2026 10:00:00 GMT", 200)]
)
def test_a_range_of_another_version_is_the_whole_of_this_one(condition: str, status: int) -> None:
    assert choose(100, TAG, {"range": "bytes=1-2", "if-range": condition}).status == status


@pytest.mark.parametrize("condition", [TAG, f"W/{TAG}", f'"x", {TAG}', "*"])
def test_what_the_client_has_is_not_sent_again(condition: str) -> None:
    assert choose(100, TAG, {"if-none-match": condition, "range": "bytes=1-2"}) == Part(304)


def test_what_the_client_does_not_have_is_sent() -> None:
    assert choose(100, TAG, {"if-none-match": '"bbbbbbbbbbbb"'}) == Part(200, 0, 100)


@given(st.integers(0, 1 << 40), st.text(max_size=40) | st.from_regex(r"bytes=[0-9]{0,14}-[0-9]{0,14}"))
def test_whatever_is_asked_for_lies_within_the_file(size: int, wanted: str) -> None:
    part = choose(size, TAG, {"range": wanted})
    assert part.status in {200, 206, 416}
    assert 0 <= part.start <= part.end <= size
    if part.status == 206:
        assert part.start < part.end
