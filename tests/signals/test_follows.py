"""Who follows whom, in the log: once for each follow that counts, whatever the worker goes through."""

from datetime import timedelta

from sqlalchemy import delete, func, select, update

from community import Drain, MakeMember, Member
from nonet.core import clock, db, jobs, leases, runner
from nonet.core.jobs import Job
from nonet.signals.kinds import Kind
from nonet.signals.tables import CountDelta, Event


async def logged(kind: Kind = Kind.FOLLOWED) -> list[tuple[int, int]]:
    async with db.transaction() as session:
        query = select(Event.viewer, Event.value).where(Event.kind == int(kind)).order_by(Event.id)
        return [(row.viewer, row.value) for row in await session.execute(query)]


async def follow(who: Member, whom: Member) -> None:
    assert (await who.client.put(f"/api/v1/people/{whom.handle}/follow")).status_code == 200


async def test_a_follow_is_in_the_log_and_asking_twice_adds_nothing(member: MakeMember, drain: Drain) -> None:
    juno, ines = await member("juno"), await member("ines")
    for _ in range(2):
        await follow(juno, ines)
    await drain()
    assert await logged() == [(juno.id, ines.id)]


async def test_who_asked_follows_in_the_log_since_they_were_let_in(member: MakeMember, drain: Drain) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    await ines.client.patch("/api/v1/me/privacy", json={"private": True})
    for each in (juno, oro):
        await follow(each, ines)
    await drain()
    assert await logged() == []
    assert (await ines.client.put(f"/api/v1/me/requests/{juno.id}")).status_code == 200
    await drain()
    assert await logged() == [(juno.id, ines.id)]
    await ines.client.patch("/api/v1/me/privacy", json={"private": False})
    await drain()
    assert await logged() == [(juno.id, ines.id), (oro.id, ines.id)]


async def test_a_follow_told_again_by_a_second_worker_is_logged_once(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    await follow(juno, ines)
    async with db.transaction() as session:
        await session.execute(delete(Job).where(Job.handler != "signals"))
        (first,) = await leases.claim(session, "light", 1)
    async with db.transaction() as session:
        ended = clock.now() - timedelta(days=1)
        await session.execute(update(Job).where(Job.id == first.id).values(lease_until=ended))
    async with db.transaction() as session:
        (second,) = await leases.claim(session, "light", 1)
    assert second.id == first.id
    for job in (second, first):
        await runner.run_one(job)
    assert await logged() == [(juno.id, ines.id)]


async def test_a_follow_that_ends_is_in_the_log_once_and_changes_no_counter(member: MakeMember, drain: Drain) -> None:
    juno, ines = await member("juno"), await member("ines")
    await ines.client.delete("/api/v1/people/juno/follow")
    await follow(juno, ines)
    await drain()
    for _ in range(2):
        assert (await juno.client.delete("/api/v1/people/ines/follow")).status_code == 200
    await drain()
    assert (await logged(), await logged(Kind.UNFOLLOWED)) == ([(juno.id, ines.id)], [(juno.id, ines.id)])
    async with db.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(CountDelta)) == 0


async def test_a_request_that_ends_was_no_follow(member: MakeMember, drain: Drain) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    await ines.client.patch("/api/v1/me/privacy", json={"private": True})
    for each in (juno, oro):
        await follow(each, ines)
    assert (await juno.client.delete("/api/v1/people/ines/follow")).status_code == 200
    assert (await ines.client.delete(f"/api/v1/me/requests/{oro.id}")).status_code == 204
    await drain()
    assert await logged(Kind.UNFOLLOWED) == []


async def test_a_follow_ended_by_whom_it_was_of_or_by_a_block_is_in_the_log(member: MakeMember, drain: Drain) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    for each in (juno, oro):
        await follow(each, ines)
    await follow(ines, oro)
    assert (await ines.client.delete("/api/v1/people/juno/follower")).status_code == 200
    assert (await ines.client.put("/api/v1/people/oro/block")).status_code == 200
    await drain()
    ended = {(juno.id, ines.id), (oro.id, ines.id), (ines.id, oro.id)}
    assert (set(await logged(Kind.UNFOLLOWED)), len(await logged(Kind.UNFOLLOWED))) == (ended, 3)


async def test_a_removed_person_is_in_no_ones_follows(member: MakeMember, drain: Drain) -> None:
    juno, ines = await member("juno"), await member("ines")
    await follow(juno, ines)
    await follow(ines, juno)
    for one, other in ((juno, ines), (ines, juno)):
        await one.client.delete(f"/api/v1/people/{other.handle}/follow")
    await drain()
    assert (len(await logged()), len(await logged(Kind.UNFOLLOWED))) == (2, 2)
    async with db.transaction() as session:
        await jobs.publish(session, "account.deleted", {"account_id": str(juno.id)})
    await drain()
    assert (await logged(), await logged(Kind.UNFOLLOWED)) == ([], [])
