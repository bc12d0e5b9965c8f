"""Routes of people: profiles, and the picture of one's own."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse

from nonet.accounts import handles
from nonet.accounts.web import PersonDep, ViewerDep
from nonet.core import db, errors, http, limits, pictures
from nonet.core.db import SessionDep
from nonet.people import avatar, door_routes, list_routes, relation_routes, schemas, words
from nonet.people import service as people

router = APIRouter(prefix="/api/v1", tags=["people"])

Pixels = Annotated[int | None, Query(ge=0, le=20_000)]


@router.get(
    "/people/{handle}",
    operation_id="get_person",
    response_model=schemas.Person,
    responses=errors.refusals(errors.NotFound) | {308: {"description": "They have another handle now."}},
)
async def get_person(
    session: SessionDep, viewer_id: ViewerDep, handle: Annotated[str, Path(max_length=200)]
) -> schemas.Person | RedirectResponse:
    """Show a person; a handle they had within ninety days leads to the one they have."""
    found = await people.visible(session, viewer_id, handle)
    if found.handle != handles.key(handle):
        return RedirectResponse(f"/api/v1/people/{found.handle}", 308)
    return schemas.Person.model_validate(await people.person(session, found.account_id, viewer_id))


@router.patch(
    "/me/profile",
    operation_id="change_profile",
    responses=errors.refusals(errors.SignInNeeded, words.TextInvalid, words.WebsiteInvalid),
)
async def change_profile(session: SessionDep, person: PersonDep, form: schemas.ProfileChange) -> schemas.Me:
    """Change my name, bio or link."""
    await people.describe(session, person.id, form.model_dump(exclude_unset=True))
    return await door_routes.answer(session, person.id)


@router.put(
    "/me/avatar",
    operation_id="put_avatar",
    responses=errors.refusals(
        errors.SignInNeeded,
        pictures.PictureUnreadable,
        pictures.PictureTooLarge,
        pictures.CropOutside,
        pictures.TooManyPictures,
        http.BodyTooLarge,
        http.TooSlow,
        limits.TooOften,
    ),
    openapi_extra={"requestBody": pictures.BODY},
)
async def put_avatar(
    person: PersonDep, request: Request, x: Pixels = None, y: Pixels = None, size: Pixels = None
) -> schemas.Me:
    """Make an image my picture: the square ``x``, ``y``, ``size`` of it in its pixels, or its middle."""
    square = None if x is None or y is None or size is None else pictures.Square(x, y, size)
    await avatar.put(person.id, await pictures.read(request), square)
    async with db.transaction() as session:
        return await door_routes.answer(session, person.id)


@router.delete("/me/avatar", operation_id="delete_avatar", responses=errors.refusals(errors.SignInNeeded))
async def delete_avatar(session: SessionDep, person: PersonDep) -> schemas.Me:
    """Take my picture away."""
    await avatar.replace(session, person.id, None)
    return await door_routes.answer(session, person.id)


router.include_router(door_routes.router)
router.include_router(relation_routes.router)
router.include_router(list_routes.router)
