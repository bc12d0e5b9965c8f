"""Removing someone who is gone from everyone's relations, a few rows in one transaction; a second run finds nothing."""

from sqlalchemy import delete, or_, select

from nonet.core import db
from nonet.people import avatar, following
from nonet.people.tables import Block, Follow, FollowCount, Mute, Profile, Restriction

AT_ONCE = 1000


async def of_person(account_id: int) -> None:
    """Remove a person's profile, picture, follows both ways, blocks, mutes and restrictions."""
    for end in (_leave, _be_left):
        while await end(account_id):
            pass
    async with db.transaction() as session:
        if await session.get(Profile, account_id) is not None:
            await avatar.replace(session, account_id, None)
        await session.execute(delete(Profile).where(Profile.account_id == account_id))
        await session.execute(delete(FollowCount).where(FollowCount.account_id == account_id))
        await session.execute(delete(Block).where(or_(Block.blocker_id == account_id, Block.blocked_id == account_id)))
        either = or_(Restriction.restricter_id == account_id, Restriction.restricted_id == account_id)
        await session.execute(delete(Restriction).where(either))
        theirs = or_(Mute.account_id == account_id, (Mute.kind == "person") & (Mute.value == str(account_id)))
        await session.execute(delete(Mute).where(theirs))


async def _leave(account_id: int) -> bool:
    """End some follows and requests of the person; False when none was left."""
    async with db.transaction() as session:
        some = select(Follow.followed_id).where(Follow.follower_id == account_id).limit(AT_ONCE)
        ended = delete(Follow).where(Follow.follower_id == account_id, Follow.followed_id.in_(some))
        rows = (await session.execute(ended.returning(Follow.followed_id, Follow.state))).all()
        await following.count(session, [account_id], [row[0] for row in rows if row[1] == "accepted"], -1)
        return bool(rows)


async def _be_left(account_id: int) -> bool:
    """End some follows of the person and requests to them; False when none was left."""
    async with db.transaction() as session:
        some = select(Follow.follower_id).where(Follow.followed_id == account_id).limit(AT_ONCE)
        ended = delete(Follow).where(Follow.followed_id == account_id, Follow.follower_id.in_(some))
        rows = (await session.execute(ended.returning(Follow.follower_id, Follow.state))).all()
        await following.count(session, [row[0] for row in rows if row[1] == "accepted"], [account_id], -1)
        return bool(rows)
