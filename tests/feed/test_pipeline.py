"""The pipeline over made-up catalogues: no database, no clock, no request."""

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonet.feed import pipeline
from nonet.feed.catalogue import COUNTERS, Catalogue, Subject
from nonet.feed.context import Viewer, how, pack
from nonet.feed.pipeline import Asking, Page
from nonet.feed.trends import Trends
from nonet.recsys.rates import Floats

NOW_MS = 1_795_000_000_000
DAY_MS = 86_400_000
ME = 7_000_001


def trends(count: int, *, owners: int = 40, tags: int = 30, seed: int = 1, shown: bool = True) -> Trends:
    chance = random.Random(seed)  # noqa: S311 - made-up videos
    catalogue = Catalogue()
    made = Trends(catalogue, NOW_MS)
    for n in range(count):
        names = [f"tag{chance.randrange(tags)}" for _ in range(chance.randrange(4))]
        age_ms = chance.randrange(30 * DAY_MS)
        owner = 1 + chance.randrange(owners)
        catalogue.put(
            Subject(
                1000 + n,
                owner,
                8_000 + 1000 * (n % 50),
                names,
                n % 7 or None,
                "en-GB",
                listed=True,
                published_ms=NOW_MS - age_ms,
            )
        )
    if count:
        random_counts = np.random.default_rng(seed).poisson(8, (count, len(COUNTERS))).astype(np.float64)
        random_counts[:, :2] += 60 if shown else 0
        made.count(np.arange(count), random_counts if shown else random_counts * 0, NOW_MS, loaded=True)
    made.settle(NOW_MS, at_once=True)
    return made


def asking(**changes: object) -> Asking:
    return replace(Asking(seed=5, before=[], count=6, again=False, now_ms=NOW_MS), **changes)  # type: ignore[arg-type]


def watched(viewer: Viewer, ids: list[int], *, finishes: int = 0, skips: int = 0) -> Viewer:
    """Put watches before those that are there."""
    went = pack(played_ms=9000 if finishes else 700, plays=1, finishes=finishes, skips=skips)
    new = {"seen": np.array(ids, np.int64), "went": np.full(len(ids), went)}
    return replace(viewer, **{name: np.concatenate([each, getattr(viewer, name)]) for name, each in new.items()})


def to_the_end(made: Trends, viewer: Viewer, *, again: bool = False, size: int = 6, seed: int = 5) -> list[int]:
    before: list[int] = []
    while True:
        page = pipeline.page(made, viewer, asking(before=list(before), count=size, again=again, seed=seed))
        ids = [pick.video_id for pick in page.picks]
        before += ids
        if not page.left:
            return before
        assert ids


@pytest.mark.parametrize("count", [0, 1, 2, 50, 500])
def test_paging_to_the_end_gives_every_eligible_video_exactly_once(count: int) -> None:
    made = trends(count)
    viewer = Viewer(id=ME, account_id=ME)
    assert sorted(to_the_end(made, viewer)) == [1000 + n for n in range(count)]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_exactly_once_holds_for_whoever_asks(data: st.DataObject) -> None:
    count = data.draw(st.sampled_from([0, 1, 2, 7, 50, 160]))
    made = trends(
        count, owners=data.draw(st.integers(1, 20)), seed=data.draw(st.integers(0, 99)), shown=data.draw(st.booleans())
    )
    ids = list(range(1000, 1000 + count))
    some = st.lists(st.sampled_from(ids), unique=True) if ids else st.just([])
    seen, refused = data.draw(some), data.draw(some)
    people = data.draw(st.lists(st.integers(1, 20), max_size=3))
    viewer = Viewer(id=ME, account_id=ME, personal=data.draw(st.booleans()), language="en")
    viewer = watched(viewer, seen, finishes=1)
    viewer.unwanted_videos, viewer.unwanted_people = np.array(refused, np.int64), np.array(people, np.int64)
    viewer.muted_tags = ["tag3"]
    viewer.muted_sounds = [2]
    catalogue = made.catalogue
    fine = {
        video_id
        for video_id in ids
        if video_id not in seen
        and video_id not in refused
        and catalogue.people.names[catalogue.owner[catalogue.row_of[video_id]]] not in people
        and "tag3" not in [catalogue.tags.names[code] for code in catalogue.tag[catalogue.row_of[video_id]]]
        and catalogue.sounds.names[catalogue.sound[catalogue.row_of[video_id]]] != 2
    }
    given_ = to_the_end(made, viewer, size=data.draw(st.integers(1, 8)), seed=data.draw(st.integers(0, 2**31)))
    assert len(given_) == len(set(given_))
    assert set(given_) == fine
    for shared in (catalogue.people, catalogue.tags, catalogue.sounds):
        assert not shared.flags.any()
        assert not shared.liking.any()
    assert not catalogue.flags.any()


