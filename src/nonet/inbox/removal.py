"""Removing someone who is gone from every inbox, their own first; a second run finds nothing."""

from sqlalchemy import delete, select, text

from nonet.core import db
from nonet.inbox.tables import Notification, PushSubscription, QuietKind

AT_ONCE = 20_000

_TAKE_OUT = text(
    "UPDATE notifications SET actor_ids = array_remove(actor_ids, CAST(:actor AS bigint)), count = count - 1"
    " WHERE id >= :first AND id <= :last AND actor_ids @> ARRAY[CAST(:actor AS bigint)]"
)


async def of_person(account_id: int) -> None:
    """Remove a person's inbox and browsers, and their name from what others were told."""
    async with db.transaction() as session:
        for table in (Notification, PushSubscription, QuietKind):
            await session.execute(delete(table).where(table.account_id == account_id))
    first = 0
    while (last := await _take_out(account_id, first)) is not None:
        first = last + 1


async def _take_out(actor_id: int, first: int) -> int | None:
    """Take a person out of some rows from ``first`` on; return the last of them, None when there was none."""
    async with db.transaction() as session:
        part = select(Notification.id).where(Notification.id >= first).order_by(Notification.id)
        rows = list(await session.scalars(part.limit(AT_ONCE)))
        if not rows:
            return None
        await session.execute(_TAKE_OUT, {"actor": actor_id, "first": first, "last": rows[-1]})
        emptied = delete(Notification).where(Notification.count <= 0)
        await session.execute(emptied.where(Notification.id >= first, Notification.id <= rows[-1]))
        return rows[-1]
