"""What moderation forgets with a person, and what their archive holds. docs/guide/rules.md says what stays and why."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import delete, select, update

from nonet.core import clock, db, jobs
from nonet.moderation import waiting
from nonet.moderation.tables import Appeal, Case, Decision, Report


@jobs.reaction("account.deleted")
async def forget(session: db.Session, args: dict[str, Any]) -> None:
    """Remove what a person reported, and close cases about what is gone with them.

    Decisions, appeals and the audit log stay: they say what this server did, to whom by number alone.
    """
    account_id = int(args["account_id"])
    await session.execute(delete(Report).where(Report.reporter_id == account_id))
    about = update(Case).where(Case.owner_id == account_id)
    closed = about.where(Case.state == "open").values(state="decided", decided_at=clock.now())
    if (await session.scalars(closed.returning(Case.id))).first() is not None:
        await waiting.tell(session)
    await session.execute(about.values(excerpt=""))
    await session.execute(update(Appeal).where(Appeal.account_id == account_id).values(text=""))


async def export(session: db.Session, account_id: int) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Give what a person's archive holds of moderation: their reports, what was decided of them, their appeals."""
    reports = await session.scalars(select(Report).where(Report.reporter_id == account_id).order_by(Report.created_at))
    for report in reports:
        yield "reports", _report(report)
    decisions = await session.execute(
        select(Decision, Case)
        .join(Case, Case.id == Decision.case_id)
        .where(Decision.owner_id == account_id, Decision.action != "keep")
        .order_by(Decision.id)
    )
    for row in decisions:
        yield "decisions", _decision(row.Decision, row.Case)
    for appeal in await session.scalars(select(Appeal).where(Appeal.account_id == account_id).order_by(Appeal.id)):
        yield "appeals", _appeal(appeal)


def _report(row: Report) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "id": str(row.subject_id),
        "category": row.category,
        "text": row.text,
        "created_at": row.created_at,
    }


def _decision(row: Decision, case: Case) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "kind": case.kind,
        "subject_id": str(case.subject_id),
        "action": row.action,
        "rule": row.rule,
        "statement": row.statement,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
    }


def _appeal(row: Appeal) -> dict[str, Any]:
    return {
        "decision_id": str(row.decision_id),
        "text": row.text,
        "state": row.state,
        "statement": row.statement,
        "created_at": row.created_at,
    }