@given(st.integers(0, 1 << 39), st.integers(0, 255), st.integers(0, 15), st.integers(0, 15), st.integers(0, 15))
def test_one_number_holds_how_a_watch_went(played_ms: int, plays: int, finishes: int, loops: int, skips: int) -> None:
    told = {"played_ms": played_ms, "plays": plays, "finishes": finishes, "loops": loops, "skips": skips}
    assert {name: int(values[0]) for name, values in how(np.array([pack(**told)])).items()} == told


def test_what_was_seen_comes_again_the_least_recently_watched_first() -> None:
    made = trends(5)
    viewer = watched(Viewer(id=ME, account_id=ME), [1003, 1001, 1004], finishes=1)
    ids = to_the_end(made, viewer, again=True)
    assert sorted(ids) == [1000, 1001, 1002, 1003, 1004]
    assert ids[2:] == [1004, 1001, 1003]


def test_ones_own_videos_come_last() -> None:
    made = trends(30, owners=3)
    owner = made.catalogue.owner
    own = {1000 + n for n in range(30) if made.catalogue.people.names[owner[n]] == 2}
    ids = to_the_end(made, Viewer(id=2, account_id=2))
    assert set(ids[-len(own) :]) == own


def share(made: Trends, page: Page, tag: str) -> float:
    rows = [made.catalogue.row_of[pick.video_id] for pick in page.picks]
    code = made.catalogue.tags.find(tag)
    return float(np.mean([code in made.catalogue.tag[row] for row in rows]))


def pages(made: Trends, viewer: Viewer) -> list[Page]:
    return [pipeline.page(made, viewer, asking(seed=seed, count=6)) for seed in range(60)]


def test_a_finished_watch_brings_more_of_its_tags_and_a_skipped_one_less() -> None:
    made = trends(600, owners=200)
    tag = made.catalogue.tags.find("tag4")
    of_tag = [1000 + row for row in made.catalogue.tags.rows[tag]]
    nobody = Viewer(id=ME, account_id=ME)
    usual = np.mean([share(made, page, "tag4") for page in pages(made, nobody)])
    liked = np.mean([share(made, page, "tag4") for page in pages(made, watched(nobody, of_tag[:1], finishes=1))])
    skipped = np.mean([share(made, page, "tag4") for page in pages(made, watched(nobody, of_tag[:2], skips=1))])
    assert liked > usual + 0.1
    assert skipped < usual


def test_one_watch_moves_the_next_page_even_after_three_hundred() -> None:
    made = trends(900, owners=300, tags=40)
    history = [1000 + n for n in range(300)]
    viewer = watched(Viewer(id=ME, account_id=ME), history, skips=1)
    code = made.catalogue.tags.find("tag9")
    fresh = [1000 + row for row in made.catalogue.tags.rows[code] if row >= 300]
    before = np.mean([share(made, page, "tag9") for page in pages(made, viewer)])
    after = np.mean([share(made, page, "tag9") for page in pages(made, watched(viewer, fresh[:2], finishes=1))])
    assert after > before + 0.1


