"""Following: at once or by request, counted exactly, ended by either side."""

import asyncio
import random
from datetime import UTC, date, datetime, time

import httpx
import pytest
from sqlalchemy import func, select, update

from community import Browser, Drain, MakeMember, Member, code
from nonet.accounts import ages
from nonet.accounts.tables import Account
from nonet.core import clock, db, errors
from nonet.people import lists, privacy, relations
from nonet.people.tables import Follow, FollowCount


async def counts(of: Member) -> tuple[int, int]:
    shown = (await of.client.get(f"/api/v1/people/{of.handle}")).json()
    return shown["followers"], shown["following"]


async def test_following_shows_on_both_sides_and_counts_once(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    for _ in range(2):
        stands = (await juno.client.put("/api/v1/people/ines/follow")).json()
    assert stands["following"] == "accepted"
    assert (await counts(juno), await counts(ines)) == ((0, 1), (1, 0))
    seen = (await ines.client.get("/api/v1/people/juno")).json()
    assert seen["relation"] == {
        "following": "none",
        "followed_by": True,
        "blocked": False,
        "muted": False,
        "restricted": False,
    }
    for _ in range(2):
        stands = (await juno.client.delete("/api/v1/people/ines/follow")).json()
    assert stands["following"] == "none"
    assert (await counts(juno), await counts(ines)) == ((0, 0), (0, 0))


async def test_nobody_follows_themselves_or_someone_who_is_not_here(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    assert code(await juno.client.put("/api/v1/people/juno/follow")) == "not_yourself"
    assert code(await juno.client.put("/api/v1/people/nobody.here/follow")) == "not_found"
    async with db.transaction() as session:
        await session.execute(update(Account).where(Account.id == ines.id).values(state="suspended"))
    assert code(await juno.client.put("/api/v1/people/ines/follow")) == "not_found"


async def test_a_private_person_lets_in_or_turns_away_who_asks(member: MakeMember) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    await juno.client.patch("/api/v1/me/privacy", json={"private": True})
    for each in (ines, oro):
        assert (await each.client.put("/api/v1/people/juno/follow")).json()["following"] == "requested"
    assert await counts(juno) == (0, 0)
    asking = (await juno.client.get("/api/v1/me/requests")).json()["items"]
    assert [each["handle"] for each in asking] == ["oro", "ines"]
    assert (await juno.client.put(f"/api/v1/me/requests/{ines.id}")).json()["followed_by"] is True
    assert (await juno.client.delete(f"/api/v1/me/requests/{oro.id}")).status_code == 204
    assert code(await juno.client.put(f"/api/v1/me/requests/{oro.id}")) == "not_found"
    assert code(await juno.client.delete(f"/api/v1/me/requests/{ines.id}")) == "not_found"
    assert await counts(juno) == (1, 0)
    assert (await ines.client.get("/api/v1/people/juno")).json()["relation"]["following"] == "accepted"
    assert (await oro.client.get("/api/v1/people/juno")).json()["relation"]["following"] == "none"


async def test_who_stops_being_private_lets_in_all_who_asked(member: MakeMember, drain: Drain) -> None:
    juno = await member("juno")
    await juno.client.patch("/api/v1/me/privacy", json={"private": True})
    fans = [await member(f"fan{number}") for number in range(4)]
    for each in fans:
        await each.client.put("/api/v1/people/juno/follow")
    await juno.client.patch("/api/v1/me/privacy", json={"private": False})
    assert await counts(juno) == (4, 0)
    assert await counts(fans[0]) == (0, 1)
    assert (await juno.client.get("/api/v1/me/requests")).json()["items"] == []
    await drain()
    told = (await fans[0].client.get("/api/v1/inbox")).json()["items"]
    assert [each["kind"] for each in told] == ["follow_accepted"]


async def test_a_private_persons_lists_are_for_those_they_let_in(client: httpx.AsyncClient, member: MakeMember) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    await ines.client.put("/api/v1/people/juno/follow")
    await juno.client.patch("/api/v1/me/privacy", json={"private": True})
    for path in ("followers", "following"):
        for asking in (client, oro.client):
            assert code(await asking.get(f"/api/v1/people/juno/{path}")) == "list_private"
        for let_in in (juno.client, ines.client):
            assert (await let_in.get(f"/api/v1/people/juno/{path}")).status_code == 200


async def test_a_follower_who_is_removed_learns_nothing_of_it(member: MakeMember, drain: Drain) -> None:
    juno, ines = await member("juno"), await member("ines")
    await ines.client.put("/api/v1/people/juno/follow")
    assert (await juno.client.delete("/api/v1/people/ines/follower")).json()["followed_by"] is False
    assert await counts(juno) == (0, 0)
    await drain()
    assert (await ines.client.get("/api/v1/inbox")).json()["items"] == []


async def test_lists_come_in_pages_that_neither_repeat_nor_skip(
    member: MakeMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)
    juno = await member("juno")
    fans = [await member(f"fan{number}") for number in range(5)]
    for each in fans:
        await each.client.put("/api/v1/people/juno/follow")
    seen, cursor = [], ""
    while cursor is not None:
        page = (
            await juno.client.get("/api/v1/people/juno/followers", params={"cursor": cursor} if cursor else {})
        ).json()
        seen += [each["handle"] for each in page["items"]]
        cursor = page["next"]
    assert seen == [each.handle for each in reversed(fans)]
    assert code(await juno.client.get("/api/v1/people/juno/followers?cursor=x")) == "cursor_invalid"


async def _close(session: db.Session, account_id: int, _other_id: int) -> None:
    await privacy.change(session, account_id, {"private": True})


async def _open(session: db.Session, account_id: int, _other_id: int) -> None:
    await privacy.change(session, account_id, {"private": False})


OTHERS = [
    relations.unfollow,
    relations.remove_follower,
    relations.decline,
    relations.block,
    relations.block,
    _close,
    _open,
]


async def test_whatever_people_do_to_each_other_at_once_the_counts_are_right_and_nobody_waits_for_ever(
    member: MakeMember,
) -> None:
    people = [await member(f"fan{number}") for number in range(6)]
    chance = random.Random(9)  # noqa: S311 - the same acts each time

    async def act() -> None:
        one, other = chance.sample(people, 2)
        verb = chance.choice([relations.follow] * 4 + [relations.accept] * 2 + OTHERS)
        async with db.transaction() as session:
            try:
                await verb(session, one.id, other.id)
            except errors.NotFound:
                await session.rollback()
        if verb is relations.block:
            async with db.transaction() as session:
                await relations.unblock(session, one.id, other.id)

    for _ in range(8):
        await asyncio.gather(*(act() for _ in range(12)))
    async with db.transaction() as session:
        kept = {row.account_id: row for row in await session.scalars(select(FollowCount))}
        for person in people:
            for column, counted in ((Follow.followed_id, "followers"), (Follow.follower_id, "following")):
                query = select(func.count()).where(column == person.id, Follow.state == "accepted")
                there = getattr(kept[person.id], counted) if person.id in kept else 0
                assert there == await session.scalar(query)


async def test_a_request_made_while_its_person_opens_up_is_never_left_waiting(member: MakeMember) -> None:
    juno = await member("juno")
    fans = [await member(f"fan{number}") for number in range(6)]
    for _ in range(3):
        await juno.client.patch("/api/v1/me/privacy", json={"private": True})
        await asyncio.gather(
            juno.client.patch("/api/v1/me/privacy", json={"private": False}),
            *(each.client.put("/api/v1/people/juno/follow") for each in fans),
        )
        stands = [(await each.client.get("/api/v1/people/juno")).json()["relation"]["following"] for each in fans]
        assert stands == ["accepted"] * 6
        assert await counts(juno) == (6, 0)
        for each in fans:
            await each.client.delete("/api/v1/people/juno/follow")


async def test_a_follow_made_while_its_person_blocks_does_not_outlive_the_block(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    for _ in range(4):
        await asyncio.gather(
            juno.client.put("/api/v1/people/ines/block"), ines.client.put("/api/v1/people/juno/follow")
        )
        async with db.transaction() as session:
            assert await session.scalar(select(func.count()).select_from(Follow)) == 0
        await juno.client.delete("/api/v1/people/ines/block")


async def test_a_follow_and_a_request_are_told_to_whom_they_concern(member: MakeMember, drain: Drain) -> None:
    juno, ines = await member("juno"), await member("ines")

    async def told(to: Member) -> list[str]:
        await drain()
        return [item["kind"] for item in (await to.client.get("/api/v1/inbox")).json()["items"]]

    await juno.client.put("/api/v1/people/ines/follow")
    assert await told(ines) == ["followed"]
    await juno.client.patch("/api/v1/me/privacy", json={"private": True})
    await ines.client.put("/api/v1/people/juno/follow")
    assert await told(juno) == ["follow_requested"]
    assert (await juno.client.get("/api/v1/inbox/unread")).json() == {"notifications": 1, "messages": 0, "requests": 1}
    await juno.client.put(f"/api/v1/me/requests/{ines.id}")
    assert (await told(juno), await told(ines)) == ([], ["follow_accepted", "followed"])
    await juno.client.delete("/api/v1/people/ines/follow")
    assert await told(ines) == ["follow_accepted"]


async def test_someone_under_age_begins_private_and_closed_to_strangers(browser: Browser) -> None:
    young = browser()
    typed = {"handle": "tove", "email": "tove@example.org", "password": "violet harbour rain"}
    me = (await young.post("/api/v1/accounts", json=typed | {"birth_date": "2011-01-01"})).json()
    assert (me["private"], me["minor"]) == (True, True)
    assert (await young.get("/api/v1/me/privacy")).json() == {"private": True, "messages_from": "followed"}
    assert code(await young.patch("/api/v1/me/privacy", json={"messages_from": "everyone"})) == "minor_messages"
    opened = await young.patch("/api/v1/me/privacy", json={"private": False, "messages_from": "nobody"})
    assert opened.json() == {"private": False, "messages_from": "nobody"}
    grown = (
        await browser().post("/api/v1/accounts", json=typed | {"handle": "milo", "birth_date": "1990-01-01"})
    ).json()
    assert (grown["private"], grown["minor"]) == (False, False)


@pytest.mark.parametrize(
    ("today", "born_by"),
    [
        (date(2028, 2, 29), date(2010, 2, 28)),
        (date(2026, 2, 28), date(2008, 2, 28)),
        (date(2026, 3, 1), date(2008, 3, 1)),
    ],
)
async def test_the_day_adults_were_born_by_is_right_in_leap_years(
    session: db.Session, today: date, born_by: date
) -> None:
    with clock.frozen(datetime.combine(today, time(12), UTC)):
        found = await privacy.adults_born_by(session)
    assert found == born_by
    assert ages.age(found, today) == 18
    assert ages.age(date.fromordinal(found.toordinal() + 1), today) == 17
