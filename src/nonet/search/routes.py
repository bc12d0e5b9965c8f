"""Routes of finding: people, videos and hashtags by words, and what is worth discovering."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from nonet.accounts.web import ViewerDep
from nonet.cards import answers
from nonet.cards.schemas import CardPage
from nonet.core import cursors, errors
from nonet.core.db import SessionDep
from nonet.search import discover, schemas, service, words

router = APIRouter(prefix="/api/v1", tags=["search"])

Typed = Annotated[str, Query(max_length=words.LONGEST)]
FOUND = errors.refusals(service.TooBroad, cursors.CursorInvalid)


@router.get("/search/people", operation_id="search_people", response_model=schemas.FoundPeople, responses=FOUND)
async def search_people(viewer_id: ViewerDep, session: SessionDep, q: Typed, cursor: cursors.Cursor = None) -> Response:
    """Find people by handle or name."""
    return answers.reply(await service.find_people(session, viewer_id, q, cursor))


@router.get("/search/videos", operation_id="search_videos", response_model=CardPage, responses=FOUND)
async def search_videos(viewer_id: ViewerDep, session: SessionDep, q: Typed, cursor: cursors.Cursor = None) -> Response:
    """Find videos by the words of their captions."""
    return answers.reply(await service.find_videos(session, viewer_id, q, cursor))


@router.get(
    "/search/tags",
    operation_id="search_tags",
    response_model=schemas.FoundTags,
    responses=errors.refusals(service.TooBroad),
)
async def search_tags(session: SessionDep, q: Typed) -> Response:
    """Find hashtags by how they begin, or what they have in them."""
    return answers.reply({"items": await service.find_tags(session, q)})


@router.get("/discover", operation_id="discover", response_model=schemas.Discovered)
async def discover_page(viewer_id: ViewerDep, session: SessionDep) -> Response:
    """Return hashtags, sounds, people and videos worth discovering now."""
    return answers.reply(await discover.page(session, viewer_id))
