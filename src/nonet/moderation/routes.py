"""Routes of moderation that need no more than a thing's kind and number: rules, queue, decisions, appeals, the log.

Reporting, and a case with what it is about, stand in ``cards``, which knows every kind of thing.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from nonet.accounts import handles
from nonet.accounts.web import AnyPersonDep, ModeratorDep, OperatorDep
from nonet.core import cursors, errors, ids, limits
from nonet.core.db import SessionDep
from nonet.moderation import appeals, audit, decisions, roles, rules, schemas, service, shape, waiting

router = APIRouter(prefix="/api/v1", tags=["moderation"])

PAGE = 30
MODERATOR = (errors.SignInNeeded, errors.NotAllowed)
IdPath = Annotated[str, Path(max_length=40)]
State = Literal["open", "decided"]


@router.get("/rules", operation_id="list_rules")
async def list_rules() -> schemas.RuleList:
    """List the rules of this server, and what a report can say."""
    return schemas.RuleList(
        items=[schemas.Rule.model_validate(each) for each in rules.RULES],
        categories=[schemas.Category.model_validate(each) for each in rules.CATEGORIES],
    )


@router.get("/moderation/waiting", operation_id="count_waiting", responses=errors.refusals(*MODERATOR))
async def count_waiting(session: SessionDep, moderator: ModeratorDep) -> schemas.Waiting:
    """Say how much waits for moderators; the event stream tells them when that changes."""
    _ = moderator
    return schemas.Waiting.model_validate(await waiting.count(session))


@router.get(
    "/moderation/cases", operation_id="list_cases", responses=errors.refusals(*MODERATOR, cursors.CursorInvalid)
)
async def list_cases(
    session: SessionDep, moderator: ModeratorDep, state: State = "open", cursor: cursors.Cursor = None
) -> schemas.CasePage:
    """List what moderators look at: the open by priority and then age, the decided newest first."""
    _ = moderator
    found = await service.queue(session, state, cursors.read_pair_cursor(cursor), PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return schemas.CasePage(
        items=await shape.cases(session, found[:PAGE]),
        next=cursors.write_cursor(last.priority, last.id) if last else None,
    )


@router.post(
    "/moderation/cases/{case_id}/claim",
    operation_id="claim_case",
    responses=errors.refusals(
        *MODERATOR,
        errors.NotFound,
        service.CaseDecided,
        service.CaseClaimed,
        service.CaseOwn,
        service.CaseOfOperator,
    ),
)
async def claim_case(session: SessionDep, moderator: ModeratorDep, case_id: IdPath) -> schemas.Case:
    """Take an open case into my hands for a quarter of an hour, so that nobody else works on it."""
    return (await shape.cases(session, [await service.claim(session, moderator, ids.known(case_id))]))[0]


@router.post(
    "/moderation/cases/{case_id}/decisions",
    status_code=201,
    operation_id="decide_case",
    responses=errors.refusals(
        *MODERATOR,
        errors.NotFound,
        decisions.RuleUnknown,
        decisions.StatementMissing,
        service.CaseDecided,
        service.CaseClaimed,
        service.CaseOwn,
        service.CaseOfOperator,
        decisions.ActionUnfit,
        decisions.AppealWaits,
    ),
)
async def decide_case(
    session: SessionDep, moderator: ModeratorDep, case_id: IdPath, form: schemas.Ruling
) -> schemas.CaseDecision:
    """Decide an open case, or take back what a decided one still holds; both sides are told why."""
    ruling = decisions.Ruling(form.action, form.rule, form.statement)
    made = await decisions.decide(session, moderator, ids.known(case_id), ruling)
    return shape.case_decision(made, None, {moderator.id: moderator.handle})


@router.get(
    "/me/decisions",
    operation_id="list_my_decisions",
    responses=errors.refusals(errors.SignInNeeded, cursors.CursorInvalid),
)
async def list_my_decisions(
    session: SessionDep, person: AnyPersonDep, cursor: cursors.Cursor = None
) -> schemas.MyDecisionPage:
    """List what was decided of me and what is mine, with the rule and the reason."""
    found = await decisions.to_person(session, person.id, cursors.read_id_cursor(cursor), PAGE + 1)
    return schemas.MyDecisionPage(
        items=[shape.my_decision(*each) for each in found[:PAGE]],
        next=cursors.write_cursor(found[PAGE - 1][0].id) if len(found) > PAGE else None,
    )


@router.post(
    "/decisions/{decision_id}/appeal",
    status_code=201,
    operation_id="appeal_decision",
    responses=errors.refusals(
        errors.SignInNeeded,
        errors.NotFound,
        appeals.AppealEmpty,
        appeals.AppealMade,
        appeals.NothingToAppeal,
        limits.TooOften,
    ),
)
async def appeal_decision(
    session: SessionDep, person: AnyPersonDep, decision_id: IdPath, form: schemas.AppealForm
) -> schemas.Appeal:
    """Object to a decision about me or what is mine, once; another moderator looks at it again."""
    await limits.take(f"appeal:{person.id}", rate_per_h=20, burst=20)
    return schemas.Appeal.model_validate(await appeals.make(session, person, ids.known(decision_id), form.text))


@router.get(
    "/moderation/appeals", operation_id="list_appeals", responses=errors.refusals(*MODERATOR, cursors.CursorInvalid)
)
async def list_appeals(
    session: SessionDep, moderator: ModeratorDep, state: State = "open", cursor: cursors.Cursor = None
) -> schemas.AppealPage:
    """List appeals: the open by age, the decided newest first."""
    after_id = cursors.read_id_cursor(cursor)
    found = await appeals.queue(session, is_open=state == "open", after_id=after_id, most=PAGE + 1)
    people = [each for _, made, case in found for each in (made.moderator_id, case.owner_id, case.claimed_by)]
    known = await shape.handles(session, people)
    return schemas.AppealPage(
        items=[shape.appeal_case(*each, known, moderator.id) for each in found[:PAGE]],
        next=cursors.write_cursor(found[PAGE - 1][0].id) if len(found) > PAGE else None,
    )


@router.post(
    "/moderation/appeals/{appeal_id}/decision",
    status_code=201,
    operation_id="decide_appeal",
    responses=errors.refusals(
        *MODERATOR,
        errors.NotFound,
        decisions.StatementMissing,
        appeals.AppealOwn,
        appeals.AppealDecided,
        service.CaseOwn,
        service.CaseOfOperator,
    ),
)
async def decide_appeal(
    session: SessionDep, moderator: ModeratorDep, appeal_id: IdPath, form: schemas.AppealRuling
) -> schemas.Appeal:
    """Let another moderator's decision stand, or undo what it did; both sides are told why."""
    made = await appeals.decide(session, moderator, ids.known(appeal_id), uphold=form.uphold, statement=form.statement)
    return schemas.Appeal.model_validate(made)


