from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nonet.recsys import slate


def field(count: int, owners: int, tags: int, seed: int = 1, explore: float = 0.0) -> slate.Candidates:
    random = np.random.default_rng(seed)
    return slate.Candidates(
        value=random.normal(size=count),
        owner=random.integers(1, owners + 1, count),
        tags=random.integers(0, tags + 1, (count, 4)),
        source=random.integers(0, 5, count),
        explore=random.random(count) * (random.random(count) < explore),
        last=np.zeros(count, dtype=np.bool_),
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 80), st.integers(1, 30), st.integers(1, 40), st.integers(0, 2**31), st.integers(0, 40))
def test_a_draw_gives_each_row_once_and_as_many_as_there_are(
    count: int, owners: int, tags: int, seed: int, place: int
) -> None:
    found = field(count, owners, tags, seed, explore=0.3)
    picks = slate.draw(found, 8, seed, place, [])
    rows = [pick.row for pick in picks]
    assert len(rows) == len(set(rows)) == min(8, count)
    assert all(0 < pick.propensity <= 1 for pick in picks)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31))
def test_the_same_seed_draws_the_same_page(seed: int) -> None:
    found = field(60, 20, 30, seed)
    assert slate.draw(found, 6, seed, 0, []) == slate.draw(found, 6, seed, 0, [])


def test_no_author_comes_more_than_twice_and_no_tag_more_than_three_times_in_twenty() -> None:
    found = field(300, 80, 200, 3)
    served: list[tuple[int, list[int]]] = []
    left = np.arange(300)
    for page in range(10):
        part = slate.Candidates(*(getattr(found, name)[left] for name in slate.Candidates.__slots__))
        for pick in slate.draw(part, 6, 7, 6 * page, served):
            row = left[pick.row]
            served.append((int(found.owner[row]), [int(tag) for tag in found.tags[row] if tag]))
        left = left[~np.isin(left, left[[pick.row for pick in slate.draw(part, 6, 7, 6 * page, served[:-6])]])]
    for start in range(len(served) - slate.WINDOW + 1):
        window = served[start : start + slate.WINDOW]
        assert max(Counter(owner for owner, _ in window).values()) <= slate.AUTHOR_MOST
        assert max(Counter(tag for _, tags in window for tag in set(tags)).values()) <= slate.TAG_MOST


def test_one_author_alone_still_fills_a_page() -> None:
    assert len(slate.draw(field(12, 1, 1), 6, 1, 0, [])) == 6


def test_rows_that_come_last_wait_for_every_other() -> None:
    found = field(10, 5, 5)
    found.last[:4] = True
    found.value[:4] += 100
    rows = [pick.row for pick in slate.draw(found, 10, 1, 0, [])]
    assert set(rows[:6]) == {4, 5, 6, 7, 8, 9}


def test_one_place_in_eight_explores_and_never_the_first_two() -> None:
    for seed in range(50):
        places = [place for place in range(80) if slate.explores(place, seed)]
        assert len(places) == 10
        assert places[0] >= 2


def test_the_exploration_slot_draws_by_the_weights_of_its_pool() -> None:
    found = field(40, 40, 400)
    found.explore[:] = 0
    found.explore[[3, 9]] = 1, 3
    drawn = Counter()
    for seed in range(0, 3000, 6):  # the slot is place 2
        pick = slate.draw(found, 1, seed, 2, [])[0]
        assert pick.explored
        drawn[pick.row] += 1
        assert np.isclose(pick.propensity, {3: 0.25, 9: 0.75}[pick.row])
    assert 300 < drawn[9] < 440


def test_propensities_are_how_often_a_row_is_really_drawn() -> None:
    found = field(12, 12, 100, 5)
    said: dict[int, float] = {}
    drawn = Counter()
    for seed in range(2000):
        pick = slate.draw(found, 1, seed, 0, [])[0]
        drawn[pick.row] += 1
        said[pick.row] = pick.propensity
    for row, chance in said.items():
        assert abs(drawn[row] / 2000 - chance) < 0.05
    assert 0.99 < sum(said.values()) <= 1 + 1e-9


def test_the_better_is_likelier() -> None:
    found = field(30, 30, 200, 8)
    first = Counter(slate.draw(found, 1, seed, 0, [])[0].row for seed in range(300))
    best = set(np.argsort(-found.value)[:8].tolist())
    assert sum(count for row, count in first.items() if row in best) > 200


def test_lots_are_spread_evenly() -> None:
    drawn = [slate.lot(seed, place) for seed in range(100) for place in range(100)]
    assert len(set(drawn)) == len(drawn)
    assert np.histogram(drawn, bins=10, range=(0, 1))[0].min() > 850


def test_what_repeats_the_window_is_worth_less() -> None:
    found = field(2, 2, 2)
    found.value[:] = [1.0, 1.0]
    found.owner[:] = [1, 2]
    found.tags[:] = [[5, 6, 0, 0], [7, 8, 0, 0]]
    found.source[:] = 0
    window = slate._Window(found, [(9, [5, 6])])  # noqa: SLF001 - the weight is nowhere else to be seen
    assert window.factor[0] < window.factor[1]
