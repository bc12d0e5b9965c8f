"""What waits for moderators: how much it is, and telling every one of them whenever that changes."""

from dataclasses import dataclass

from sqlalchemy import Text, func, literal_column, select

from nonet.accounts.tables import Account
from nonet.core import db, realtime
from nonet.moderation.tables import Appeal, Case

NEWS = {"type": "moderation"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Cases and appeals that nobody has decided."""

    cases: int
    appeals: int


async def count(session: db.Session) -> Waiting:
    """Return how much waits."""
    cases = select(func.count()).select_from(Case).where(Case.state == "open")
    appeals = select(func.count()).select_from(Appeal).where(Appeal.state == "open")
    row = (await session.execute(select(cases.scalar_subquery(), appeals.scalar_subquery()))).one()
    return Waiting(*row)


async def tell(session: db.Session) -> None:
    """Let every moderator's open pages count again, once what changed is durable."""
    person = literal_column("'person'", Text)  # written out, as the index of moderators has it
    moderators = select(Account.id).where(Account.role != person, Account.state == "active")
    for account_id in await session.scalars(moderators):
        realtime.tell(session, account_id, NEWS)
