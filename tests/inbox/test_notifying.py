"""What a person is told of: gathered until read, never of themselves, never of whom they don't want to meet."""

import asyncio

from sqlalchemy import select

from community import MakeMember, Member
from nonet.core import db
from nonet.inbox import service as inbox
from nonet.inbox.tables import Notification
from nonet.people import relations


async def like(owner: Member, actor: Member, video_id: int = 7) -> None:
    async with db.transaction() as session:
        await inbox.notify(
            session,
            owner.id,
            "liked",
            actor_id=actor.id,
            subject_kind="video",
            subject_id=video_id,
            group_key=f"liked:{video_id}",
        )


async def rows(of: Member) -> list[Notification]:
    async with db.transaction() as session:
        query = select(Notification).where(Notification.account_id == of.id).order_by(Notification.id)
        return list(await session.scalars(query))


async def test_likes_of_one_video_gather_in_one_row_until_it_is_read(member: MakeMember) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    await like(juno, ines)
    await like(juno, oro)
    await like(juno, ines)
    [row] = await rows(juno)
    assert (row.count, row.actor_ids) == (2, [ines.id, oro.id])
    async with db.transaction() as session:
        await inbox.read(session, juno.id, row.id)
    await like(juno, oro)
    old, new = await rows(juno)
    assert old.read_at is not None
    assert (new.count, new.actor_ids, new.read_at) == (1, [oro.id], None)


async def test_many_who_like_at_once_are_all_counted(member: MakeMember) -> None:
    juno = await member("juno")
    others = [await member(f"fan{number}") for number in range(12)]
    await asyncio.gather(*(like(juno, each) for each in others))
    [row] = await rows(juno)
    assert row.count == 12
    assert sorted(row.actor_ids) == sorted(each.id for each in others)


async def test_nobody_is_told_of_their_own_acts(member: MakeMember) -> None:
    juno = await member("juno")
    await like(juno, juno)
    assert await rows(juno) == []


async def test_nobody_is_told_of_people_they_do_not_want_to_meet(member: MakeMember) -> None:
    juno = await member("juno")
    blocked, blocker, muted, restricted = [await member(name) for name in ("ines", "oro", "tove", "milo")]
    async with db.transaction() as session:
        await relations.block(session, juno.id, blocked.id)
        await relations.block(session, blocker.id, juno.id)
        await relations.mute(session, juno.id, "person", str(muted.id))
        await relations.restrict(session, juno.id, restricted.id)
    for each in (blocked, blocker, muted, restricted):
        await like(juno, each)
    assert await rows(juno) == []


async def test_a_like_that_is_taken_back_leaves_the_row(member: MakeMember) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    await like(juno, ines)
    await like(juno, oro)
    for actor, left in ((oro, [ines.id]), (ines, None)):
        async with db.transaction() as session:
            await inbox.retract(session, juno.id, "liked:7", actor.id)
        assert [row.actor_ids for row in await rows(juno)] == ([left] if left else [])


async def test_what_the_server_did_has_no_actor(member: MakeMember) -> None:
    juno = await member("juno")
    async with db.transaction() as session:
        await inbox.notify(session, juno.id, "export_ready", actor_id=None, subject_kind="export", subject_id=3)
    assert [(row.actor_ids, row.count) for row in await rows(juno)] == [([], 1)]


async def test_what_is_gone_is_not_told_of_any_more(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    await like(juno, ines, 7)
    await like(juno, ines, 8)
    async with db.transaction() as session:
        await inbox.forget(session, "video", 7)
    assert [row.subject_id for row in await rows(juno)] == [8]
