"""Reports and the cases that gather them: reporting, the queue, taking a case into one's hands.

A subject has at most one open case. Whoever takes it holds it for a quarter of an hour, so that two moderators don't
work on the same; who decides it, decides it once (``decisions``).
"""

from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, func, text, update
from sqlalchemy.dialects.postgresql import insert

from nonet.core import clock, db, errors, ids
from nonet.moderation import rules
from nonet.moderation.tables import Case, Report

CLAIM = timedelta(minutes=15)
TEXT_MOST = 2000
EXCERPT_MOST = 500


class ReportOwn(errors.Refusal):
    """A person reported what is theirs."""

    status = 409
    code = "report_own"
    sentence = "This is yours. You can change or delete it yourself."


class CategoryUnknown(errors.Refusal):
    """No such category."""

    code = "category_unknown"
    sentence = "There is no category {category}. Choose one of the list."


async def report(
    session: db.Session,
    reporter_id: int,
    kind: str,
    subject_id: int,
    owner_id: int,
    *,
    category: str,
    text: str,
    excerpt: str,
) -> None:
    """Hide a subject from who reports it, from now on, and put it before moderators.

    A second report by the same person changes nothing. Raises ReportOwn or CategoryUnknown.
    """
    if owner_id == reporter_id:
        raise ReportOwn
    known = rules.CATEGORY.get(category)
    if known is None:
        raise CategoryUnknown(category=category)
    if await session.get(Report, (reporter_id, kind, subject_id)) is not None:
        return
    case_id = await _case(session, kind, subject_id, owner_id, excerpt)
    values = {"reporter_id": reporter_id, "kind": kind, "subject_id": subject_id, "case_id": case_id}
    said = {"category": known.code, "text": text[:TEXT_MOST], "created_at": clock.now()}
    added = await session.execute(insert(Report).values(values | said).on_conflict_do_nothing())
    if cast("CursorResult[Any]", added).rowcount:
        await session.execute(
            update(Case)
            .where(Case.id == case_id)
            .values(reports=Case.reports + 1, priority=func.greatest(Case.priority, known.priority))
        )


async def _case(session: db.Session, kind: str, subject_id: int, owner_id: int, excerpt: str) -> int:
    """Return the open case of a subject, opened when there is none; waits for whoever decides it meanwhile."""
    fresh = {"id": ids.new(), "kind": kind, "subject_id": subject_id, "owner_id": owner_id, "created_at": clock.now()}
    fresh |= {"excerpt": excerpt[:EXCERPT_MOST], "state": "open", "priority": 0, "reports": 0}
    statement = (
        insert(Case)
        .values(fresh)
        .on_conflict_do_update(
            index_elements=["kind", "subject_id"], index_where=text("state = 'open'"), set_={"state": "open"}
        )
        .returning(Case.id)
    )
    return (await session.execute(statement)).scalar_one()
