"""Routes of lists of people, and of who may see me."""

from typing import Annotated

from fastapi import APIRouter, Path

from nonet.accounts.web import PersonDep, ViewerDep
from nonet.core import cursors, errors
from nonet.core.db import SessionDep
from nonet.people import lists, privacy, schemas
from nonet.people import service as people

router = APIRouter(tags=["people"])

HandlePath = Annotated[str, Path(max_length=200)]
OPEN = errors.refusals(errors.NotFound, lists.ListPrivate, cursors.CursorInvalid)
MINE = errors.refusals(errors.SignInNeeded, cursors.CursorInvalid)


def _page(found: list[lists.Listed]) -> schemas.PeoplePage:
    more = len(found) > lists.PAGE
    shown = found[: lists.PAGE]
    return schemas.PeoplePage(
        items=[schemas.Listed.model_validate(each) for each in shown],
        next=cursors.write_cursor(shown[-1].at.isoformat(), shown[-1].id) if more else None,
    )


@router.get("/people/{handle}/followers", operation_id="list_followers", responses=OPEN)
async def list_followers(
    session: SessionDep, viewer_id: ViewerDep, handle: HandlePath, cursor: cursors.Cursor = None
) -> schemas.PeoplePage:
    """List who follows someone."""
    before = cursors.read_time_cursor(cursor)
    found = await people.visible(session, viewer_id, handle)
    await lists.check_open(session, viewer_id, found.account_id, found.handle)
    return _page(await lists.followers(session, viewer_id, found.account_id, before))


@router.get("/people/{handle}/following", operation_id="list_following", responses=OPEN)
async def list_following(
    session: SessionDep, viewer_id: ViewerDep, handle: HandlePath, cursor: cursors.Cursor = None
) -> schemas.PeoplePage:
    """List whom someone follows."""
    before = cursors.read_time_cursor(cursor)
    found = await people.visible(session, viewer_id, handle)
    await lists.check_open(session, viewer_id, found.account_id, found.handle)
    return _page(await lists.followed(session, viewer_id, found.account_id, before))


@router.get("/me/requests", operation_id="list_requests", responses=MINE)
async def list_requests(session: SessionDep, person: PersonDep, cursor: cursors.Cursor = None) -> schemas.PeoplePage:
    """List who asks to follow me."""
    return _page(await lists.asking(session, person.id, cursors.read_time_cursor(cursor)))


@router.get("/me/blocks", operation_id="list_blocks", responses=MINE)
async def list_blocks(session: SessionDep, person: PersonDep, cursor: cursors.Cursor = None) -> schemas.PeoplePage:
    """List whom I have blocked."""
    return _page(await lists.blocks(session, person.id, cursors.read_time_cursor(cursor)))


@router.get("/me/restrictions", operation_id="list_restrictions", responses=MINE)
async def list_restrictions(
    session: SessionDep, person: PersonDep, cursor: cursors.Cursor = None
) -> schemas.PeoplePage:
    """List whom I have restricted."""
    return _page(await lists.restrictions(session, person.id, cursors.read_time_cursor(cursor)))


@router.get("/me/mutes", operation_id="list_mutes", responses=errors.refusals(errors.SignInNeeded))
async def list_mutes(session: SessionDep, person: PersonDep) -> schemas.MutedList:
    """List all that I have muted."""
    found = await lists.muted(session, person.id)
    return schemas.MutedList(items=[schemas.Muted.model_validate(each, from_attributes=True) for each in found])


@router.get("/me/privacy", operation_id="get_privacy", responses=errors.refusals(errors.SignInNeeded))
async def get_privacy(session: SessionDep, person: PersonDep) -> schemas.Privacy:
    """Say who sees my videos and who may write to me."""
    return schemas.Privacy.model_validate(await privacy.of(session, person.id))


@router.patch(
    "/me/privacy",
    operation_id="change_privacy",
    responses=errors.refusals(errors.SignInNeeded, privacy.MinorMessages),
)
async def change_privacy(session: SessionDep, person: PersonDep, form: schemas.PrivacyChange) -> schemas.Privacy:
    """Change who sees my videos or who may write to me; all who asked are let in when I stop being private."""
    await privacy.change(session, person.id, form.model_dump(exclude_none=True))
    return schemas.Privacy.model_validate(await privacy.of(session, person.id))
