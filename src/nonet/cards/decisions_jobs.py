"""Telling both sides what moderators decided: the owner with the rule and the reason, each reporter with an answer.

Stands here because moderation knows no inbox. Nobody is told who reported, nor who decided.
"""

from typing import Any

from sqlalchemy import select

from nonet.accounts import letters
from nonet.accounts.tables import Account
from nonet.core import db, jobs
from nonet.inbox import service as inbox
from nonet.moderation import appeals, decisions, rules
from nonet.moderation.tables import Appeal, Case, Decision, Report

REPORTERS_DUE = "cards.reporters_due"
REPORTERS_AT_ONCE = 200


@jobs.reaction(decisions.DECIDED)
async def tell_of_decision(session: db.Session, args: dict[str, Any]) -> None:
    """Tell the owner what was decided, unless the thing was kept as it is; then the reporters, by jobs of their own."""
    decision = await session.get_one(Decision, int(args["decision_id"]))
    case = await session.get_one(Case, decision.case_id)
    if decision.action != "keep":
        details = _details(case, decision, "owner", decision.statement)
        await _tell(session, [case.owner_id], "decided", case, details)
    if decision.action == "suspend" and (account := await session.get(Account, case.owner_id)) is not None:
        await letters.suspended(session, account, rules.RULE[decision.rule].sentence, decision.statement)
    await _reporters_due(session, decision.id, None, 0)


@jobs.reaction(appeals.APPEAL_DECIDED)
async def tell_of_appeal(session: db.Session, args: dict[str, Any]) -> None:
    """Tell the owner how their appeal ended; the reporters only when it changed something."""
    appeal = await session.get_one(Appeal, int(args["appeal_id"]))
    decision = await session.get_one(Decision, appeal.decision_id)
    case = await session.get_one(Case, decision.case_id)
    details = _details(case, decision, "owner", appeal.statement) | {"outcome": appeal.state}
    await _tell(session, [appeal.account_id], "appealed", case, details)
    if appeal.state == "overturned":
        await _reporters_due(session, decision.id, appeal.id, 0)


async def _reporters_due(session: db.Session, decision_id: int, appeal_id: int | None, after_id: int) -> None:
    told = {"decision_id": str(decision_id), "appeal_id": str(appeal_id or 0), "after": str(after_id)}
    await jobs.enqueue(session, REPORTERS_DUE, told)


@jobs.reaction(REPORTERS_DUE)
async def tell_reporters(session: db.Session, args: dict[str, Any]) -> None:
    """Answer some of those who reported, and leave the others to the next job."""
    decision = await session.get_one(Decision, int(args["decision_id"]))
    appeal = await session.get(Appeal, int(args["appeal_id"]))
    case = await session.get_one(Case, decision.case_id)
    query = select(Report.reporter_id).where(Report.case_id == case.id, Report.reporter_id > int(args["after"]))
    found = list(await session.scalars(query.order_by(Report.reporter_id).limit(REPORTERS_AT_ONCE)))
    details = _details(case, decision, "reporter", appeal.statement if appeal else decision.statement)
    details |= {"outcome": appeal.state} if appeal else {}
    await _tell(session, found, "appealed" if appeal else "decided", case, details)
    if len(found) == REPORTERS_AT_ONCE:
        await _reporters_due(session, decision.id, appeal.id if appeal else None, found[-1])


def _details(case: Case, decision: Decision, side: str, statement: str) -> dict[str, Any]:
    rule = rules.RULE.get(decision.rule)
    return {
        "side": side,
        "decision_id": str(decision.id),
        "action": decision.action,
        "rule": decision.rule,
        "rule_title": rule.title if rule else decision.rule,
        "statement": statement,
        "excerpt": case.excerpt[:120],
    }


async def _tell(
    session: db.Session, account_ids: list[int], kind: inbox.Kind, case: Case, details: dict[str, Any]
) -> None:
    told: dict[str, Any] = {
        "actor_id": None,
        "subject_kind": case.kind,
        "subject_id": case.subject_id,
        "details": details,
    }
    await inbox.notify_each(session, dict.fromkeys(account_ids, kind), **told)
