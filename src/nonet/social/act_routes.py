"""Routes of likes, saves, reposts and links to share."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path

from nonet.accounts.sessions import Person
from nonet.accounts.web import PersonDep, ViewerDep
from nonet.core import db, errors, ids, limits
from nonet.core.db import SessionDep
from nonet.social import acts, schemas, shares

router = APIRouter(prefix="/api/v1/videos/{video_id}", tags=["acts"])

IdPath = Annotated[str, Path(max_length=40)]
ACTED = errors.refusals(errors.SignInNeeded, errors.NotFound, limits.TooOften)


async def _acted(how: Callable[..., Awaitable[Any]], act: acts.Act, person: Person, video_id: str) -> schemas.Acted:
    await acts.limit(person.id)
    async with db.plain() as transaction:
        return schemas.Acted.model_validate(await how(transaction, act, person.id, ids.known(video_id)))


@router.put("/like", operation_id="like_video", responses=ACTED)
async def like_video(person: PersonDep, video_id: IdPath) -> schemas.Acted:
    """Like a video."""
    return await _acted(acts.do, acts.LIKE, person, video_id)


@router.delete("/like", operation_id="unlike_video", responses=ACTED)
async def unlike_video(person: PersonDep, video_id: IdPath) -> schemas.Acted:
    """Take a like back."""
    return await _acted(acts.undo, acts.LIKE, person, video_id)


@router.put("/save", operation_id="save_video", responses=ACTED)
async def save_video(person: PersonDep, video_id: IdPath) -> schemas.Acted:
    """Keep a video for later; nobody else learns of it."""
    return await _acted(acts.do, acts.SAVE, person, video_id)


@router.delete("/save", operation_id="unsave_video", responses=ACTED)
async def unsave_video(person: PersonDep, video_id: IdPath) -> schemas.Acted:
    """Keep a video no longer."""
    return await _acted(acts.undo, acts.SAVE, person, video_id)


@router.put(
    "/repost",
    operation_id="repost_video",
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound, acts.NotForReposts, limits.TooOften),
)
async def repost_video(person: PersonDep, video_id: IdPath) -> schemas.Acted:
    """Put a public video among my reposts, on my profile."""
    return await _acted(acts.do, acts.REPOST, person, video_id)


@router.delete("/repost", operation_id="unrepost_video", responses=ACTED)
async def unrepost_video(person: PersonDep, video_id: IdPath) -> schemas.Acted:
    """Take it from there."""
    return await _acted(acts.undo, acts.REPOST, person, video_id)


@router.post("/shares", operation_id="share_video", responses=errors.refusals(errors.NotFound, limits.TooOften))
async def share_video(session: SessionDep, viewer_id: ViewerDep, video_id: IdPath) -> schemas.ShareLink:
    """Make a link to send; a person's says who sent it, a visitor's is plain."""
    if viewer_id is not None:
        await shares.limit(viewer_id)
    link = await shares.share(session, viewer_id, ids.known(video_id))
    return schemas.ShareLink(url=link.url, code=link.code)
