"""Routes of comments."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query

from nonet.accounts.web import PersonDep, ViewerDep
from nonet.core import cursors, db, errors, ids, limits
from nonet.core.db import SessionDep
from nonet.social import acts, comment_acts, comment_pages, comments, schemas, wording
from nonet.videos import service as videos

router = APIRouter(prefix="/api/v1", tags=["comments"])

IdPath = Annotated[str, Path(max_length=40)]
Cursor = Annotated[str | None, Query(max_length=1000)]
READ = errors.refusals(errors.NotFound, cursors.CursorInvalid)
OWN = (errors.SignInNeeded, errors.NotFound)


def _page(found: tuple[list[dict[str, Any]], str | None]) -> schemas.CommentPage:
    return schemas.CommentPage.model_validate({"items": found[0], "next": found[1]})


@router.get("/videos/{video_id}/comments", operation_id="list_comments", responses=READ)
async def list_comments(
    viewer_id: ViewerDep,
    video_id: IdPath,
    cursor: Cursor = None,
    order: Literal["top", "new"] = "top",
) -> schemas.CommentPage:
    """List a video's comments: the pinned and the most liked first, or the newest."""
    async with db.plain() as transaction:
        return _page(await comment_pages.page(transaction, viewer_id, ids.known(video_id), order, cursor))


@router.get("/comments/{comment_id}/replies", operation_id="list_replies", responses=READ)
async def list_replies(viewer_id: ViewerDep, comment_id: IdPath, cursor: Cursor = None) -> schemas.CommentPage:
    """List the answers under a comment, the oldest first."""
    async with db.plain() as transaction:
        return _page(await comment_pages.replies(transaction, viewer_id, ids.known(comment_id), cursor))


@router.post(
    "/videos/{video_id}/comments",
    status_code=201,
    operation_id="write_comment",
    responses=errors.refusals(*OWN, videos.CommentsClosed, wording.WordsInvalid, limits.TooOften),
)
async def write_comment(person: PersonDep, video_id: IdPath, form: schemas.CommentForm) -> schemas.Comment:
    """Comment on a video, or answer a comment; an answer to an answer stands under the same comment."""
    await comments.limit(person.id)
    async with db.plain() as transaction:
        made = await comments.write(transaction, person.id, ids.known(video_id), form.text, form.parent_id)
    return schemas.Comment.model_validate(made)


@router.delete(
    "/comments/{comment_id}", status_code=204, operation_id="delete_comment", responses=errors.refusals(*OWN)
)
async def delete_comment(session: SessionDep, person: PersonDep, comment_id: IdPath) -> None:
    """Delete a comment of mine, or one on my video."""
    await comments.delete_one(session, person.id, ids.known(comment_id))


@router.put(
    "/comments/{comment_id}/like", operation_id="like_comment", responses=errors.refusals(*OWN, limits.TooOften)
)
async def like_comment(person: PersonDep, comment_id: IdPath) -> schemas.Comment:
    """Like a comment."""
    await acts.limit(person.id)
    async with db.plain() as transaction:
        return schemas.Comment.model_validate(await comment_acts.like(transaction, person.id, ids.known(comment_id)))


@router.delete(
    "/comments/{comment_id}/like", operation_id="unlike_comment", responses=errors.refusals(*OWN, limits.TooOften)
)
async def unlike_comment(person: PersonDep, comment_id: IdPath) -> schemas.Comment:
    """Take a like of a comment back."""
    await acts.limit(person.id)
    async with db.plain() as transaction:
        return schemas.Comment.model_validate(await comment_acts.unlike(transaction, person.id, ids.known(comment_id)))


@router.put(
    "/comments/{comment_id}/pin",
    operation_id="pin_comment",
    responses=errors.refusals(*OWN, comment_acts.NotForPins),
)
async def pin_comment(session: SessionDep, person: PersonDep, comment_id: IdPath) -> schemas.Comment:
    """Put a comment at the top of my video's, in the place of the one that was there."""
    return schemas.Comment.model_validate(await comment_acts.pin(session, person.id, ids.known(comment_id)))


@router.delete("/comments/{comment_id}/pin", operation_id="unpin_comment", responses=errors.refusals(*OWN))
async def unpin_comment(session: SessionDep, person: PersonDep, comment_id: IdPath) -> schemas.Comment:
    """Take a comment from the top."""
    return schemas.Comment.model_validate(await comment_acts.unpin(session, person.id, ids.known(comment_id)))


@router.post("/comments/{comment_id}/show", operation_id="show_comment", responses=errors.refusals(*OWN))
async def show_comment(session: SessionDep, person: PersonDep, comment_id: IdPath) -> schemas.Comment:
    """Show everyone a comment on my video that was held for me."""
    return schemas.Comment.model_validate(await comment_acts.show(session, person.id, ids.known(comment_id)))
