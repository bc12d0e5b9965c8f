"""Who moderates and who operates: an operator gives and takes roles, and the server never loses its last operator."""

from sqlalchemy import select

from nonet.accounts import names
from nonet.accounts import service as accounts
from nonet.accounts.sessions import Person
from nonet.accounts.tables import Account
from nonet.core import db, errors
from nonet.moderation import audit


class LastOperator(errors.Refusal):
    """There would be no operator left."""

    status = 409
    code = "last_operator"
    sentence = "This server has no other operator. Make someone else operator first."


async def give(session: db.Session, operator: Person, handle: str, role: accounts.Role) -> Account:
    """Give a person a role, which they have from their next request. Raises NotFound or LastOperator."""
    found = await names.find(session, handle)
    # Every operator's row is locked in one order, so that two of them can't each take the other's role at once.
    held = select(Account.id).where(Account.role == "operator", Account.state == "active").order_by(Account.id)
    operators = set(await session.scalars(held.with_for_update()))
    if found is None or (account := await session.get(Account, found.account_id)) is None:
        raise errors.NotFound
    if operator.id not in operators:
        raise errors.NotAllowed
    if role != "operator" and operators == {account.id}:
        raise LastOperator
    before = account.role
    if before != role:
        await accounts.promote(session, account.id, role)
        await session.refresh(account)
        changed = {"from": before, "to": role}
        await audit.write(session, operator.id, "role.changed", "person", account.id, changed)
    return account