def test_a_feed_that_is_not_personal_asks_nothing_of_what_was_watched() -> None:
    made = trends(300)
    viewer = Viewer(id=ME, account_id=ME, personal=False)
    liked = [1000 + row for row in made.catalogue.tags.rows[made.catalogue.tags.find("tag4")]]
    other = watched(viewer, liked[:3], finishes=1)
    other.seen = viewer.seen
    assert pipeline.page(made, viewer, asking()) == pipeline.page(made, other, asking())
    codes = {term.code for pick in pipeline.page(made, other, asking()).picks for term in pick.terms}
    assert codes <= {"popular_now", "new_here", "language", "tried_out", "not_seen_yet"}


def test_followed_people_are_found_and_named() -> None:
    made = trends(400, owners=150)
    viewer = Viewer(id=ME, account_id=ME, followed=np.array([3, 4, 5]))
    found = [pick for page in pages(made, viewer) for pick in page.picks]
    followed = [pick for pick in found if pick.source == "followed"]
    assert len(followed) > len(found) / 10
    assert all("follows" in [term.code for term in pick.terms] for pick in followed)


def test_a_page_is_varied() -> None:
    made = trends(500, owners=100, tags=60)
    viewer = watched(Viewer(id=ME, account_id=ME), [1000, 1001, 1002], finishes=1)
    for page in pages(made, viewer):
        owners = Counter(int(made.catalogue.owner[made.catalogue.row_of[pick.video_id]]) for pick in page.picks)
        assert max(owners.values()) <= 2


def test_new_videos_without_an_impression_are_tried_out() -> None:
    made = trends(400, owners=150)
    for n in range(5):
        made.catalogue.put(Subject(9000 + n, 900 + n, 9000, [], None, "", listed=True, published_ms=NOW_MS))
    made.settle(NOW_MS)
    tried = [
        pick
        for page in pages(made, Viewer(id=ME, account_id=ME))
        for pick in page.picks
        if pick.terms[0].code == "tried_out"
    ]
    assert len(tried) > 20
    assert {pick.video_id for pick in tried} & {9000, 9001, 9002, 9003, 9004}
    assert all(0 < pick.propensity <= 1 for pick in tried)


def test_a_video_that_had_its_try_out_leaves_the_pool() -> None:
    made = trends(20, shown=False)
    assert len(made.pool) == 20
    made.count(np.array([4]), np.eye(1, len(COUNTERS)) * made.budget, NOW_MS)
    made.settle(NOW_MS + 10_000)
    assert 4 not in made.pool
    assert made.pool_weight[4] == 0


def test_what_trends_is_a_rate_and_never_a_number_of_views() -> None:
    made = trends(40, shown=False)
    counts = np.zeros((2, len(COUNTERS)))
    counts[:, COUNTERS.index("impressions")] = counts[:, COUNTERS.index("plays")] = 100, 100_000
    counts[:, COUNTERS.index("finishes")] = 80, 20_000
    counts[:, COUNTERS.index("likes")] = 30, 500
    made.count(np.array([0, 1]), counts, NOW_MS)
    made.settle(NOW_MS + 10_000)
    assert made.trend[0] > made.trend[1]
    assert made.top[0] == 0


def plays(count: int, finished: int, videos: int = 1) -> Floats:
    counts = np.zeros((videos, len(COUNTERS)))
    counts[:, COUNTERS.index("impressions")] = counts[:, COUNTERS.index("plays")] = count
    counts[:, COUNTERS.index("finishes")] = finished
    return counts


def test_what_was_engaging_days_ago_falls_behind_what_is_now() -> None:
    made = trends(40, shown=False)
    made.count(np.arange(40), plays(100, 20, videos=40), NOW_MS)
    made.count(np.array([0]), plays(500, 400), NOW_MS)
    made.settle(NOW_MS + 10_000)
    at_first = made.trend[0]
    assert made.top[0] == 0
    later = NOW_MS + 5 * DAY_MS
    made.count(np.arange(2, 40), plays(200, 40, videos=38), later)
    made.count(np.array([1]), plays(500, 400), later)
    made.settle(later + 10_000)
    assert made.top[0] == 1
    assert made.trend[0] < at_first


