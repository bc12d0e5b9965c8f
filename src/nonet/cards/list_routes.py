"""Routes of lists of cards: a profile's, one's own likes, saves and history, hashtags, playlists, and named videos."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from nonet.accounts.web import PersonDep, ViewerDep
from nonet.cards import answers, lists, schemas
from nonet.core import cursors, errors, ids, texts
from nonet.core.db import SessionDep
from nonet.people import service as people
from nonet.signals import history as watched

router = APIRouter(prefix="/api/v1", tags=["lists"])

IDS_MOST = 50
OPEN = errors.refusals(errors.NotFound, cursors.CursorInvalid)
OWN = errors.refusals(errors.SignInNeeded, cursors.CursorInvalid)


class TooManyAsked(errors.Refusal):
    """More videos asked for than one answer holds."""

    code = "too_many_asked"
    sentence = "One request takes at most {most} videos. Ask for the others in another."


@router.get(
    "/videos",
    operation_id="list_videos",
    response_model=schemas.CardPage,
    responses=errors.refusals(TooManyAsked),
)
async def list_videos(
    viewer_id: ViewerDep, session: SessionDep, asked: Annotated[str, Query(alias="ids", max_length=1100)]
) -> Response:
    """Return the cards of the videos named, in that order; what the viewer may not see is left out."""
    numbers = [ids.parse(each) for each in asked.split(",") if each]
    if len(numbers) > IDS_MOST:
        raise TooManyAsked(most=IDS_MOST)
    known = list(dict.fromkeys(each for each in numbers if each is not None))
    return answers.reply(await lists.these(session, viewer_id, known))


@router.get(
    "/people/{handle}/videos",
    operation_id="list_person_videos",
    response_model=schemas.CardPage,
    responses=OPEN,
)
async def list_person_videos(
    viewer_id: ViewerDep, session: SessionDep, handle: str, cursor: cursors.Cursor = None
) -> Response:
    """Return a person's videos: those they pinned, then the last published first."""
    found = await people.visible(session, viewer_id, handle)
    return answers.reply(await lists.of_person(session, viewer_id, found.account_id, cursor))


@router.get(
    "/people/{handle}/reposts",
    operation_id="list_person_reposts",
    response_model=schemas.CardPage,
    responses=OPEN,
)
async def list_person_reposts(
    viewer_id: ViewerDep, session: SessionDep, handle: str, cursor: cursors.Cursor = None
) -> Response:
    """Return what a person has reposted, last first."""
    found = await people.visible(session, viewer_id, handle)
    return answers.reply(await lists.reposts(session, viewer_id, found.account_id, cursor))


@router.get("/me/likes", operation_id="list_my_likes", response_model=schemas.CardPage, responses=OWN)
async def list_my_likes(person: PersonDep, session: SessionDep, cursor: cursors.Cursor = None) -> Response:
    """Return what I like, last first."""
    return answers.reply(await lists.likes(session, person.id, cursor))


@router.get("/me/saves", operation_id="list_my_saves", response_model=schemas.CardPage, responses=OWN)
async def list_my_saves(person: PersonDep, session: SessionDep, cursor: cursors.Cursor = None) -> Response:
    """Return what I keep, last first."""
    return answers.reply(await lists.saves(session, person.id, cursor))


@router.get("/me/history", operation_id="list_my_history", response_model=schemas.CardPage, responses=OWN)
async def list_my_history(person: PersonDep, session: SessionDep, cursor: cursors.Cursor = None) -> Response:
    """Return what I watched, last first."""
    return answers.reply(await lists.history(session, person.id, cursor))


@router.delete(
    "/me/history",
    operation_id="clear_my_history",
    status_code=204,
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound),
)
async def clear_my_history(
    person: PersonDep, session: SessionDep, video_id: Annotated[str | None, Query(max_length=40)] = None
) -> Response:
    """Forget what I watched, all or one video."""
    await watched.clear(session, person.id, None if video_id is None else ids.known(video_id))
    return Response(status_code=204)


@router.get(
    "/tags/{tag}", operation_id="read_tag", response_model=schemas.TagPage, responses=errors.refusals(errors.NotFound)
)
async def read_tag(session: SessionDep, tag: str) -> Response:
    """Return a hashtag, with how many public videos have it."""
    return answers.reply(await lists.tag(session, _folded(tag)))


@router.get("/tags/{tag}/videos", operation_id="list_tag_videos", response_model=schemas.CardPage, responses=OPEN)
async def list_tag_videos(
    viewer_id: ViewerDep, session: SessionDep, tag: str, cursor: cursors.Cursor = None
) -> Response:
    """Return a hashtag's videos, last published first."""
    return answers.reply(await lists.of_tag(session, viewer_id, _folded(tag), cursor))


def _folded(tag: str) -> str:
    folded = texts.tag(tag)
    if not folded:
        raise errors.NotFound
    return folded


@router.get(
    "/playlists/{playlist_id}/videos",
    operation_id="list_playlist_videos",
    response_model=schemas.CardPage,
    responses=OPEN,
)
async def list_playlist_videos(
    viewer_id: ViewerDep, session: SessionDep, playlist_id: str, cursor: cursors.Cursor = None
) -> Response:
    """Return a playlist's videos in its order."""
    number = ids.known(playlist_id)
    return answers.reply(await lists.of_playlist(session, viewer_id, number, cursor))
