"""Routes of what a person says about their feed, and why it shows what it shows."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from nonet.accounts import web as accounts
from nonet.core import errors, ids
from nonet.core.db import SessionDep
from nonet.feed import choices, schemas, why
from nonet.people import relations
from nonet.signals import visitors

router = APIRouter(tags=["feed"])


@router.get(
    "/api/v1/feed/why/{request_id}/{position}", operation_id="read_why", responses=errors.refusals(errors.NotFound)
)
async def read_why(
    request: Request,
    viewer_id: accounts.ViewerDep,
    session: SessionDep,
    request_id: str,
    position: Annotated[int, Path(ge=0, le=100)],
) -> schemas.Why:
    """Return why the video at a position of a feed page was shown, to whom it was shown alone."""
    visitor = visitors.known(request) or 0
    return await why.why(session, viewer_id, visitor, ids.known(request_id), position)


@router.post(
    "/api/v1/feed/refused",
    operation_id="refuse",
    status_code=204,
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound, relations.NotYourself),
)
async def refuse(person: accounts.PersonDep, session: SessionDep, asked: schemas.Refusing) -> Response:
    """Keep a video, or everything of a person, out of one's For You from the next page on."""
    await choices.refuse(session, person.id, asked.kind, asked.id)
    return Response(status_code=204)


@router.delete(
    "/api/v1/feed/refused",
    operation_id="take_refusal_back",
    status_code=204,
    responses=errors.refusals(errors.SignInNeeded),
)
async def take_back(person: accounts.PersonDep, session: SessionDep, asked: schemas.Refusing) -> Response:
    """Let it come again."""
    await choices.take_back(session, person.id, asked.kind, asked.id)
    return Response(status_code=204)


@router.get("/api/v1/me/feed", operation_id="read_feed_choice", responses=errors.refusals(errors.SignInNeeded))
async def read_choice(person: accounts.PersonDep, session: SessionDep) -> schemas.FeedChoice:
    """Return how one wants one's feed."""
    return schemas.FeedChoice.model_validate(await choices.chosen(session, person.id), from_attributes=True)


@router.patch("/api/v1/me/feed", operation_id="change_feed_choice", responses=errors.refusals(errors.SignInNeeded))
async def choose(person: accounts.PersonDep, session: SessionDep, change: schemas.FeedChange) -> schemas.FeedChoice:
    """Let the feed go by what one watches or not, or let one's taste begin anew."""
    made = await choices.choose(session, person.id, personal=change.personal, reset=change.reset)
    return schemas.FeedChoice.model_validate(made, from_attributes=True)
