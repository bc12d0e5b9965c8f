"""Following: who follows whom, asks to, is let in or removed, and how many of each there are.

Two people's rows are changed under a lock of the pair, and counts in the order of their ids, so that acts of the same
people in any order wait for each other and never for good.
"""

import hashlib

from sqlalchemy import BindParameter, bindparam, delete, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from nonet.core import clock, db, errors, jobs
from nonet.people import conditions
from nonet.people.tables import Follow, Profile

FOLLOWED, UNFOLLOWED = "people.followed", "people.unfollowed"
LET_IN = "people.requests_accepted"
TOLD_AT_ONCE = 200


class NotYourself(errors.Refusal):
    """A person did to themselves what is done to others."""

    code = "not_yourself"
    sentence = "This is you. Nothing was changed."


async def follow(session: db.Session, account_id: int, other_id: int) -> None:
    """Follow a person, or ask to when they are private; done twice it changes nothing. Raises NotFound, NotYourself."""
    await meet(session, account_id, other_id)
    private = await session.scalar(
        select(Profile.private).where(Profile.account_id == other_id).with_for_update(read=True)
    )
    state = "requested" if private else "accepted"
    added = await session.scalar(
        insert(Follow)
        .values(follower_id=account_id, followed_id=other_id, state=state, created_at=clock.now())
        .on_conflict_do_nothing()
        .returning(Follow.state)
    )
    if added is None:
        return
    if added == "accepted":
        await count(session, [account_id], [other_id], 1)
    await _tell(session, account_id, other_id, added)


async def unfollow(session: db.Session, account_id: int, other_id: int) -> None:
    """Stop following a person, or take a request back; without either it changes nothing."""
    await lock_pair(session, account_id, other_id)
    await end(session, (account_id, other_id))


async def remove_follower(session: db.Session, account_id: int, follower_id: int) -> None:
    """Take a follower away, who isn't told."""
    await unfollow(session, follower_id, account_id)


async def accept(session: db.Session, account_id: int, follower_id: int) -> None:
    """Let in someone who asked to follow; raises NotFound when nobody asks."""
    await meet(session, account_id, follower_id)
    accepted = (
        update(Follow)
        .where(Follow.follower_id == follower_id, Follow.followed_id == account_id, Follow.state == "requested")
        .values(state="accepted", created_at=clock.now())
        .returning(Follow.follower_id)
    )
    if await session.scalar(accepted) is None:
        raise errors.NotFound
    await count(session, [follower_id], [account_id], 1)
    await _tell(session, follower_id, account_id, "accepted", asked=True)


async def decline(session: db.Session, account_id: int, follower_id: int) -> None:
    """Turn away someone who asked to follow, who isn't told; raises NotFound when nobody asks."""
    asked = delete(Follow).where(
        Follow.follower_id == follower_id, Follow.followed_id == account_id, Follow.state == "requested"
    )
    if await session.scalar(asked.returning(Follow.follower_id)) is None:
        raise errors.NotFound
    await _tell_ended(session, follower_id, account_id, "requested")


async def accept_all(session: db.Session, account_id: int) -> None:
    """Let in everyone who asked, as their reason to ask is gone; they are told by a job."""
    accepted = (
        update(Follow)
        .where(Follow.followed_id == account_id, Follow.state == "requested")
        .values(state="accepted", created_at=clock.now())
        .returning(Follow.follower_id)
    )
    let_in = list(await session.scalars(accepted))
    await count(session, let_in, [account_id], 1)
    for start in range(0, len(let_in), TOLD_AT_ONCE):
        told = [str(each) for each in let_in[start : start + TOLD_AT_ONCE]]
        await jobs.enqueue(session, LET_IN, {"account_id": str(account_id), "follower_ids": told})


async def tell_let_in(session: db.Session, account_id: int, follower_ids: list[int]) -> None:
    """Tell every slice of followers who were let in together."""
    for follower_id in follower_ids:
        await _tell(session, follower_id, account_id, "accepted", asked=True)


async def end(session: db.Session, *pairs: tuple[int, int]) -> None:
    """End follows or requests, each of a follower and whom they follow, under the pair's lock.

    All are ended before one is counted: who lets in everybody holds requests first and counts last as well.
    """
    ended = delete(Follow).where(tuple_(Follow.follower_id, Follow.followed_id).in_(pairs))
    gone = (await session.execute(ended.returning(Follow.follower_id, Follow.followed_id, Follow.state))).all()
    for follower_id, followed_id, state in gone:
        if state == "accepted":
            await count(session, [follower_id], [followed_id], -1)
        await _tell_ended(session, follower_id, followed_id, state)


async def count(session: db.Session, followers: list[int], followed: list[int], change: int) -> None:
    """Add ``change`` follows, each from every follower to every followed; rows are taken in the order of their ids."""
    if not followers or not followed:
        return
    gained, given = change * len(followers), change * len(followed)
    await session.execute(_COUNT, {"followers": followers, "followed": followed, "gained": gained, "given": given})


_COUNT = text(
    "INSERT INTO follow_counts AS kept (account_id, followers, following)"
    " SELECT id, CASE WHEN id = ANY(CAST(:followed AS bigint[])) THEN CAST(:gained AS bigint) ELSE 0 END,"
    "  CASE WHEN id = ANY(CAST(:followers AS bigint[])) THEN CAST(:given AS bigint) ELSE 0 END"
    " FROM (SELECT DISTINCT unnest(CAST(:followers AS bigint[]) || CAST(:followed AS bigint[])) AS id) AS who"
    " ORDER BY id ON CONFLICT (account_id) DO UPDATE SET"
    " followers = kept.followers + excluded.followers, following = kept.following + excluded.following"
)


async def meet(session: db.Session, account_id: int, other_id: int) -> None:
    """Lock a pair; raises NotYourself, or NotFound when the other isn't active or either has blocked the other."""
    if account_id == other_id:
        raise NotYourself
    await lock_pair(session, account_id, other_id)
    other: BindParameter[int] = bindparam("other", other_id)
    there = select(conditions.is_active(other) & ~conditions.blocked(account_id, other))
    if not await session.scalar(there):
        raise errors.NotFound


async def lock_pair(session: db.Session, one: int, other: int) -> None:
    """Wait for whatever else happens between two people, until the transaction ends."""
    digest = hashlib.blake2b(f"{min(one, other)}:{max(one, other)}".encode(), digest_size=8).digest()
    key = int.from_bytes(digest, "big", signed=True)
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


async def _tell(session: db.Session, follower_id: int, followed_id: int, state: str, *, asked: bool = False) -> None:
    told = {"follower_id": str(follower_id), "followed_id": str(followed_id), "state": state, "asked": asked}
    await jobs.publish(session, FOLLOWED, told)


async def _tell_ended(session: db.Session, follower_id: int, followed_id: int, state: str) -> None:
    told = {"follower_id": str(follower_id), "followed_id": str(followed_id), "state": state}
    await jobs.publish(session, UNFOLLOWED, told)
