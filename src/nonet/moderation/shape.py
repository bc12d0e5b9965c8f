"""From rows of moderation to what its routes answer; handles are read in one query however many rows there are."""

from collections.abc import Iterable

from sqlalchemy import select

from nonet.accounts.tables import Account
from nonet.core import clock, db
from nonet.moderation import decisions, rules, schemas
from nonet.moderation.tables import Appeal, Case, Decision

Handles = dict[int, str]


async def handles(session: db.Session, account_ids: Iterable[int | None]) -> Handles:
    """Return the handles of accounts by id; those that are gone are left out."""
    wanted = {each for each in account_ids if each is not None}
    rows = await session.execute(select(Account.id, Account.handle).where(Account.id.in_(wanted)))
    return {row.id: row.handle for row in rows}


def named(known: Handles, account_id: int | None) -> schemas.AccountName | None:
    """Name an account by its handle; None when it is gone."""
    if account_id is None or account_id not in known:
        return None
    return schemas.AccountName(id=account_id, handle=known[account_id])


async def cases(session: db.Session, rows: Iterable[Case]) -> list[schemas.Case]:
    """Shape cases for the queue: what a private message said is left to the case itself."""
    found = list(rows)
    known = await handles(session, [each for row in found for each in (row.owner_id, row.claimed_by)])
    return [case(row, known, whole=row.kind != "message") for row in found]


def case(row: Case, known: Handles, *, whole: bool) -> schemas.Case:
    """Shape a case; a claim that has run out is none."""
    held = row.claimed_until is not None and row.claimed_until > clock.now()
    return schemas.Case.model_validate(
        {
            "id": row.id,
            "kind": row.kind,
            "subject_id": row.subject_id,
            "owner": named(known, row.owner_id),
            "state": row.state,
            "priority": row.priority,
            "reports": row.reports,
            "excerpt": row.excerpt if whole else "",
            "claimed_by": named(known, row.claimed_by) if held else None,
            "claimed_until": row.claimed_until if held else None,
            "created_at": row.created_at,
            "decided_at": row.decided_at,
        }
    )


def _rule(code: str) -> schemas.Rule:
    # A rule that a later version no longer has still stands in old decisions.
    found = rules.RULE.get(code) or rules.Rule(code, code, "")
    return schemas.Rule.model_validate(found)


def appeal(row: Appeal | None) -> schemas.Appeal | None:
    """Shape an appeal."""
    return None if row is None else schemas.Appeal.model_validate(row)


def _decision(row: Decision, against: Appeal | None) -> dict[str, object]:
    return {
        "id": row.id,
        "action": row.action,
        "rule": _rule(row.rule),
        "statement": row.statement,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
        "appeal": appeal(against),
    }


def case_decision(row: Decision, against: Appeal | None, known: Handles) -> schemas.CaseDecision:
    """Shape a decision for moderators."""
    made = _decision(row, against) | {"moderator": named(known, row.moderator_id)}
    return schemas.CaseDecision.model_validate(made)


def my_decision(row: Decision, about: Case, against: Appeal | None) -> schemas.MyDecision:
    """Shape a decision for whom it is about."""
    takes = row.action in decisions.LABELS and row.ended_at is None
    more = {"kind": about.kind, "subject_id": about.subject_id, "excerpt": about.excerpt}
    return schemas.MyDecision.model_validate(_decision(row, against) | more | {"may_appeal": takes and against is None})


def appeal_case(row: Appeal, decided: Decision, about: Case, known: Handles, moderator_id: int) -> schemas.AppealCase:
    """Shape an appeal for moderators."""
    shown = schemas.Appeal.model_validate(row).model_dump() | {
        "case": case(about, known, whole=about.kind != "message"),
        "decision": case_decision(decided, None, known),
        "mine": decided.moderator_id == moderator_id,
    }
    return schemas.AppealCase.model_validate(shown)
