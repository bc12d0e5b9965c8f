"""Decisions on cases: each case is decided once, with a rule and a reason, and a decision can be taken back once.

    open ── keep ──▶ decided
         ── cover ─▶ decided, the video covered ───────────────────────── uncover ───▶ nothing holds
         ── hide ──▶ decided, the subject hidden ──────────────────────── restore ───▶ nothing holds
         ── suspend ▶ decided, the subject hidden, its owner suspended ── reinstate ─▶ nothing holds

What a cover, hide or suspend did holds until ``ended_at``; an appeal that is won ends it as well. Two that hold on one
subject or one person are ended one by one, and the last one lets go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select

from nonet.accounts import service as accounts
from nonet.accounts.sessions import Person
from nonet.accounts.tables import Account
from nonet.core import clock, db, errors, jobs
from nonet.moderation import audit, labels, rules, service, waiting
from nonet.moderation.tables import Appeal, Case, Decision

DECIDED = "moderation.decided"
"""Told of each decision: ``decision_id``. A slice above tells both sides."""

OPENS = ("keep", "cover", "hide", "suspend")
ENDS = {"uncover": "cover", "restore": "hide", "reinstate": "suspend"}
"""Which action takes which back."""
LABELS = {"cover": "sensitive", "hide": "hidden", "suspend": "hidden"}
"""Which label an action puts on the subject."""
STATEMENT_MOST = 2000
BEFORE_MOST = 20


class RuleUnknown(errors.Refusal):
    """No such rule."""

    code = "rule_unknown"
    sentence = "There is no rule {rule}. Choose one of the list."


class StatementMissing(errors.Refusal):
    """A decision without a reason."""

    code = "statement_missing"
    sentence = "Write the reason in a sentence. Both sides read it; name nobody who reported."


class ActionUnfit(errors.Refusal):
    """The action can't be taken on this case as it stands."""

    status = 409
    code = "action_unfit"
    sentence = "This case can't be decided so: {why}"


class AppealWaits(errors.Refusal):
    """An appeal against the decision is open."""

    status = 409
    code = "appeal_waits"
    sentence = "An appeal against this decision waits. Another moderator decides that first."


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a moderator decides: an action, the code of a rule, and the reason that both sides read."""

    action: str
    rule: str
    statement: str


async def decide(session: db.Session, moderator: Person, case_id: int, ruling: Ruling) -> Decision:
    """Decide an open case, or take back what a decided one still holds; both sides are told why.

    Raises NotFound, RuleUnknown, StatementMissing, CaseOwn, CaseOfOperator, CaseDecided, CaseClaimed, ActionUnfit or
    AppealWaits.
    """
    _check(ruling)
    case = await service.get(session, case_id, lock=True)
    await service.check_may_decide(session, case, moderator)
    taken_back = await _fitting(session, case, moderator, ruling.action)
    decision = Decision(case_id=case.id, owner_id=case.owner_id, moderator_id=moderator.id, action=ruling.action)
    decision.rule, decision.statement = ruling.rule, ruling.statement.strip()[:STATEMENT_MOST]
    session.add(decision)
    if case.state == "open":
        case.state, case.decided_at, case.claimed_by, case.claimed_until = "decided", clock.now(), None, None
        await waiting.tell(session)
    await session.flush()
    if taken_back is not None:
        await end(session, case, taken_back)
    else:
        await _take_effect(session, case, decision)
    told = {"case_id": str(case.id), "decision_id": str(decision.id), "rule": decision.rule}
    await audit.write(session, moderator.id, f"case.{decision.action}", case.kind, case.subject_id, told)
    await jobs.publish(session, DECIDED, {"decision_id": str(decision.id)}, key=str(decision.id))
    return decision


def _check(ruling: Ruling) -> None:
    if ruling.rule not in rules.RULE:
        raise RuleUnknown(rule=ruling.rule)
    if not ruling.statement.strip():
        raise StatementMissing


async def _fitting(session: db.Session, case: Case, moderator: Person, action: str) -> Decision | None:
    """Return the decision that an action takes back, None for one that opens; refuse what doesn't fit the case."""
    if action in OPENS:
        if case.state != "open":
            raise service.CaseDecided
        service.check_free(case, moderator)
        if action == "hide" and case.kind == "person":
            raise ActionUnfit(why="a person is suspended, not hidden.")
        if action == "cover" and case.kind != "video":
            raise ActionUnfit(why="only a video is covered.")
        return None
    if case.state == "open":
        raise ActionUnfit(why="it is open, so there is nothing to take back.")
    holding = await session.scalar(
        select(Decision).where(
            Decision.case_id == case.id, Decision.action == ENDS[action], Decision.ended_at.is_(None)
        )
    )
    if holding is None:
        raise service.CaseDecided
    if await session.scalar(select(exists().where(Appeal.decision_id == holding.id, Appeal.state == "open"))):
        raise AppealWaits
    return holding


