"""What a person's archive holds of their inbox."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select

from nonet.core import db
from nonet.inbox.tables import Notification, PushSubscription, QuietKind

AT_ONCE = 500


async def export(session: db.Session, account_id: int) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Give what the inbox keeps of a person, row by row, each with the name of its list."""
    mine = select(Notification).where(Notification.account_id == account_id).order_by(Notification.id)
    async for row in await session.stream_scalars(mine.execution_options(yield_per=AT_ONCE)):
        yield (
            "notifications",
            {
                "kind": row.kind,
                "count": row.count,
                "about": {"kind": row.subject_kind, "id": str(row.subject_id)},
                "details": row.details,
                "created_at": row.created_at,
                "read_at": row.read_at,
            },
        )
    for browser in await session.scalars(select(PushSubscription).where(PushSubscription.account_id == account_id)):
        yield "pushed_to", {"endpoint": browser.endpoint, "created_at": browser.created_at}
    for kind in await session.scalars(select(QuietKind.kind).where(QuietKind.account_id == account_id)):
        yield "not_pushed", {"kind": kind}
