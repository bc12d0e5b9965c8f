import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nonet.recsys import rates

counts = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=60)


def arrays(pairs: list[tuple[int, int]]) -> tuple[rates.Floats, rates.Floats]:
    trials = np.array([max(pair) for pair in pairs], dtype=np.float64)
    return np.array([min(pair) for pair in pairs], dtype=np.float64), trials


@given(counts)
def test_a_shrunk_rate_lies_between_its_own_and_what_is_usual(pairs: list[tuple[int, int]]) -> None:
    hits, trials = arrays(pairs)
    known = rates.prior(hits, trials, 0.3)
    shrunk = rates.shrunk(hits, trials, known.mean, known.strength)
    own = np.divide(hits, trials, out=np.full(len(hits), known.mean), where=trials > 0)
    assert (shrunk >= np.minimum(own, known.mean) - 1e-9).all()
    assert (shrunk <= np.maximum(own, known.mean) + 1e-9).all()


@given(counts)
def test_a_prior_is_worth_ten_to_two_hundred_trials(pairs: list[tuple[int, int]]) -> None:
    known = rates.prior(*arrays(pairs), 0.3)
    assert rates.WEAKEST <= known.strength <= rates.STRONGEST
    assert 0 < known.mean < 1


def test_rates_that_differ_much_are_shrunk_less_than_rates_that_hardly_differ() -> None:
    trials = np.full(200, 100.0)
    apart = rates.prior(np.tile([5.0, 95.0], 100), trials, 0.5)
    alike = rates.prior(np.tile([49.0, 51.0], 100), trials, 0.5)
    assert apart.strength < alike.strength


def test_without_counts_what_is_usual_is_believed() -> None:
    nothing = np.zeros(3)
    assert rates.prior(nothing, nothing, 0.12) == rates.Prior(0.12, rates.WEAKEST)


def test_three_plays_that_all_went_well_do_not_beat_a_thousand_of_which_most_did() -> None:
    few, many = rates.shrunk(np.array([3.0, 800.0]), np.array([3.0, 1000.0]), 0.3, 20.0)
    assert few < many


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_wilsons_upper_end_is_never_below_the_rate_and_shrinks_with_trials(hits: int, trials: int) -> None:
    hits = min(hits, trials)
    once = rates.wilson_upper(np.array([float(hits)]), np.array([float(trials)]))[0]
    tenfold = rates.wilson_upper(np.array([10.0 * hits]), np.array([10.0 * trials]))[0]
    assert hits / trials - 1e-9 <= once <= 1
    assert tenfold <= once + 1e-9


def test_what_was_never_tried_might_be_perfect() -> None:
    assert rates.wilson_upper(np.zeros(1), np.zeros(1))[0] > 0.99


def test_a_fading_sum_halves_in_its_half_life_whenever_it_is_asked() -> None:
    fading = rates.Fading(3600, 3, 1000.0)
    fading.add(np.array([1]), np.array([8.0]), 1000.0)
    fading.add(np.array([1]), np.array([4.0]), 1000.0 + 3600)
    assert np.allclose(fading.now(1000.0 + 3600), [0, 8, 0])
    assert np.allclose(fading.now(1000.0 + 7200), [0, 4, 0])


def test_a_fading_sum_stays_right_over_a_year() -> None:
    fading = rates.Fading(3600, 1, 0.0)
    for hour in range(24 * 365):
        fading.add(np.array([0]), np.array([1.0]), hour * 3600.0)
    assert np.allclose(fading.now((24 * 365 - 1) * 3600.0), [2.0])


def test_a_total_of_unknown_times_counts_as_if_it_had_come_evenly() -> None:
    fading = rates.Fading(3600, 2, 0.0)
    fading.put_spread(np.array([0, 1]), np.array([100.0, 100.0]), np.array([60.0, 360_000.0]), 500.0)
    fresh, old = fading.now(500.0)
    assert 99 < fresh < 100
    assert 1 < old < 2


def test_durations_fall_into_buckets() -> None:
    found = rates.bucket(np.array([0, 6_999, 7_000, 59_999, 600_000]))
    assert found.tolist() == [0, 0, 1, 3, 6]
