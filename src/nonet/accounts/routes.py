"""Routes of accounts that say nothing of the profile: instance, handles, sessions, passwords, links, the event stream.

Those that answer with ``Me`` (sign up, sign in, set up, new handle, new address) stand in ``people``.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse

import nonet
from nonet.accounts import (
    door,
    instance,
    leaving_routes,
    links,
    names,
    operator_routes,
    passwords,
    schemas,
    service,
    sessions,
    stream,
    web,
)
from nonet.accounts.web import BrowserDep, PersonDep, ViewerDep
from nonet.core import errors, ids, limits, settings
from nonet.core.db import SessionDep

router = APIRouter(prefix="/api/v1", tags=["accounts"])

TokenPath = Annotated[str, Path(max_length=200)]


@router.get("/instance", operation_id="get_instance")
async def get_instance(session: SessionDep) -> schemas.Instance:
    """Say what this server is and whom it takes."""
    conf = settings.load()
    known = await instance.facts(session)
    return schemas.Instance(**known, media_url=conf.bytes_origin, secure=conf.secure, version=nonet.__version__)


@router.get("/handles/{handle}", operation_id="check_handle", responses=errors.refusals(limits.TooOften))
async def check_handle(
    session: SessionDep, viewer_id: ViewerDep, browser: BrowserDep, handle: Annotated[str, Path(max_length=2000)]
) -> schemas.HandleState:
    """Say whether a handle is free for whoever asks, and which near it are."""
    await limits.take(f"handles:{browser.address}", rate_per_h=1800, burst=120)
    try:
        known = await names.check(session, handle, viewer_id)
    except (names.HandleInvalid, names.HandleReserved, names.HandleTaken) as no:
        near = no.details.get("suggestions") or await names.suggestions(session, handle)
        return schemas.HandleState(handle=handle, free=False, code=no.code, sentence=no.text, suggestions=near)
    return schemas.HandleState(handle=known, free=True)


@router.delete("/session", status_code=204, operation_id="sign_out")
async def sign_out(session: SessionDep, request: Request, response: Response) -> None:
    """Sign this browser out; one that isn't signed in stays so."""
    kept = web.token(request)
    if kept:
        await sessions.end_token(session, kept)
    web.forget(response)


@router.get("/me/sessions", operation_id="list_sessions", responses=errors.refusals(errors.SignInNeeded))
async def list_sessions(session: SessionDep, person: PersonDep) -> schemas.SessionList:
    """List the browsers that are signed in, the last used first."""
    items = [
        schemas.SessionView(
            id=row.id,
            current=row.id == person.session_id,
            device=row.device,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
        )
        for row in await sessions.mine(session, person.id)
    ]
    return schemas.SessionList(items=items)


@router.delete(
    "/me/sessions/{session_id}",
    status_code=204,
    operation_id="end_session",
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound),
)
async def end_session(session: SessionDep, person: PersonDep, session_id: Annotated[str, Path(max_length=40)]) -> None:
    """Sign one of my browsers out."""
    if not await sessions.end(session, person.id, ids.known(session_id)):
        raise errors.NotFound


@router.delete(
    "/me/sessions",
    status_code=204,
    operation_id="end_other_sessions",
    responses=errors.refusals(errors.SignInNeeded),
)
async def end_other_sessions(session: SessionDep, person: PersonDep) -> None:
    """Sign every browser of mine out but this one."""
    await sessions.end_others(session, person.id, person.session_id)


@router.post(
    "/me/password",
    status_code=204,
    operation_id="change_password",
    responses=errors.refusals(
        errors.SignInNeeded, door.WrongPassword, passwords.PasswordWeak, passwords.TooBusy, limits.TooOften
    ),
)
async def change_password(person: PersonDep, form: schemas.PasswordChange) -> None:
    """Change my password; my other browsers are signed out."""
    await door.change_password(person, form.current, form.password)


@router.post(
    "/me/email/verification",
    status_code=204,
    operation_id="send_verification",
    responses=errors.refusals(errors.SignInNeeded, limits.TooOften),
)
async def send_verification(person: PersonDep) -> None:
    """Mail me the link that confirms my address once more."""
    await door.confirm_again(person)


@router.post(
    "/password-resets",
    status_code=202,
    operation_id="request_password_reset",
    responses=errors.refusals(limits.TooOften),
)
async def request_password_reset(browser: BrowserDep, form: schemas.PasswordResetRequest) -> None:
    """Mail a link to choose a new password by, if this is someone's handle or address; the answer is the same."""
    await door.ask_for_reset(form.login, browser)


@router.post(
    "/password-resets/{token}",
    status_code=204,
    operation_id="reset_password",
    responses=errors.refusals(links.LinkInvalid, passwords.PasswordWeak, passwords.TooBusy, limits.TooOften),
)
async def reset_password(browser: BrowserDep, token: TokenPath, form: schemas.PasswordReset) -> None:
    """Choose a new password by a mailed link; every browser is signed out."""
    await door.reset_password(token, form.password, browser)


@router.post(
    "/email-verifications/{token}",
    status_code=204,
    operation_id="verify_email",
    responses=errors.refusals(links.LinkInvalid, service.EmailTaken),
)
async def verify_email(session: SessionDep, token: TokenPath) -> None:
    """Confirm an address by a mailed link."""
    await service.confirm_address(session, token)


@router.get(
    "/stream",
    operation_id="open_stream",
    response_class=StreamingResponse,
    responses=errors.refusals(errors.SignInNeeded)
    | {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Server-sent events."}},
)
async def open_stream(person: PersonDep, request: Request) -> StreamingResponse:
    """Stream my news: ``hello`` first, then what changed; a comment each 15 seconds of silence."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    told = stream.events(person, lambda: bool(request.app.state.draining))
    return StreamingResponse(told, media_type="text/event-stream", headers=headers)


router.include_router(operator_routes.router)
router.include_router(leaving_routes.router)
