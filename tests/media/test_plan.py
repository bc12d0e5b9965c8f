"""The plan of any source whatever."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nonet.media import encode, plan, source

sides = st.integers(16, 8192)


@st.composite
def videos(draw: st.DrawFn) -> source.Video:
    start_s = draw(st.floats(-5, 1e5))
    width, height = draw(sides), draw(sides)
    return source.Video(
        index=0,
        codec=draw(st.sampled_from(["h264", "hevc", "vp9"])),
        profile=draw(st.sampled_from(["High", "Main", "High 4:4:4 Predictive", ""])),
        level=draw(st.sampled_from([-99, 0, 31, 52, 62])),
        pixel_format=draw(st.sampled_from(["yuv420p", "yuvj420p", "yuv444p10le", "pal8"])),
        coded_width=draw(st.just(width) | sides),
        coded_height=draw(st.just(height) | sides),
        width=width,
        height=height,
        upright=draw(st.booleans()),
        square=draw(st.booleans()),
        fps=draw(st.floats(0.001, 1000)),
        longest_gap_ms=draw(st.integers(0, 600_000)),
        keyframe_gap_ms=draw(st.integers(0, 600_000)),
        keyframes_ms=tuple(sorted(draw(st.lists(st.integers(0, 600_000), max_size=20)))),
        start_s=start_s,
        end_s=start_s + draw(st.floats(0.001, 600)),
        trimmed=draw(st.booleans()),
        interlaced=draw(st.booleans()),
        primaries=draw(st.sampled_from(["", "bt709", "bt2020", "film"])),
        transfer="",
        matrix=draw(st.sampled_from(["", "bt709", "gbr", "bt2020nc", "fcc"])),
        full_range=draw(st.booleans()),
        hdr=draw(st.sampled_from(["", "", "pq", "hlg"])),
        bitrate_kbps=0,
    )


@st.composite
def sources(draw: st.DrawFn) -> source.Source:
    video = draw(videos())
    audio = source.Audio(1, "aac", "LC", 2, 48000, video.start_s, video.end_s, 0, 128) if draw(st.booleans()) else None
    return source.Source(
        container=draw(st.sampled_from(["mov", "matroska", "gif"])),
        size_bytes=draw(st.integers(1, 2**32)),
        duration_ms=max(1, round((video.end_s - video.start_s) * 1000)),
        bitrate_kbps=draw(st.integers(0, 50_000)),
        streams=1 + (audio is not None),
        video=video,
        audio=audio,
        texts=(),
    )


@given(sources())
def test_a_plan_never_enlarges_and_its_sizes_are_even_and_in_order(found: source.Source) -> None:
    made = plan.make(found, plan.Policy())
    rungs = [made.first, *made.rest]
    encoded = [rung for rung in rungs if not rung.copied]
    assert [rung.copied for rung in rungs] == [made.copied] + [False] * len(made.rest)
    assert len({rung.name for rung in rungs}) == len(rungs)
    for rung in encoded:
        assert rung.width % 2 == rung.height % 2 == 0
        assert 2 <= rung.width <= max(found.video.width, 2)
        assert 2 <= rung.height <= max(found.video.height, 2)
        assert rung.side <= plan.Policy().sides[-1]
        assert max(rung.width, rung.height) <= plan.LONGEST * plan.Policy().sides[-1]
        assert plan.settings(rung.side).max_kbps > 0
    assert [rung.width * rung.height for rung in encoded] == sorted(rung.width * rung.height for rung in encoded)
    assert 0 < made.fps <= plan.Policy().max_fps + 0.5


@given(sources())
def test_a_copy_is_what_every_player_shows_as_it_was_meant(found: source.Source) -> None:
    made = plan.make(found, plan.Policy())
    video = found.video
    if made.copied:
        assert (video.codec, video.pixel_format, video.upright, video.square) == ("h264", "yuv420p", True, True)
        assert {video.hdr, video.interlaced, video.trimmed, video.full_range} <= {"", False}
    assert made.copied or not made.copies_audio
    assert list(made.keyframes_s) == sorted(made.keyframes_s)


@given(sources())
def test_plans_and_sources_come_back_from_their_rows_equal(found: source.Source) -> None:
    assert source.load(_stored(source.dump(found))) == found
    made = plan.make(found, plan.Policy())
    assert plan.load(_stored(plan.dump(made))) == made


@given(sources())
def test_a_filter_graph_names_every_size_once(found: source.Source) -> None:
    made = plan.make(found, plan.Policy())
    encoded = [rung for rung in (made.first, *made.rest) if not rung.copied]
    if encoded:
        graph = encode.filters(found, made, encoded)
        assert all(graph.count(f"[{rung.name}]") == 1 for rung in encoded)


def _stored(shaped: dict[str, Any]) -> dict[str, Any]:
    again: dict[str, Any] = json.loads(json.dumps(shaped))
    return again