@router.get(
    "/moderation/audit", operation_id="list_audit", responses=errors.refusals(*MODERATOR, cursors.CursorInvalid)
)
async def list_audit(
    session: SessionDep, operator: OperatorDep, query: Annotated[schemas.AuditQuery, Query()]
) -> schemas.AuditPage:
    """List who with a role did or read what, the newest first."""
    _ = operator
    asked = audit.Asked(handles.key(query.actor), query.action, query.kind, query.subject_id)
    found = await audit.page(session, asked, cursors.read_id_cursor(query.cursor), PAGE + 1)
    known = await shape.handles(session, [row.actor_id for row in found])
    items = [
        schemas.AuditEntry(
            id=row.id,
            actor=shape.named(known, row.actor_id),
            action=row.action,
            kind=row.kind,
            subject_id=row.subject_id,
            details=row.details,
            created_at=row.created_at,
        )
        for row in found[:PAGE]
    ]
    return schemas.AuditPage(items=items, next=cursors.write_cursor(found[PAGE - 1].id) if len(found) > PAGE else None)


@router.put(
    "/operator/people/{handle}/role",
    operation_id="give_role",
    responses=errors.refusals(*MODERATOR, errors.NotFound, roles.LastOperator),
)
async def give_role(
    session: SessionDep, operator: OperatorDep, handle: Annotated[str, Path(max_length=200)], form: schemas.RoleChange
) -> schemas.RoleGiven:
    """Make someone moderator or operator, or a person like any other; they have the role from their next request."""
    account = await roles.give(session, operator, handle, form.role)
    return schemas.RoleGiven(id=account.id, handle=account.handle, role=form.role)
