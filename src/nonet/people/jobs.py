"""The long work of people: removing pictures that no profile shows any more, telling of those let in together."""

from typing import Any

from nonet.core import db, jobs
from nonet.people import avatar, following, removal


@jobs.handler(avatar.LEFT, attempts=8, backoff_s=10)
async def remove_left(job: jobs.Running) -> None:
    """Remove an object; one that is gone already is fine, so a second run does no harm."""
    await avatar.remove_left(job.args)


@jobs.reaction(following.LET_IN)
async def tell_let_in(session: db.Session, args: dict[str, Any]) -> None:
    """Tell of each follower who was let in when their person stopped being private."""
    await following.tell_let_in(session, int(args["account_id"]), [int(each) for each in args["follower_ids"]])


@jobs.handler("account.deleted", attempts=10)
async def remove_person(job: jobs.Running) -> None:
    """Remove someone who is gone from everyone's relations."""
    await removal.of_person(int(job.args["account_id"]))
