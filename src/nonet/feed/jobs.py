"""What the feed forgets, with a person and once its sessions are over, and what a person's archive holds."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update

from nonet.core import clock, db, ids, jobs
from nonet.feed.tables import Choice, Refused
from nonet.signals.tables import Slate

AT_ONCE = 2000
OVER = timedelta(hours=1)
"""A session that nothing came of for so long has ended, see ``service.IDLE``."""
LOOK_BACK = timedelta(days=2)
"""How far back sessions are looked for; a server that slept longer leaves those to the end of the record."""


@jobs.reaction("account.deleted")
async def forget(session: db.Session, args: dict[str, Any]) -> None:
    """Remove what a person said about their feed, and what others said about them."""
    account_id = int(args["account_id"])
    await session.execute(delete(Choice).where(Choice.account_id == account_id))
    about_them = and_(Refused.kind == "person", Refused.subject_id == account_id)
    await session.execute(delete(Refused).where(or_(Refused.account_id == account_id, about_them)))


@jobs.handler("feed.sessions_due", every_s=900, attempts=3)
async def empty_sessions(job: jobs.Running) -> None:
    """Empty what led to pages whose session is over; the record of each page itself is kept by ``signals``."""
    del job
    until = clock.now() - OVER
    while True:
        async with db.transaction() as session:
            over = (
                select(Slate.id)
                .where(
                    Slate.id < ids.floor(until),
                    Slate.id > ids.floor(until - LOOK_BACK),
                    func.cardinality(Slate.before) > 0,
                )
                .limit(AT_ONCE)
            )
            emptied = update(Slate).where(Slate.id.in_(over)).values(before=[]).returning(Slate.id)
            if len((await session.scalars(emptied)).all()) < AT_ONCE:
                return


async def export(session: db.Session, account_id: int) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Give what a person said about their feed, row by row, each with the name of its list."""
    refused = select(Refused).where(Refused.account_id == account_id).execution_options(yield_per=AT_ONCE)
    async for row in await session.stream_scalars(refused):
        yield "not_interested", {"kind": row.kind, "id": str(row.subject_id), "created_at": row.created_at}
    choice = await session.get(Choice, account_id)
    if choice is not None:
        yield "choice", {"personal": choice.personal, "reset_at": choice.reset_at}
