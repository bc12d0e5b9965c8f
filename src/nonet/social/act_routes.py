"""Routes of likes, saves, reposts and links to share."""

from typing import Annotated

from fastapi import APIRouter, Path

from nonet.accounts.web import MaybePersonDep, PersonDep
from nonet.core import errors, ids, limits
from nonet.core.db import SessionDep
from nonet.social import acts, schemas, shares

router = APIRouter(prefix="/api/v1/videos/{video_id}", tags=["acts"])

IdPath = Annotated[str, Path(max_length=40)]
ACTED = errors.refusals(errors.SignInNeeded, errors.NotFound, limits.TooOften)


def _id(text: str) -> int:
    number = ids.parse(text)
    if number is None:
        raise errors.NotFound
    return number


@router.put("/like", operation_id="like_video", responses=ACTED)
async def like_video(session: SessionDep, person: PersonDep, video_id: IdPath) -> schemas.Acted:
    """Like a video."""
    return schemas.Acted.model_validate(await acts.do(session, acts.LIKE, person.id, _id(video_id)))


@router.delete("/like", operation_id="unlike_video", responses=ACTED)
async def unlike_video(session: SessionDep, person: PersonDep, video_id: IdPath) -> schemas.Acted:
    """Take a like back."""
    return schemas.Acted.model_validate(await acts.undo(session, acts.LIKE, person.id, _id(video_id)))


@router.put("/save", operation_id="save_video", responses=ACTED)
async def save_video(session: SessionDep, person: PersonDep, video_id: IdPath) -> schemas.Acted:
    """Keep a video for later; nobody else learns of it."""
    return schemas.Acted.model_validate(await acts.do(session, acts.SAVE, person.id, _id(video_id)))


@router.delete("/save", operation_id="unsave_video", responses=ACTED)
async def unsave_video(session: SessionDep, person: PersonDep, video_id: IdPath) -> schemas.Acted:
    """Keep a video no longer."""
    return schemas.Acted.model_validate(await acts.undo(session, acts.SAVE, person.id, _id(video_id)))


@router.put(
    "/repost",
    operation_id="repost_video",
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound, acts.NotForReposts, limits.TooOften),
)
async def repost_video(session: SessionDep, person: PersonDep, video_id: IdPath) -> schemas.Acted:
    """Show a public video to those who follow me."""
    return schemas.Acted.model_validate(await acts.do(session, acts.REPOST, person.id, _id(video_id)))


@router.delete("/repost", operation_id="unrepost_video", responses=ACTED)
async def unrepost_video(session: SessionDep, person: PersonDep, video_id: IdPath) -> schemas.Acted:
    """Show it to them no longer."""
    return schemas.Acted.model_validate(await acts.undo(session, acts.REPOST, person.id, _id(video_id)))


@router.post("/shares", operation_id="share_video", responses=errors.refusals(errors.NotFound, limits.TooOften))
async def share_video(session: SessionDep, viewer: MaybePersonDep, video_id: IdPath) -> schemas.ShareLink:
    """Make a link to send; a person's says who sent it, a visitor's is plain."""
    link = await shares.share(session, viewer.id if viewer else None, _id(video_id))
    return schemas.ShareLink(url=link.url, code=link.code)
