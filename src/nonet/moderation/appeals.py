"""Appeals: the owner of what was decided on objects once, and another moderator looks again.

    open ── uphold ───▶ upheld: the decision stays
         ── overturn ─▶ overturned: what the decision did is undone

Rows are always locked in one order: the case, the account it is about, then the appeal.
"""

from collections.abc import Sequence

from sqlalchemy import select

from nonet.accounts.sessions import Person
from nonet.core import clock, db, errors, jobs
from nonet.moderation import audit, decisions, service, waiting
from nonet.moderation.tables import Appeal, Case, Decision

APPEAL_DECIDED = "moderation.appeal_decided"
"""Told of each decided appeal: ``appeal_id``. A slice above tells both sides."""

TEXT_MOST = 2000


class AppealMade(errors.Refusal):
    """The decision was appealed against before."""

    status = 409
    code = "appeal_made"
    sentence = "You have appealed against this decision. There is one appeal; its answer comes to your inbox."


class NothingToAppeal(errors.Refusal):
    """The decision takes nothing away, or no longer does."""

    status = 409
    code = "nothing_to_appeal"
    sentence = "This decision takes nothing away from you now, so there is nothing to appeal against."


class AppealEmpty(errors.Refusal):
    """An appeal without a word."""

    code = "appeal_empty"
    sentence = "Write why the decision is wrong."


class AppealOwn(errors.Refusal):
    """The moderator decided what is appealed against."""

    status = 403
    code = "appeal_own"
    sentence = "You made this decision. Another moderator decides the appeal."


class AppealDecided(errors.Refusal):
    """A moderator has decided the appeal."""

    status = 409
    code = "appeal_decided"
    sentence = "This appeal is decided."


async def make(session: db.Session, person: Person, decision_id: int, text: str) -> Appeal:
    """Object to a decision on one's own things, once. Raises NotFound, AppealEmpty, NothingToAppeal or AppealMade."""
    found = await session.get(Decision, decision_id)
    if found is None or found.owner_id != person.id or found.action == "keep":
        raise errors.NotFound
    if not text.strip():
        raise AppealEmpty
    case = await service.get(session, found.case_id, lock=True)
    await session.refresh(found)
    if await session.scalar(select(Appeal.id).where(Appeal.decision_id == found.id)):
        raise AppealMade
    if found.action not in decisions.ENDS.values() or found.ended_at is not None:
        raise NothingToAppeal
    appeal = Appeal(decision_id=found.id, account_id=person.id, text=text.strip()[:TEXT_MOST])
    session.add(appeal)
    await session.flush()
    told = {"decision_id": str(found.id), "appeal_id": str(appeal.id)}
    await audit.write(session, person.id, "appeal.made", case.kind, case.subject_id, told)
    await waiting.tell(session)
    return appeal


async def decide(session: db.Session, moderator: Person, appeal_id: int, *, uphold: bool, statement: str) -> Appeal:
    """Let a decision stand, or undo what it did; both sides are told why.

    Raises NotFound, StatementMissing, CaseOwn, CaseOfOperator, AppealOwn or AppealDecided.
    """
    if not statement.strip():
        raise decisions.StatementMissing
    found = await session.get(Appeal, appeal_id)
    if found is None:
        raise errors.NotFound
    decision = await session.get_one(Decision, found.decision_id)
    case = await service.get(session, decision.case_id, lock=True)
    await service.check_may_decide(session, case, moderator)
    await session.refresh(found, with_for_update=True)
    if decision.moderator_id == moderator.id:
        raise AppealOwn
    if found.state != "open":
        raise AppealDecided
    found.state, found.moderator_id = "upheld" if uphold else "overturned", moderator.id
    found.statement, found.decided_at = statement.strip()[: decisions.STATEMENT_MOST], clock.now()
    if not uphold:
        await session.refresh(decision)
        await decisions.end(session, case, decision)
    told = {"decision_id": str(decision.id), "appeal_id": str(found.id)}
    await audit.write(session, moderator.id, f"appeal.{found.state}", case.kind, case.subject_id, told)
    await jobs.publish(session, APPEAL_DECIDED, {"appeal_id": str(found.id)}, key=str(found.id))
    await waiting.tell(session)
    return found


async def queue(
    session: db.Session, *, is_open: bool, after_id: int | None, most: int
) -> Sequence[tuple[Appeal, Decision, Case]]:
    """Return open appeals, the oldest first, or decided ones, the newest first."""
    query = (
        select(Appeal, Decision, Case)
        .join(Decision, Decision.id == Appeal.decision_id)
        .join(Case, Case.id == Decision.case_id)
        .limit(most)
    )
    if is_open:
        query = query.where(Appeal.state == "open").order_by(Appeal.id)
        query = query if after_id is None else query.where(Appeal.id > after_id)
    else:
        query = query.where(Appeal.state != "open").order_by(Appeal.id.desc())
        query = query if after_id is None else query.where(Appeal.id < after_id)
    return [(row.Appeal, row.Decision, row.Case) for row in await session.execute(query)]
