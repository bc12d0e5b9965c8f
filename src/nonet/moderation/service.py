"""Reports and the cases that gather them: reporting, the queue, taking a case into one's hands.

A subject has at most one open case. Whoever takes it holds it for a quarter of an hour, so that two moderators don't
work on the same; who decides it, decides it once (``decisions``).
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, and_, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from nonet.accounts.sessions import Person
from nonet.accounts.tables import Account
from nonet.core import clock, db, errors, ids
from nonet.moderation import audit, rules, waiting
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


class CaseDecided(errors.Refusal):
    """A moderator has decided the case already."""

    status = 409
    code = "case_decided"
    sentence = "This case is decided. Its decision and its reason stand below it."


class CaseClaimed(errors.Refusal):
    """Another moderator has the case in hand."""

    status = 409
    code = "case_claimed"
    sentence = "Another moderator is working on this case. It is free again at {until}, unless they decide it."


class CaseOwn(errors.Refusal):
    """The case is about the moderator themselves."""

    status = 403
    code = "case_own"
    sentence = "This case is about you. Another moderator decides it."


class CaseOfOperator(errors.Refusal):
    """The case is about an operator."""

    status = 403
    code = "case_of_operator"
    sentence = "This case is about an operator of this server. Another operator decides it."


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
) -> bool:
    """Hide a subject from who reports it, from now on, and put it before moderators; return whether that is new.

    A second report by the same person changes nothing. Raises ReportOwn or CategoryUnknown.
    """
    if owner_id == reporter_id:
        raise ReportOwn
    known = rules.CATEGORY.get(category)
    if known is None:
        raise CategoryUnknown(category=category)
    if await has_reported(session, reporter_id, kind, subject_id):
        return False
    case_id = await _case(session, kind, subject_id, owner_id, excerpt)
    values = {"reporter_id": reporter_id, "kind": kind, "subject_id": subject_id, "case_id": case_id}
    said = {"category": known.code, "text": text[:TEXT_MOST], "created_at": clock.now()}
    added = await session.execute(insert(Report).values(values | said).on_conflict_do_nothing())
    is_new = bool(cast("CursorResult[Any]", added).rowcount)
    if is_new:
        await session.execute(
            update(Case)
            .where(Case.id == case_id)
            .values(reports=Case.reports + 1, priority=func.greatest(Case.priority, known.priority))
        )
    return is_new


async def has_reported(session: db.Session, reporter_id: int, kind: str, subject_id: int) -> bool:
    """Tell whether a person has reported a subject."""
    return await session.get(Report, (reporter_id, kind, subject_id)) is not None


async def _case(session: db.Session, kind: str, subject_id: int, owner_id: int, excerpt: str) -> int:
    """Return the open case of a subject, opened when there is none, of which moderators are told.

    Waits for whoever decides it meanwhile.
    """
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
    case_id = (await session.execute(statement)).scalar_one()
    if case_id == fresh["id"]:
        await waiting.tell(session)
    return case_id


async def queue(session: db.Session, state: str, after: tuple[int, int] | None, most: int) -> Sequence[Case]:
    """Return cases of a state: the open by priority and then age, the decided by how new they are.

    ``after`` is the priority and number of the last one seen.
    """
    query = select(Case).where(Case.state == state).limit(most)
    if state == "open":
        query = query.order_by(Case.priority.desc(), Case.id)
        if after is not None:
            further = and_(Case.priority == after[0], Case.id > after[1])
            query = query.where(or_(Case.priority < after[0], further))
    else:
        query = query.order_by(Case.id.desc())
        if after is not None:
            query = query.where(Case.id < after[1])
    return (await session.scalars(query)).all()


async def get(session: db.Session, case_id: int, *, lock: bool = False) -> Case:
    """Return a case; raises NotFound."""
    case = await session.get(Case, case_id, with_for_update=lock or None)
    if case is None:
        raise errors.NotFound
    return case


async def reports_of(session: db.Session, case_id: int, most: int) -> Sequence[Report]:
    """Return what was reported of a case, the latest first; who reported it stays between them and the server."""
    query = select(Report).where(Report.case_id == case_id).order_by(Report.created_at.desc(), Report.reporter_id)
    return (await session.scalars(query.limit(most))).all()


async def claim(session: db.Session, moderator: Person, case_id: int) -> Case:
    """Take an open case into one's hands for a quarter of an hour, or go on holding it.

    Raises NotFound, CaseDecided, CaseClaimed, CaseOwn or CaseOfOperator.
    """
    case = await get(session, case_id, lock=True)
    if case.state != "open":
        raise CaseDecided
    check_free(case, moderator)
    await check_may_decide(session, case, moderator)
    case.claimed_by, case.claimed_until = moderator.id, clock.now() + CLAIM
    await audit.write(session, moderator.id, "case.claimed", case.kind, case.subject_id, {"case_id": str(case.id)})
    return case


def check_free(case: Case, moderator: Person) -> None:
    """Raise CaseClaimed while another moderator holds the case."""
    until = case.claimed_until
    if case.claimed_by not in {None, moderator.id} and until is not None and until > clock.now():
        raise CaseClaimed(until=f"{until:%H:%M} UTC")


async def check_may_decide(session: db.Session, case: Case, moderator: Person) -> None:
    """Lock the account a case is about until the transaction ends, so that effects on it follow one another.

    Raises CaseOwn, or CaseOfOperator when it is an operator's and the moderator is none.
    """
    if case.owner_id == moderator.id:
        raise CaseOwn
    role = await session.scalar(select(Account.role).where(Account.id == case.owner_id).with_for_update())
    if role == "operator" and moderator.role != "operator":
        raise CaseOfOperator
