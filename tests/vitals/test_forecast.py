from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from nonet.vitals.forecast import FAR, full_on

TODAY = date(2026, 11, 22)
rooms = st.integers(-(1 << 50), 1 << 50)
grown = st.integers(1, 1 << 50)
spans = st.floats(1, 7)


@given(rooms, st.integers(-(1 << 50), 0), spans)
def test_nothing_is_foreseen_where_nothing_grows(room: int, grew: int, span: float) -> None:
    assert full_on(TODAY, room, grew, span) is None


@given(rooms, grown, spans)
def test_there_is_room_until_that_day_and_none_after_it(room: int, grew: int, span: float) -> None:
    day = full_on(TODAY, room, grew, span)
    a_day = grew / span
    if day is None:
        assert room / a_day > FAR.days * 0.999999
        return
    left = (day - TODAY).days
    assert left >= 0
    assert left == 0 or room >= left * a_day * 0.999999
    assert room <= (left + 1) * a_day * 1.000001


@given(rooms, rooms, grown, spans)
def test_more_room_never_makes_the_day_an_earlier_one(one: int, other: int, grew: int, span: float) -> None:
    less, more = sorted((one, other))
    first, later = full_on(TODAY, less, grew, span), full_on(TODAY, more, grew, span)
    assert later is None or (first is not None and first <= later)


def test_seventy_gigabytes_at_ten_a_day_last_a_week() -> None:
    assert full_on(TODAY, 70, 30, 3.0) == TODAY + timedelta(days=7)
    assert full_on(TODAY, 0, 30, 3.0) == TODAY
