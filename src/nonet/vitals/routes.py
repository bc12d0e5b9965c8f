"""The operator's look at how the server does."""

from fastapi import APIRouter

from nonet.accounts.web import OperatorDep
from nonet.core import errors
from nonet.core.db import SessionDep
from nonet.vitals import schemas, service

router = APIRouter(tags=["operator"])


@router.get(
    "/api/v1/operator/health",
    operation_id="get_health",
    responses=errors.refusals(errors.SignInNeeded, errors.NotAllowed),
)
async def get_health(session: SessionDep, operator: OperatorDep) -> schemas.Health:
    """Say how the server does: work, mail, events, the disk and the day it is full, what this process answered."""
    _ = operator
    return await service.look(session)
