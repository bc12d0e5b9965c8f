"""The catalogue of a process beside a database that goes on changing."""

import asyncio

import pytest

from community import MakeMember
from films import film
from nonet.core import db, prefs
from nonet.feed import revisions, stock
from nonet.feed.catalogue import COUNTERS

RAISE = "UPDATE counts SET impressions = $2, revision = nextval('signals_revision') WHERE video_id = $1"


def impressions(video_id: int) -> float:
    catalogue = stock.here().trends.catalogue
    return float(catalogue.counts[catalogue.row_of[video_id], COUNTERS.index("impressions")])


def standing() -> set[int]:
    catalogue = stock.here().trends.catalogue
    return {video_id for video_id, row in catalogue.row_of.items() if catalogue.standing[row]}


async def test_counters_that_were_committed_late_are_noticed(member: MakeMember) -> None:
    juno = await member("juno")
    first, second = await film(juno.id), await film(juno.id)
    here = stock.here()
    await here.ready()
    pool = await db.pool()
    async with pool.acquire() as slow, pool.acquire() as quick:
        async with slow.transaction():
            await slow.execute(RAISE, first, 7)
            await quick.execute(RAISE, second, 9)
            await here.refresh()
            assert (impressions(first), impressions(second)) == (0, 9)
        await here.refresh()
    assert (impressions(first), impressions(second)) == (7, 9)


async def test_a_video_that_is_listed_again_comes_with_what_it_has_counted(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await film(juno.id, visibility="private")
    async with (await db.pool()).acquire() as connection:
        await connection.execute(RAISE, video_id, 5000)
    here = stock.here()
    await here.ready()
    assert standing() == set()
    await juno.client.patch(f"/api/v1/videos/{video_id}", json={"visibility": "public"})
    await here.refresh()
    assert standing() == {video_id}
    assert impressions(video_id) == 5000
    assert len(here.trends.pool) == 0


@pytest.mark.parametrize("most", [1, 2, 5, 50])
async def test_changes_are_read_to_the_last_a_part_at_a_time(
    member: MakeMember, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    juno = await member("juno")
    here = stock.here()
    await here.ready()
    monkeypatch.setattr(revisions, "AT_ONCE", most)
    monkeypatch.setattr(here, "_noticed", set())
    videos = {await film(juno.id) for _ in range(5)}
    await here.refresh()
    assert standing() == videos


async def test_more_news_than_are_remembered_lose_nothing(member: MakeMember, monkeypatch: pytest.MonkeyPatch) -> None:
    juno = await member("juno")
    videos = [await film(juno.id) for _ in range(5)]
    here = stock.here()
    await here.ready()
    monkeypatch.setattr(stock, "NOTICED_MOST", 1)
    for video_id in videos[:4]:
        await juno.client.delete(f"/api/v1/videos/{video_id}")
        here.notice(str(video_id))
    await here.refresh()
    assert standing() == {videos[4]}


async def test_the_operator_says_how_often_a_video_is_tried_out(
    member: MakeMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    video_id = await film((await member("juno")).id)
    monkeypatch.setattr(stock, "EVERY_S", 0.001)
    monkeypatch.setattr("nonet.feed.trends.SETTLE_S", 0.0)
    here = stock.here()
    trends = await here.ready()
    assert len(trends.pool) == 1
    async with (await db.pool()).acquire() as connection:
        await connection.execute(RAISE, video_id, 30)
    for budget, left in ((20, 0), (40, 1), (0, 0)):
        async with db.transaction() as session:
            await prefs.put(session, "tryout_impressions", value=budget)
        while trends.budget != budget or len(trends.pool) != left:
            await here.ready()
            await asyncio.sleep(0)