def test_a_few_lucky_watches_do_not_trend_above_what_many_finished() -> None:
    made = trends(40, shown=False)
    made.count(np.arange(2, 40), plays(100, 20, videos=38), NOW_MS)
    made.count(np.array([0]), plays(2, 2), NOW_MS)
    made.count(np.array([1]), plays(800, 640), NOW_MS)
    made.settle(NOW_MS + 10_000)
    assert made.top[0] == 1


def test_a_video_of_today_is_tried_out_before_an_older_one_and_less_the_more_it_was_shown() -> None:
    made = trends(3, shown=False)
    for n, age_days in enumerate((0, 0, 9)):
        published_ms = NOW_MS - age_days * DAY_MS
        made.catalogue.put(Subject(1000 + n, 1, 9000, [], None, "", listed=True, published_ms=published_ms))
    counts = np.zeros((1, len(COUNTERS)))
    counts[:, COUNTERS.index("impressions")] = made.budget / 2
    made.count(np.array([1]), counts, NOW_MS)
    made.settle(NOW_MS + 10_000)
    today, half_shown, old = made.pool_weight[:3]
    assert today > 2 * half_shown > 0
    assert np.isclose(today, 10 * old)


def test_what_was_liked_without_a_watch_brings_more_of_its_tags() -> None:
    made = trends(600, owners=200)
    of_tag = [1000 + row for row in made.catalogue.tags.rows[made.catalogue.tags.find("tag4")]]
    nobody = Viewer(id=ME, account_id=ME)
    usual = np.mean([share(made, page, "tag4") for page in pages(made, nobody)])
    liking = replace(nobody, liked=np.array(of_tag[:1]))
    assert np.mean([share(made, page, "tag4") for page in pages(made, liking)]) > usual + 0.1
    refusing = replace(liking, unwanted_videos=liking.liked)
    assert np.mean([share(made, page, "tag4") for page in pages(made, refusing)]) < usual + 0.05
    assert not made.catalogue.flags.any()


def test_what_was_hidden_brings_less_of_its_tags_however_it_was_watched() -> None:
    made = trends(600, owners=200)
    of_tag = [1000 + row for row in made.catalogue.tags.rows[made.catalogue.tags.find("tag4")]]
    nobody = Viewer(id=ME, account_id=ME)
    usual = np.mean([share(made, page, "tag4") for page in pages(made, nobody)])
    hiding = watched(nobody, of_tag[:2], finishes=1)
    hiding.unwanted_videos = np.array(of_tag[:2])
    assert np.mean([share(made, page, "tag4") for page in pages(made, hiding)]) < usual


def test_a_row_that_is_lost_never_comes_again_and_one_that_is_listed_again_does() -> None:
    made = trends(10)
    made.catalogue.lose(1004)
    made.settle(NOW_MS)
    assert 1004 not in to_the_end(made, Viewer(id=ME, account_id=ME))
    made.catalogue.put(Subject(1004, 1, 9000, ["back"], None, "", listed=True, published_ms=NOW_MS))
    made.settle(NOW_MS)
    assert 1004 in to_the_end(made, Viewer(id=ME, account_id=ME))


def test_a_retagged_video_is_found_under_its_new_tags_alone() -> None:
    made = trends(3)
    made.catalogue.put(Subject(1001, 1, 9000, ["apples"], None, "", listed=True, published_ms=NOW_MS))
    made.catalogue.put(Subject(1001, 1, 9000, ["pears"], None, "", listed=True, published_ms=NOW_MS))
    tags = made.catalogue.tags
    assert made.catalogue.row_of[1001] not in tags.rows[tags.find("apples")]
    assert made.catalogue.row_of[1001] in tags.rows[tags.find("pears")]
