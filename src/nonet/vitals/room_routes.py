"""The operator's look at what the videos take, and the quotas they give."""

from typing import Annotated

from fastapi import APIRouter, Path

from nonet.accounts.web import OperatorDep
from nonet.core import errors
from nonet.core.db import SessionDep
from nonet.vitals import room, room_schemas

router = APIRouter(prefix="/api/v1/operator", tags=["operator"])


@router.get("/media", operation_id="get_room", responses=errors.refusals(errors.SignInNeeded, errors.NotAllowed))
async def get_room(session: SessionDep, operator: OperatorDep) -> room_schemas.Room:
    """Say what the videos take by kind, what each policy would free, and who takes most."""
    _ = operator
    return await room.look(session)


@router.put(
    "/people/{handle}/quota",
    operation_id="give_quota",
    responses=errors.refusals(errors.SignInNeeded, errors.NotAllowed, errors.NotFound),
)
async def give_quota(
    session: SessionDep,
    operator: OperatorDep,
    handle: Annotated[str, Path(max_length=200)],
    form: room_schemas.QuotaForm,
) -> room_schemas.PersonRoom:
    """Let a person's files take more or less than everybody's; with null, as much again as everybody's."""
    return await room.give_quota(session, operator, handle, form.size_bytes)
