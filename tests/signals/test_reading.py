"""Reading batches and adding up watches, for every batch there may be."""

import json
import random
import uuid
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from nonet.signals import moments, reading, watching
from nonet.signals.kinds import SEEN, Kind
from nonet.signals.reading import Told
from nonet.signals.watching import Watch

NOW_MS = moments.of(datetime(2026, 11, 22, 15, 20, tzinfo=UTC))
MS = st.integers(0, (1 << 48) - 1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def good(ms: int = NOW_MS, **changes: object) -> dict[str, object]:
    made = {
        "id": str(moments.new(ms)),
        "kind": "start",
        "video_id": "5",
        "request_id": "6",
        "position": 0,
        "ticket": "",
    }
    return made | changes


@given(MS)
def test_an_id_carries_its_moment_and_leads_to_its_day_for_ever(ms: int) -> None:
    made = moments.new(ms)
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert moments.inside(made) == ms
    assert moments.inside(uuid.UUID(str(made))) == ms


@given(st.integers(0, 32503680000000))
def test_a_moment_is_written_and_read_to_the_millisecond(ms: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    assert moments.of(moment) == ms
    assert moments.day(ms) == moment.date()


@given(st.uuids())
def test_an_id_of_another_kind_carries_no_moment(other: uuid.UUID) -> None:
    if other.version != 7:
        assert moments.inside(other) is None


def test_ids_of_one_moment_are_in_order_with_those_of_the_next() -> None:
    made = [moments.new(NOW_MS + n) for n in range(200)]
    assert made == sorted(made)


@given(st.binary(max_size=300))
def test_bytes_are_a_batch_or_are_refused(body: bytes) -> None:
    try:
        read = reading.batch(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return
    assert reading.tell(read, NOW_MS) == []


@given(st.lists(JSON, max_size=5), st.integers(0, 5))
def test_whatever_else_is_in_a_batch_the_good_event_is_kept(others: list[object], place: int) -> None:
    event = good()
    events = [*others[:place], event, *others[place:]]
    read = reading.batch(json.dumps({"events": events}).encode())
    told = reading.tell(read, NOW_MS)
    assert str(event["id"]) in {str(t.id) for t in told}
    assert len(told) + len(read.refused) == len(events)


@given(st.dictionaries(st.sampled_from(["id", "kind", "video_id", "position", "ranges", "played_ms", "ticket"]), JSON))
def test_an_event_of_any_shape_is_kept_or_refused_and_never_a_fault(changes: dict[str, object]) -> None:
    read = reading.batch(json.dumps({"events": [good(**changes)]}).encode())
    assert len(reading.tell(read, NOW_MS)) + len(read.refused) == 1
    msgspec.json.encode(read.refused)


@given(st.integers(-20 * 24 * 3600 * 1000, 20 * 24 * 3600 * 1000))
def test_exactly_the_ids_of_the_last_week_and_the_next_five_minutes_are_kept(away_ms: int) -> None:
    read = reading.Read([msgspec.convert(good(NOW_MS + away_ms), reading.Event)], [])
    told = reading.tell(read, NOW_MS)
    assert bool(told) == (-7 * 24 * 3600 * 1000 <= away_ms <= 5 * 60 * 1000)
    assert [r.code for r in read.refused] == ([] if told else ["event_from_future" if away_ms > 0 else "event_too_old"])


def told(kind: Kind, ms: int, played_ms: int = 0, ranges: list[tuple[int, int]] | None = None) -> Told:
    return Told(moments.new(ms), ms, int(kind), 5, 6, 0, "", played_ms, ranges)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from([Kind(kind) for kind in SEEN.values() if kind in watching.WATCHED]),
        st.integers(0, 120_000),
        st.integers(0, 90_000),
        st.none() | st.lists(st.tuples(st.integers(0, 90_000), st.integers(0, 90_000)), max_size=4),
    ),
    max_size=20,
)


@given(EVENTS, st.integers(0, 60_000), st.integers(0, 200_000))
def test_nobody_earns_more_than_the_time_between_first_and_last(
    drawn: list[tuple[Kind, int, int, list[tuple[int, int]] | None]], duration_ms: int, served_ago_ms: int
) -> None:
    watch = Watch(1, 5, duration_ms)
    began = NOW_MS - 120_000
    events = [told(kind, began + after, played, ranges) for kind, after, played, ranges in drawn]
    for event in sorted(events, key=lambda each: each.id.int):
        worth = watch.earn(event, NOW_MS - served_ago_ms, NOW_MS)
        assert 0 <= worth <= max(duration_ms, watching.CLAIM_MOST_MS)
        watch.add(event, worth)
    if events:
        assert watch.played_ms <= max(e.ms for e in events) - min(e.ms for e in events)
    assert watch.played_ms <= served_ago_ms
    assert 0 <= watch.whole_loops() <= watch.loops


@given(EVENTS, st.randoms(use_true_random=False), st.integers(1, 4))
def test_batches_in_any_order_never_earn_more_than_all_at_once(
    drawn: list[tuple[Kind, int, int, list[tuple[int, int]] | None]], draw: random.Random, parts: int
) -> None:
    began = NOW_MS - 120_000
    events = [told(kind, began + after, played, ranges) for kind, after, played, ranges in drawn]
    shuffled = list(events)
    draw.shuffle(shuffled)
    known: int | None = None
    earned = 0
    for at in range(parts):
        watch = Watch(1, 5, 30_000, known)
        for event in sorted(shuffled[at::parts], key=lambda each: each.id.int):
            earned += watch.earn(event, 0, NOW_MS)
        known = watch.known_ms
    assert earned <= (max((e.ms for e in events), default=0) - min((e.ms for e in events), default=0))


def test_the_moment_of_a_leap_between_years_is_a_day_like_others() -> None:
    last = datetime(2027, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
    assert moments.day(moments.of(last)) == last.date()
    assert moments.day(moments.of(last + timedelta(milliseconds=1))).year == 2028
