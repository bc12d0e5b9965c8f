"""Sizes that nobody watches: they go when the policy says so, never under a viewer, and come again as they were."""

from datetime import timedelta
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelf import KINDS, Shelf, names, read, stands

from community import NOW, Drain, MakeMember
from nonet.core import clock
from nonet.videos import cold

pytestmark = pytest.mark.media
DAYS = 10
PLAYED = ("rendition", "playlist", "master")


@pytest.fixture
async def shelf(member: MakeMember, drain: Drain, frozen_clock: ModuleType) -> Shelf:
    return Shelf((await member("juno")).client, drain, frozen_clock)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_nobody_watches_keeps_little_and_gets_the_rest_again_when_it_is_watched(
    kind: str, shelf: Shelf, member: MakeMember
) -> None:
    number = await shelf.add(kind)
    before = await shelf.played(number)
    sizes, listed = await names(number, *PLAYED), variants(before[0])
    await shelf.prefer(cold_after_days=DAYS)
    await shelf.later(timedelta(days=DAYS - 1))
    await shelf.run("videos.cold_due")
    assert await shelf.played(number) == before

    await shelf.later(timedelta(days=1))
    await shelf.run("videos.cold_due")
    playlist, file = await shelf.played(number)
    kept = await names(number, *PLAYED)
    gone = set(sizes) - set(kept)
    assert (playlist != before[0], file == before[1]) == (True, True)
    assert {name.split("-")[0] for name in gone} == {"720", "master"}
    assert (await shelf.steps(number))["sizes"] == "skipped"
    assert "720-" not in read(playlist)
    assert all([await stands(number, name) for name in (*gone, *kept)])  # someone may be in the middle of it

    await shelf.later(timedelta(minutes=10))
    assert not any([await stands(number, name) for name in gone])
    assert all([await stands(number, name) for name in kept])

    ada = await member("ada")
    await shelf.watch(number, ada.client, ada.id)
    await shelf.run("videos.cold_due")
    again = await names(number, *PLAYED)
    assert [name.split("-")[0] for name in again] == [name.split("-")[0] for name in sizes]
    assert set(kept) - set(again) == {playlist.rsplit("/", 1)[1]}
    assert variants((await shelf.played(number))[0]) == listed
    assert set((await shelf.steps(number)).values()) <= {"done", "skipped"}
    assert (await shelf.steps(number))["sizes"] == "done"
    await shelf.later(timedelta(days=DAYS - 1))
    await shelf.run("videos.cold_due")
    assert await names(number, *PLAYED) == again


def variants(url: str) -> list[str]:
    """What a master playlist says of each size, without the names of their files."""
    return [line for line in read(url).splitlines() if line.startswith("#EXT-X-STREAM-INF")]


async def test_a_video_that_is_watched_stays_as_it_is_however_old(shelf: Shelf, member: MakeMember) -> None:
    number = await shelf.add("encoded")
    before = await shelf.played(number)
    await shelf.prefer(cold_after_days=DAYS)
    for _ in range(3):
        await shelf.later(timedelta(days=DAYS - 3))
        ada = await member(f"ada{clock.now():%m%d}")
        await shelf.watch(number, ada.client, ada.id)
    await shelf.run("videos.cold_due")
    assert await shelf.played(number) == before


async def test_nothing_goes_that_could_not_be_made_again(shelf: Shelf) -> None:
    await shelf.prefer(cold_after_days=DAYS, keep_originals="never")
    number = await shelf.add("encoded")
    before = await shelf.played(number)
    assert await names(number, "original") == []
    await shelf.later(timedelta(days=DAYS + 1))
    await shelf.run("videos.cold_due")
    assert await shelf.played(number) == before


async def test_what_is_to_go_again_before_it_has_left_waits_until_it_has(shelf: Shelf, member: MakeMember) -> None:
    """Files made anew have the names of those that leave: the sweep of the old must not take the new."""
    number = await shelf.add("encoded")
    sizes = await names(number, *PLAYED)
    await shelf.prefer(cold_after_days=DAYS)
    await shelf.later(timedelta(days=DAYS))
    await shelf.run("videos.cold_due")
    small = await names(number, *PLAYED)
    shelf.clock.advance(timedelta(seconds=30))
    ada = await member("ada")
    await shelf.watch(number, ada.client, ada.id)
    await shelf.run("videos.cold_due")
    assert await names(number, *PLAYED) == small
    await shelf.later(timedelta(minutes=10))
    await shelf.run("videos.cold_due")
    assert len(await names(number, *PLAYED)) == len(sizes) > len(small)


async def test_no_more_videos_get_their_sizes_again_in_an_hour_than_may(shelf: Shelf, member: MakeMember) -> None:
    number = await shelf.add("encoded")
    await shelf.prefer(cold_after_days=DAYS, rebuilds_per_h=0)
    await shelf.later(timedelta(days=DAYS))
    await shelf.run("videos.cold_due")
    small = await shelf.played(number)
    await shelf.later(timedelta(minutes=10))
    ada = await member("ada")
    await shelf.watch(number, ada.client, ada.id)
    await shelf.run("videos.cold_due")
    assert await shelf.played(number) == small


@given(st.integers(0, 10_000))
def test_the_runs_of_an_hour_share_what_may_be_done_in_it(per_h: int) -> None:
    runs = [NOW.replace(minute=minute) for minute in range(3, 60, 10)]
    assert sum(cold.share_of_run(per_h, run) for run in runs) == per_h


@pytest.mark.parametrize("policy", ["never", "unless_equal"])
async def test_a_changed_policy_holds_for_the_uploads_that_are_there(policy: str, shelf: Shelf) -> None:
    await shelf.prefer(keep_originals="always")
    copied, encoded = await shelf.add("copied"), await shelf.add("encoded")
    assert [await names(each, "original") for each in (copied, encoded)] == [["upload"]] * 2
    await shelf.prefer(keep_originals=policy)
    assert await names(copied, "original") == []
    assert await names(encoded, "original") == ([] if policy == "never" else ["upload"])


async def test_an_upload_stays_while_sizes_can_only_be_made_of_it(shelf: Shelf, member: MakeMember) -> None:
    number = await shelf.add("encoded")
    sizes = await names(number, *PLAYED)
    await shelf.prefer(cold_after_days=DAYS)
    await shelf.later(timedelta(days=DAYS))
    await shelf.run("videos.cold_due")
    await shelf.later(timedelta(minutes=10))
    await shelf.prefer(keep_originals="never")
    assert await names(number, "original") == ["upload"]
    ada = await member("ada")
    await shelf.watch(number, ada.client, ada.id)
    await shelf.run("videos.cold_due")
    assert len(await names(number, *PLAYED)) == len(sizes)
    assert await names(number, "original") == []
