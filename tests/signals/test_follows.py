"""Who follows whom, in the log: once for each follow that counts, whatever the worker goes through."""

from datetime import timedelta

from sqlalchemy import delete, select, update

from community import Drain, MakeMember, Member
from nonet.core import clock, db, jobs, leases, runner
from nonet.core.jobs import Job
from nonet.signals.kinds import Kind
from nonet.signals.tables import Event


async def logged() -> list[tuple[int, int]]:
    async with db.transaction() as session:
        query = select(Event.viewer, Event.value).where(Event.kind == int(Kind.FOLLOWED)).order_by(Event.id)
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


async def test_a_removed_person_is_in_no_ones_follows(member: MakeMember, drain: Drain) -> None:
    juno, ines = await member("juno"), await member("ines")
    await follow(juno, ines)
    await follow(ines, juno)
    await drain()
    assert len(await logged()) == 2
    async with db.transaction() as session:
        await jobs.publish(session, "account.deleted", {"account_id": str(juno.id)})
    await drain()
    assert await logged() == []
