"""Routes of the demo: what an operator sees of it, its clock, and the one-time link into one of its accounts."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse
from sqlalchemy import exists, select

from nonet.accounts import web
from nonet.accounts.tables import Account
from nonet.accounts.web import OperatorDep
from nonet.core import errors, network, virtual
from nonet.core.db import SessionDep
from nonet.demo import schemas, service

router = APIRouter(tags=["operator"])

OPERATOR = (errors.SignInNeeded, errors.NotAllowed)


@router.get("/api/v1/operator/demo", operation_id="get_demo", responses=errors.refusals(*OPERATOR))
async def get_demo(session: SessionDep, operator: OperatorDep) -> schemas.Demo:
    """Say whether this server shows a demo community, how far it is, and which time it goes by."""
    _ = operator
    return schemas.Demo.model_validate(await service.status(session), from_attributes=True)


@router.put(
    "/api/v1/operator/clock",
    operation_id="move_clock",
    responses=errors.refusals(*OPERATOR, virtual.ClockSealed, virtual.ClockBackwards),
)
async def move_clock(session: SessionDep, operator: OperatorDep, form: schemas.ClockForm) -> schemas.Demo:
    """Move the clock of a server that only its demo's people know; refused for ever once anyone else is there."""
    _ = operator
    if await session.scalar(select(exists(select(Account.id).where(~Account.demo)))):
        raise virtual.ClockSealed
    await virtual.move(session, form.at)
    return schemas.Demo.model_validate(await service.status(session), from_attributes=True)


@router.get("/demo/sign-in/{token}", include_in_schema=False)
async def sign_in(
    session: SessionDep, request: Request, token: Annotated[str, Path(max_length=200)]
) -> RedirectResponse:
    """Sign a browser of this machine in as the person of the demo whom the link is for, and open the first page."""
    if not network.is_loopback(web.client_address(request)):
        raise errors.NotFound
    kept = await service.use_link(session, token, request.headers.get("user-agent", ""))
    answer = RedirectResponse("/", 303)
    web.remember(answer, kept)
    return answer