async def _take_effect(session: db.Session, case: Case, decision: Decision) -> None:
    if decision.action in LABELS and case.kind != "person":
        await labels.put(session, case.kind, case.subject_id, LABELS[decision.action], decision.id)
    if decision.action == "suspend" and await _is_here(session, case.owner_id):
        await accounts.suspend(session, case.owner_id)


async def end(session: db.Session, case: Case, decision: Decision) -> None:
    """Undo what a decision did, but for what another one still holds; the case and its owner's account are locked."""
    decision.ended_at = clock.now()
    await session.flush()
    same_subject = select(Case.id).where(Case.kind == case.kind, Case.subject_id == case.subject_id)
    label = LABELS[decision.action]
    alike = [action for action, name in LABELS.items() if name == label]
    holding = exists().where(Decision.ended_at.is_(None), Decision.action.in_(alike))
    if case.kind != "person" and not await session.scalar(select(holding.where(Decision.case_id.in_(same_subject)))):
        await labels.take_off(session, case.kind, case.subject_id, label)
    suspending = exists().where(
        Decision.ended_at.is_(None), Decision.action == "suspend", Decision.owner_id == case.owner_id
    )
    if decision.action != "suspend" or await session.scalar(select(suspending)):
        return
    if await _is_here(session, case.owner_id):
        await accounts.reinstate(session, case.owner_id)


async def _is_here(session: db.Session, account_id: int) -> bool:
    """Tell whether an account is still there: a decision on what someone left behind stands without them."""
    return bool(await session.scalar(select(exists().where(Account.id == account_id))))


async def of_case(session: db.Session, case_id: int) -> Sequence[tuple[Decision, Appeal | None]]:
    """Return a case's decisions with the appeals against them, in their order."""
    query = select(Decision, Appeal).join(Appeal, Appeal.decision_id == Decision.id, isouter=True)
    rows = await session.execute(query.where(Decision.case_id == case_id).order_by(Decision.id))
    return [(row.Decision, row.Appeal) for row in rows]


async def before(session: db.Session, case: Case) -> Sequence[tuple[Decision, Appeal | None]]:
    """Return what was decided of the owner in other cases, the newest first: how often, and for what."""
    query = select(Decision, Appeal).join(Appeal, Appeal.decision_id == Decision.id, isouter=True)
    others = query.where(Decision.owner_id == case.owner_id, Decision.case_id != case.id, Decision.action != "keep")
    rows = await session.execute(others.order_by(Decision.id.desc()).limit(BEFORE_MOST))
    return [(row.Decision, row.Appeal) for row in rows]


async def to_person(
    session: db.Session, account_id: int, before_id: int | None, most: int
) -> Sequence[tuple[Decision, Case, Appeal | None]]:
    """Return what was decided of a person and their things, the newest first; what was kept they aren't told."""
    query = (
        select(Decision, Case, Appeal)
        .join(Case, Case.id == Decision.case_id)
        .join(Appeal, Appeal.decision_id == Decision.id, isouter=True)
        .where(Decision.owner_id == account_id, Decision.action != "keep")
        .order_by(Decision.id.desc())
        .limit(most)
    )
    rows = await session.execute(query if before_id is None else query.where(Decision.id < before_id))
    return [(row.Decision, row.Case, row.Appeal) for row in rows]
