"""Routes of sounds: their page, the videos made around them, their title."""

from fastapi import APIRouter
from starlette.responses import Response

from nonet.accounts.web import PersonDep, ViewerDep
from nonet.cards import answers, lists, schemas, sounds
from nonet.core import cursors, errors, ids
from nonet.core.db import SessionDep
from nonet.sounds import service

router = APIRouter(prefix="/api/v1/sounds", tags=["sounds"])


@router.get(
    "/{sound_id}", operation_id="read_sound", response_model=schemas.Sound, responses=errors.refusals(errors.NotFound)
)
async def read_sound(viewer_id: ViewerDep, session: SessionDep, sound_id: str) -> Response:
    """Return a sound that a video the viewer may open is made around."""
    return answers.reply(await sounds.page(session, viewer_id, ids.known(sound_id)))


@router.get(
    "/{sound_id}/videos",
    operation_id="list_sound_videos",
    response_model=schemas.CardPage,
    responses=errors.refusals(errors.NotFound, cursors.CursorInvalid),
)
async def list_sound_videos(
    viewer_id: ViewerDep,
    session: SessionDep,
    sound_id: str,
    cursor: cursors.Cursor = None,
) -> Response:
    """Return the videos made around a sound, last published first."""
    number = ids.known(sound_id)
    await sounds.check_visible(session, viewer_id, number)
    return answers.reply(await lists.of_sound(session, viewer_id, number, cursor))


@router.patch(
    "/{sound_id}",
    operation_id="rename_sound",
    response_model=schemas.Sound,
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound),
)
async def rename_sound(person: PersonDep, session: SessionDep, sound_id: str, change: schemas.SoundChange) -> Response:
    """Give my sound a title."""
    await service.rename(session, person.id, ids.known(sound_id), change.title)
    return answers.reply(await sounds.page(session, person.id, ids.known(sound_id)))
