"""Routes that open a person's own door and answer with ``Me``: sign up, sign in, set up, new handle, new address."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from nonet.accounts import addresses, ages, door, links, names, passwords, service, web
from nonet.accounts.web import AnyoneDep, AnyPersonDep, BrowserDep, PersonDep
from nonet.core import db, errors, limits
from nonet.core.db import SessionDep
from nonet.people import privacy, schemas
from nonet.people import service as people

router = APIRouter(tags=["accounts"])


async def answer(session: db.Session, account_id: int) -> schemas.Me:
    """Shape what a person knows of themselves."""
    return schemas.Me.model_validate(await people.me(session, account_id))


async def _entered(response: Response, entered: door.Entered) -> schemas.Me:
    web.remember(response, entered.token)
    async with db.transaction() as session:
        return await answer(session, entered.account_id)


@router.post(
    "/accounts",
    status_code=201,
    operation_id="sign_up",
    responses=errors.refusals(
        service.RegistrationClosed,
        service.InvitationInvalid,
        links.LinkInvalid,
        names.HandleInvalid,
        names.HandleReserved,
        names.HandleTaken,
        addresses.EmailInvalid,
        passwords.PasswordWeak,
        ages.BirthDateInvalid,
        ages.TooYoung,
        passwords.TooBusy,
        limits.TooOften,
    ),
)
async def sign_up(browser: BrowserDep, response: Response, form: schemas.SignUpForm) -> schemas.Me:
    """Make an account, sign this browser in, mail a link that confirms the address."""
    return await _entered(response, await door.sign_up(door.SignUp(**form.model_dump()), browser, privacy.begin))


@router.post(
    "/session",
    operation_id="sign_in",
    responses=errors.refusals(door.WrongCredentials, passwords.TooBusy, limits.TooOften),
)
async def sign_in(request: Request, browser: BrowserDep, response: Response, form: schemas.SignInForm) -> schemas.Me:
    """Sign this browser in; whoever it was signed in as before is signed out of it."""
    return await _entered(response, await door.sign_in(form.login, form.password, browser, web.token(request)))


@router.get("/session", operation_id="get_session")
async def get_session(session: SessionDep, anyone: AnyoneDep, request: Request, response: Response) -> schemas.SignedIn:
    """Say who is signed in in this browser, if anyone is; whoever is stays so for another ninety days."""
    if anyone is None:
        return schemas.SignedIn(me=None)
    return schemas.SignedIn(me=await get_me(session, anyone, request, response))


@router.get("/me", operation_id="get_me", responses=errors.refusals(errors.SignInNeeded))
async def get_me(session: SessionDep, person: AnyPersonDep, request: Request, response: Response) -> schemas.Me:
    """Say who I am, and keep this browser signed in for another ninety days."""
    web.remember(response, web.token(request) or "")
    return await answer(session, person.id)


@router.post("/setup/{token}", operation_id="set_up", responses=errors.refusals(errors.SignInNeeded, links.LinkInvalid))
async def set_up(session: SessionDep, person: PersonDep, token: Annotated[str, Path(max_length=200)]) -> schemas.Me:
    """Become operator by the set-up link."""
    await service.set_up(session, person.id, token)
    return await answer(session, person.id)


@router.put(
    "/me/handle",
    operation_id="change_handle",
    responses=errors.refusals(
        errors.SignInNeeded, names.HandleInvalid, names.HandleReserved, names.HandleTaken, limits.TooOften
    ),
)
async def change_handle(session: SessionDep, person: PersonDep, form: schemas.HandleChange) -> schemas.Me:
    """Take another handle; the old one leads to me for ninety days."""
    await names.rename(session, person.id, form.handle)
    return await answer(session, person.id)


@router.post(
    "/me/email",
    operation_id="change_email",
    responses=errors.refusals(
        errors.SignInNeeded,
        door.WrongPassword,
        addresses.EmailInvalid,
        door.EmailUnchanged,
        passwords.TooBusy,
        limits.TooOften,
    ),
)
async def change_email(person: PersonDep, form: schemas.EmailChange) -> schemas.Me:
    """Mail a link to another address of mine, which counts once it is used; the present one is told."""
    await door.change_email(person, form.password, form.email)
    async with db.transaction() as session:
        return await answer(session, person.id)
