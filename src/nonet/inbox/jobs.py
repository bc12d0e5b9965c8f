"""What the inbox does when it is told: news of follows, pushes to browsers, forgetting what is old or hidden."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, text

from nonet.core import clock, db, jobs
from nonet.inbox import push, removal, service
from nonet.inbox.tables import Notification
from nonet.people import following, relations
from nonet.people.tables import Follow

KEEP = timedelta(days=180)


@jobs.reaction(following.FOLLOWED)
async def tell_followed(session: db.Session, args: dict[str, Any]) -> None:
    """Tell a person who follows them or asks to, and those who asked that they were let in."""
    follower_id, followed_id = int(args["follower_id"]), int(args["followed_id"])
    now = await session.scalar(
        select(Follow.state).where(Follow.follower_id == follower_id, Follow.followed_id == followed_id)
    )
    if now != args["state"]:
        return
    if args.get("asked"):
        await _tell(session, follower_id, "follow_accepted", followed_id, f"let_in:{followed_id}")
        await service.retract(session, followed_id, f"asked:{follower_id}", follower_id)
    elif args["state"] == "requested":
        await _tell(session, followed_id, "follow_requested", follower_id, f"asked:{follower_id}")
    else:
        await _tell(session, followed_id, "followed", follower_id, "followed")


@jobs.reaction(following.UNFOLLOWED)
async def tell_unfollowed(session: db.Session, args: dict[str, Any]) -> None:
    """Take back what was told of a follow or a request that has ended, unless there is another."""
    follower_id, followed_id = int(args["follower_id"]), int(args["followed_id"])
    there = select(Follow.state).where(Follow.follower_id == follower_id, Follow.followed_id == followed_id)
    if await session.scalar(there) is None:
        for group_key in (f"asked:{follower_id}", "followed"):
            await service.retract(session, followed_id, group_key, follower_id)


async def _tell(session: db.Session, account_id: int, kind: service.Kind, actor_id: int, group_key: str) -> None:
    await service.notify(
        session,
        account_id,
        kind,
        actor_id=actor_id,
        subject_kind="person",
        subject_id=actor_id,
        group_key=group_key,
    )


@jobs.reaction(relations.BLOCKED)
async def part(session: db.Session, args: dict[str, Any]) -> None:
    """Take two people out of each other's inbox."""
    one, other = int(args["blocker_id"]), int(args["blocked_id"])
    for account_id, actor_id in ((one, other), (other, one)):
        await session.execute(_PART, {"account": account_id, "actor": actor_id})
        await session.execute(
            delete(Notification).where(Notification.account_id == account_id, Notification.count <= 0)
        )


_PART = text(
    "UPDATE notifications SET actor_ids = array_remove(actor_ids, CAST(:actor AS bigint)), count = count - 1"
    " WHERE account_id = :account AND CAST(:actor AS bigint) = ANY(actor_ids)"
)


@jobs.handler("account.deleted", attempts=10)
async def remove_person(job: jobs.Running) -> None:
    """Remove the inbox of someone who is gone, and take them out of everyone's."""
    await removal.of_person(int(job.args["account_id"]))


@jobs.reaction(service.PUSH_DUE)
async def spread(session: db.Session, args: dict[str, Any]) -> None:
    """Make one job of each browser that is to be told."""
    await push.spread(session, int(args["id"]))


@jobs.handler(push.SEND, attempts=7, backoff_s=20, lease_s=60)
async def deliver(job: jobs.Running) -> None:
    """Push one row to one browser; at worst, after a crash, twice, and the second takes the place of the first."""
    await push.deliver(job.args)


@jobs.handler("inbox.sweep_due", every_s=24 * 3600)
async def sweep(job: jobs.Running) -> None:
    """Forget what happened half a year ago."""
    async with db.transaction() as session:
        await session.execute(delete(Notification).where(Notification.updated_at < clock.now() - KEEP))
        await job.finish(session)
