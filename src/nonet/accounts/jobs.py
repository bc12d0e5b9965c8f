"""The long work of accounts: mails that must not tell by their timing, and forgetting what has ended."""

from typing import Any

from nonet.accounts import door, exports, leaving, links, names, sessions
from nonet.core import db, jobs


@jobs.reaction(door.RESET_ASKED)
async def mail_reset(session: db.Session, args: dict[str, Any]) -> None:
    """Mail a link to choose a new password by, when there is such a person."""
    await door.mail_reset(session, str(args["login"]))


@jobs.handler("accounts.sweep_due", every_s=3600)
async def sweep(job: jobs.Running) -> None:
    """Forget expired sessions, links, left handles and archives."""
    await exports.sweep()
    async with db.transaction() as session:
        await sessions.sweep(session)
        await links.sweep(session)
        await names.sweep(session)
        await job.finish(session)


@jobs.reaction(leaving.DUE)
async def go(session: db.Session, args: dict[str, Any]) -> None:
    """Begin to remove an account whose days of grace are over."""
    await leaving.go(session, int(args["account_id"]), str(args["leaves_at"]))


@jobs.handler(leaving.DELETED, attempts=10)
async def remove_archives(job: jobs.Running) -> None:
    """Remove a person's archives."""
    await exports.remove_all(int(job.args["account_id"]))


@jobs.reaction(leaving.LAST)
async def remove_last(session: db.Session, args: dict[str, Any]) -> None:
    """Remove an account's own rows once every slice has removed its own."""
    await leaving.remove_last(session, int(args["account_id"]))
