"""Reporting any kind of thing, and a case with what it is about: the routes of moderation that know every slice."""

import contextlib
from typing import Annotated

from fastapi import APIRouter, Path

from nonet.accounts.web import ModeratorDep, PersonDep
from nonet.cards import case_schemas, evidence, subjects
from nonet.core import db, errors, ids, limits
from nonet.core.db import SessionDep
from nonet.moderation import audit, decisions, schemas, service, shape
from nonet.moderation.tables import Case
from nonet.people import relations
from nonet.signals import service as signals

router = APIRouter(prefix="/api/v1", tags=["moderation"])

REPORTS_SHOWN = 100


@router.post(
    "/reports",
    status_code=201,
    operation_id="make_report",
    responses=errors.refusals(
        errors.SignInNeeded, errors.NotFound, service.ReportOwn, service.CategoryUnknown, limits.TooOften
    ),
)
async def make_report(person: PersonDep, form: schemas.ReportForm) -> None:
    """Report a thing: it is hidden from me at once, and moderators look at it. A person reported is muted for me."""
    await limits.take(f"report:{person.id}", rate_per_h=120, burst=60)
    async with db.transaction() as session:
        try:
            found = await subjects.seen(session, person.id, form.kind, form.id)
        except errors.NotFound:
            if await service.has_reported(session, person.id, form.kind, form.id):
                return  # it is hidden from them since
            raise
        said = {"category": form.category, "text": form.text, "excerpt": found.excerpt}
        is_new = await service.report(session, person.id, form.kind, form.id, found.owner_id, **said)
        if is_new and form.kind == "video":
            await signals.act(session, "reported", viewer=person.id, video_id=form.id)
        if form.kind == "person":
            with contextlib.suppress(relations.TooManyMuted):
                await relations.mute(session, person.id, "person", str(form.id))


@router.get(
    "/moderation/cases/{case_id}",
    operation_id="read_case",
    responses=errors.refusals(errors.SignInNeeded, errors.NotAllowed, errors.NotFound),
)
async def read_case(
    session: SessionDep, moderator: ModeratorDep, case_id: Annotated[str, Path(max_length=40)]
) -> case_schemas.CaseFile:
    """Show a case with its reports, decisions and what it is about; that I read it stands in the audit log."""
    case = await service.get(session, ids.known(case_id))
    file = await _file(session, case)
    await audit.write(session, moderator.id, "case.read", case.kind, case.subject_id, {"case_id": str(case.id)})
    return file


async def _file(session: db.Session, case: Case) -> case_schemas.CaseFile:
    made = await decisions.of_case(session, case.id)
    before = await decisions.before(session, case)
    people = [each.moderator_id for each, _ in [*made, *before]]
    known = await shape.handles(session, [*people, case.owner_id, case.claimed_by])
    told = await service.reports_of(session, case.id, REPORTS_SHOWN)
    return case_schemas.CaseFile(
        case=shape.case(case, known, whole=True),
        reports=[schemas.Report.model_validate(each) for each in told],
        decisions=[shape.case_decision(*each, known) for each in made],
        before=[shape.case_decision(*each, known) for each in before],
        subject=await evidence.of(session, case),
    )
