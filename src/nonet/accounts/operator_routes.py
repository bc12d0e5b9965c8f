"""The operator's routes: outbox, work, preferences, invitations."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from nonet.accounts import invitations, operations, schemas
from nonet.accounts.tables import Invitation
from nonet.accounts.web import OperatorDep
from nonet.core import errors, ids, jobs, mail, prefs
from nonet.core.db import SessionDep

router = APIRouter(prefix="/operator", tags=["operator"])

PAGE = 50
OPERATOR = (errors.SignInNeeded, errors.NotAllowed)
Cursor = Annotated[str | None, Query(max_length=40)]
IdPath = Annotated[str, Path(max_length=40)]


def _before(cursor: str | None) -> int | None:
    return None if cursor is None else ids.parse(cursor)


@router.get("/outbox", operation_id="list_outbox", responses=errors.refusals(*OPERATOR))
async def list_outbox(session: SessionDep, operator: OperatorDep, cursor: Cursor = None) -> schemas.MailPage:
    """List the mails this server wrote, the newest first."""
    _ = operator
    found = await mail.outbox(session, _before(cursor), PAGE)
    return schemas.MailPage(items=[_mail(row) for row in found], next=str(found[-1].id) if len(found) == PAGE else None)


def _mail(row: mail.Mail) -> schemas.Mail:
    return schemas.Mail.model_validate(
        {
            "id": row.id,
            "to": row.recipient,
            "subject": row.subject,
            "text": row.body,
            "state": row.state,
            "error": row.error,
            "created_at": row.created_at,
            "sent_at": row.sent_at,
        }
    )


@router.get("/jobs", operation_id="list_jobs", responses=errors.refusals(*OPERATOR))
async def list_jobs(
    session: SessionDep, operator: OperatorDep, state: schemas.JobState | None = None, cursor: Cursor = None
) -> schemas.JobPage:
    """List work, the newest first: what waits, runs, failed and why."""
    _ = operator
    found = await operations.work(session, state, _before(cursor), PAGE)
    return schemas.JobPage(
        items=[_job(row) for row in found],
        next=str(found[-1].id) if len(found) == PAGE else None,
        counts=await operations.work_counts(session),
    )


@router.post("/jobs/{job_id}/retry", operation_id="retry_job", responses=errors.refusals(*OPERATOR, errors.NotFound))
async def retry_job(session: SessionDep, operator: OperatorDep, job_id: IdPath) -> schemas.Job:
    """Run a failed or waiting job again, now."""
    _ = operator
    return _job(await operations.retry(session, ids.known(job_id)))


def _job(row: jobs.Job) -> schemas.Job:
    return schemas.Job.model_validate(row, from_attributes=True)


@router.get("/prefs", operation_id="list_prefs", responses=errors.refusals(*OPERATOR))
async def list_prefs(session: SessionDep, operator: OperatorDep) -> schemas.PrefList:
    """List every preference, its value, its default and what it takes."""
    _ = operator
    return await _prefs(session)


@router.patch(
    "/prefs", operation_id="change_prefs", responses=errors.refusals(*OPERATOR, errors.NotFound, prefs.PrefInvalid)
)
async def change_prefs(
    session: SessionDep, operator: OperatorDep, changes: dict[str, schemas.PrefValue]
) -> schemas.PrefList:
    """Change preferences by name, all of them or none."""
    _ = operator
    await operations.prefer(session, changes)
    return await _prefs(session)


async def _prefs(session: SessionDep) -> schemas.PrefList:
    found = await operations.preferences(session)
    return schemas.PrefList(items=[_pref(declared, value) for declared, value in found])


def _pref(declared: prefs.Declared[Any], value: schemas.PrefValue) -> schemas.Pref:
    return schemas.Pref(
        name=declared.name,
        kind=declared.kind,
        help=declared.help,
        value=value,
        default=declared.default,
        options=list(declared.options) or None,
        low=declared.low if declared.kind == "number" else None,
        high=declared.high if declared.kind in {"number", "text"} else None,
    )


@router.post("/invitations", status_code=201, operation_id="make_invitation", responses=errors.refusals(*OPERATOR))
async def make_invitation(
    session: SessionDep, operator: OperatorDep, form: schemas.InvitationForm | None = None
) -> schemas.Invitation:
    """Make an invitation."""
    wanted = form or schemas.InvitationForm()
    return _invitation(await invitations.make(session, operator.id, wanted.uses, wanted.days))


@router.get("/invitations", operation_id="list_invitations", responses=errors.refusals(*OPERATOR))
async def list_invitations(session: SessionDep, operator: OperatorDep, cursor: Cursor = None) -> schemas.InvitationPage:
    """List invitations, the newest first."""
    _ = operator
    found = await invitations.page(session, _before(cursor), PAGE)
    return schemas.InvitationPage(
        items=[_invitation(row) for row in found], next=str(found[-1].id) if len(found) == PAGE else None
    )


@router.delete(
    "/invitations/{invitation_id}",
    status_code=204,
    operation_id="end_invitation",
    responses=errors.refusals(*OPERATOR, errors.NotFound),
)
async def end_invitation(session: SessionDep, operator: OperatorDep, invitation_id: IdPath) -> None:
    """End an invitation; who came by it stays."""
    _ = operator
    await invitations.end(session, ids.known(invitation_id))


def _invitation(row: Invitation) -> schemas.Invitation:
    return schemas.Invitation(
        id=row.id,
        code=row.code,
        url=invitations.url(row),
        uses=row.uses,
        used=row.used,
        used_at=row.used_at,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
