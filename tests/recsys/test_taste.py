import numpy as np

from nonet.recsys import rates, taste, values


def watch(**told: int) -> taste.Watches:
    numbers = {name: np.array([told.get(name, 0)]) for name in ("played_ms", "finishes", "loops", "skips")}
    duration = np.array([told.get("duration_ms", 20_000)])
    return taste.Watches(
        **numbers,
        plays=np.ones(1, dtype=np.int64),
        duration_ms=duration,
        bucket=rates.bucket(duration),
        liked=np.array([bool(told.get("liked"))]),
        refused=np.array([bool(told.get("refused"))]),
    )


def went(**told: int) -> float:
    return float(taste.went(watch(**told))[0])


def test_watches_stand_in_the_order_of_how_they_went() -> None:
    order = [
        went(refused=1, finishes=1, liked=1),
        went(skips=1, played_ms=800),
        went(played_ms=3_000),
        went(played_ms=12_000),
        went(finishes=1, played_ms=20_000),
        went(finishes=1, loops=1, played_ms=40_000),
        went(finishes=1, loops=1, liked=1, played_ms=40_000),
    ]
    assert order == sorted(order)
    assert order[1] < 0 < order[4]


def test_seven_seconds_of_a_long_video_are_as_good_as_seven_of_a_short_one() -> None:
    assert abs(went(played_ms=8_000, duration_ms=14_000) - went(played_ms=14_000, duration_ms=200_000)) < 0.1


def test_the_last_watch_weighs_most_and_all_together_less_than_one() -> None:
    for count in (1, 2, 30, 300):
        weights = taste.recency(count)
        assert (np.diff(weights) < 0).all()
        assert weights.sum() < 1
    assert taste.recency(300)[0] > 10 * taste.recency(300)[150]


def test_a_first_like_moves_the_page_without_filling_it() -> None:
    assert 0.1 < taste.recency(1)[0] < 0.3


def test_what_has_no_tag_is_liked_by_nobody() -> None:
    sums = np.zeros(4)
    taste.fold(np.array([[1, 0], [3, 1]]), np.array([2.0, -1.0]), sums)
    assert sums.tolist() == [0.0, 1.0, 0.0, -1.0]


def test_liking_what_it_is_about_makes_a_video_worth_more_and_disliking_less() -> None:
    logits = np.tile(rates.logit(values.USUAL), (3, 1))
    less, same, more = values.value(logits, np.ones(3), np.array([-1.0, 0.0, 1.0]))
    assert less < same < more


def test_an_outcome_that_speaks_against_a_video_makes_it_worth_less() -> None:
    usual = rates.logit(values.USUAL)
    for at, outcome in enumerate(values.OUTCOMES):
        raised = usual.copy()
        raised[at] += 1
        with_it, without = values.value(np.array([raised, usual]), np.ones(2), np.zeros(2))
        assert (with_it > without) == (outcome.worth > 0), outcome.name


def test_newness_halves_in_a_day() -> None:
    now, day = values.newness(np.array([0.0, values.NEW_HALF_S]))
    assert now == 2 * day
