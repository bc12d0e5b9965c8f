"""Likes, saves, reposts and links: once however often, counted exactly, seen at once."""

import asyncio
from datetime import timedelta
from types import ModuleType
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from community import Drain, MakeMember, Member, code
from films import film
from nonet.core import db, limits
from nonet.inbox.tables import Notification
from nonet.signals.kinds import Kind
from nonet.signals.tables import Event
from nonet.social import acts, shares
from nonet.social.tables import Like, Share, ShareOpen


async def events(video_id: int) -> list[int]:
    async with db.transaction() as session:
        return list(await session.scalars(select(Event.kind).where(Event.video_id == video_id).order_by(Event.id)))


async def card(who: Member, video_id: int) -> dict[str, Any]:
    return dict((await who.client.get(f"/api/v1/videos/{video_id}")).json())


@pytest.mark.parametrize(
    ("act", "count", "flag"),
    [("like", "likes", "liked"), ("save", "saves", "saved"), ("repost", "reposts", "reposted")],
)
async def test_an_act_counts_once_and_is_taken_back_once(member: MakeMember, act: str, count: str, flag: str) -> None:
    juno, ines = await member("juno"), await member("ines")
    video = await film(juno.id)
    address = f"/api/v1/videos/{video}/{act}"
    for _ in range(3):
        answer = await ines.client.put(address)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["counts"][count], answer.json()["viewer"][flag]) == (1, True)
    assert (await juno.client.put(address)).json()["counts"][count] == 2
    assert (await card(ines, video))["counts"] == (await juno.client.put(address)).json()["counts"]
    for _ in range(3):
        answer = await ines.client.delete(address)
        assert (answer.json()["counts"][count], answer.json()["viewer"][flag]) == (1, False)
    assert len(await events(video)) == 3


async def test_acts_by_many_at_once_lose_none(member: MakeMember) -> None:
    juno = await member("juno")
    video = await film(juno.id)
    people = [await member(f"fan{number}") for number in range(12)]
    asked = [each.client.put(f"/api/v1/videos/{video}/like") for each in people for _ in range(2)]
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {200}
    assert (await card(juno, video))["counts"]["likes"] == 12
    assert await events(video) == [int(Kind.LIKED)] * 12


async def test_likes_gather_in_the_inbox_and_saves_stay_unknown(member: MakeMember) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    video = await film(juno.id)
    for each in (juno, ines, oro):
        await each.client.put(f"/api/v1/videos/{video}/like")
        await each.client.put(f"/api/v1/videos/{video}/save")
    async with db.transaction() as session:
        (told,) = await session.scalars(select(Notification))
    assert (told.account_id, told.kind, told.count, told.actor_ids) == (juno.id, "liked", 2, [oro.id, ines.id])
    await oro.client.delete(f"/api/v1/videos/{video}/like")
    async with db.transaction() as session:
        assert (await session.scalars(select(Notification.count))).one() == 1


async def test_nobody_acts_on_what_they_may_not_see(member: MakeMember, client: httpx.AsyncClient) -> None:
    juno, ines = await member("juno"), await member("ines")
    video = await film(juno.id, visibility="private")
    for act in ("like", "save", "repost"):
        assert code(await ines.client.put(f"/api/v1/videos/{video}/{act}")) == "not_found"
        assert code(await ines.client.delete(f"/api/v1/videos/{video}/{act}")) == "not_found"
        assert code(await client.put(f"/api/v1/videos/{video}/{act}")) == "sign_in_needed"
        assert code(await ines.client.put(f"/api/v1/videos/none/{act}")) == "not_found"
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Like)) == 0


async def test_only_what_everyone_sees_is_reposted(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    unlisted = await film(juno.id, visibility="unlisted")
    assert code(await ines.client.put(f"/api/v1/videos/{unlisted}/repost")) == "not_for_reposts"
    assert (await ines.client.put(f"/api/v1/videos/{unlisted}/like")).status_code == 200


async def test_a_block_takes_the_video_away_in_the_next_answer(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    video = await film(juno.id)
    assert (await ines.client.put(f"/api/v1/videos/{video}/like")).status_code == 200
    await juno.client.put("/api/v1/people/ines/block")
    assert code(await ines.client.put(f"/api/v1/videos/{video}/like")) == "not_found"


async def test_a_person_has_one_link_to_a_video_and_a_visitor_a_plain_one(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    juno, ines = await member("juno"), await member("ines")
    video = await film(juno.id)
    address = f"/api/v1/videos/{video}/shares"
    first, again = [(await ines.client.post(address)).json() for _ in range(2)]
    assert first == again
    assert first["url"].endswith(f"/v/{video}?s={first['code']}")
    assert (await client.post(address)).json() == {"url": first["url"].split("?")[0], "code": None}
    assert (await card(ines, video))["counts"]["shares"] == 1


async def test_an_opening_counts_once_a_day_for_each_and_never_for_its_maker(
    member: MakeMember, frozen_clock: ModuleType
) -> None:
    juno, ines = await member("juno"), await member("ines")
    link = (await ines.client.post(f"/api/v1/videos/{await film(juno.id)}/shares")).json()

    async def opened(viewer: int | str | None) -> int:
        async with db.transaction() as session:
            await shares.opened(session, link["code"], viewer)
            return (await session.scalars(select(Share.opens))).one()

    assert [await opened(each) for each in (ines.id, None, juno.id, juno.id, -7, "198.51.100.7", "198.51.100.7")] == [
        0,
        0,
        1,
        1,
        2,
        3,
        3,
    ]
    frozen_clock.advance(timedelta(days=1))
    assert await opened(juno.id) == 4
    frozen_clock.advance(timedelta(days=2))
    async with db.transaction() as session:
        await shares.opened(session, "no-such-code", 1)
        assert set(await session.scalars(select(ShareOpen.viewer))).isdisjoint({juno.id, -7})
        await shares.sweep(session)
        assert list(await session.scalars(select(ShareOpen))) == []


async def test_what_was_done_with_a_video_goes_with_it(member: MakeMember, drain: Drain) -> None:
    juno, ines = await member("juno"), await member("ines")
    video, other = await film(juno.id), await film(juno.id)
    for each in (video, other):
        await ines.client.put(f"/api/v1/videos/{each}/like")
        await ines.client.post(f"/api/v1/videos/{each}/shares")
    assert (await juno.client.delete(f"/api/v1/videos/{video}")).status_code == 204
    await drain()
    async with db.transaction() as session:
        assert list(await session.scalars(select(Like.video_id))) == [other]
        assert list(await session.scalars(select(Share.video_id))) == [other]
        assert list(await session.scalars(select(Notification.subject_id))) == [other]


async def test_too_many_acts_are_refused_until_later(member: MakeMember) -> None:
    juno = await member("juno")
    video = await film(juno.id)
    await limits.take(f"acts:{juno.id}", rate_per_h=acts.ACTS_PER_H, burst=acts.ACTS_BURST, cost=acts.ACTS_BURST)
    assert code(await juno.client.put(f"/api/v1/videos/{video}/like")) == "too_often"
