"""The long work of accounts: mails that must not tell by their timing, and forgetting what has ended."""

from typing import Any

from nonet.accounts import door, links, names, sessions
from nonet.core import db, jobs


@jobs.reaction(door.RESET_ASKED)
async def mail_reset(session: db.Session, args: dict[str, Any]) -> None:
    """Mail a link to choose a new password by, when there is such a person."""
    await door.mail_reset(session, str(args["login"]))


@jobs.handler("accounts.sweep_due", every_s=3600)
async def sweep(job: jobs.Running) -> None:
    """Forget expired sessions, links and left handles."""
    async with db.transaction() as session:
        await sessions.sweep(session)
        await links.sweep(session)
        await names.sweep(session)
        await job.finish(session)
