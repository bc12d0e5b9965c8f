"""Routes that answer with cards: one video, a profile's grid, a person's own videos and the changes to them.

Changes stand here and not in ``videos`` because their answer is a card; each is one call of ``videos.service``.
"""

from fastapi import APIRouter, Request, Response

from nonet.accounts import web as accounts
from nonet.cards import answers, schemas, service
from nonet.core import cursors, db, errors, http, ids, limits, pictures
from nonet.core.db import SessionDep
from nonet.media import covers
from nonet.media import service as media
from nonet.videos import service as videos
from nonet.videos.tables import Video

router = APIRouter(tags=["videos"])

PAGE = 24


async def _one(session: db.Session, owner_id: int, video: Video) -> schemas.Video:
    return (await service.own(session, owner_id, [video]))[0]


@router.get(
    "/api/v1/videos/{video_id}",
    operation_id="read_video",
    response_model=schemas.Card,
    responses=errors.refusals(errors.NotFound),
)
async def read_video(viewer_id: accounts.ViewerDep, video_id: str) -> Response:
    """Return one video as the viewer sees it."""
    async with (await db.pool()).acquire() as connection:
        found = await service.one(connection, viewer_id, ids.known(video_id), surface="video")
    if found is None:
        raise errors.NotFound
    return answers.reply(found)


@router.get(
    "/api/v1/me/videos",
    operation_id="list_my_videos",
    responses=errors.refusals(errors.SignInNeeded, cursors.CursorInvalid),
)
async def list_my_videos(
    person: accounts.PersonDep, session: SessionDep, cursor: cursors.Cursor = None
) -> schemas.VideoPage:
    """Return everything a person has, drafts and failures included, newest first."""
    found = await videos.own_page(session, person.id, cursors.read_id_cursor(cursor), PAGE + 1)
    return schemas.VideoPage(
        items=await service.own(session, person.id, found[:PAGE]),
        next=cursors.write_cursor(found[PAGE - 1].id) if len(found) > PAGE else None,
    )


@router.get(
    "/api/v1/uploads/{upload_id}",
    operation_id="read_upload",
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound),
)
async def read_upload(person: accounts.PersonDep, session: SessionDep, upload_id: str) -> schemas.Video:
    """Return the video of one upload of mine."""
    video = await videos.draft_of_upload(session, person.id, ids.known(upload_id))
    return await _one(session, person.id, video)


@router.put(
    "/api/v1/uploads/{upload_id}/draft",
    operation_id="write_draft",
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound, videos.NotPlayable),
)
async def write_draft(
    person: accounts.PersonDep, session: SessionDep, upload_id: str, draft: schemas.Draft
) -> schemas.Video:
    """Keep the texts and settings of an upload at any time, before, during and after it arrives."""
    video = await videos.draft_of_upload(session, person.id, ids.known(upload_id))
    await videos.edit(session, video, draft.model_dump(exclude={"publish"}, exclude_none=True))
    if draft.publish:
        await videos.publish(session, video)
    return await _one(session, person.id, video)


@router.patch(
    "/api/v1/videos/{video_id}",
    operation_id="edit_video",
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound),
)
async def edit_video(
    person: accounts.PersonDep, session: SessionDep, video_id: str, edit: schemas.Edit
) -> schemas.Video:
    """Change a video's texts and settings."""
    video = await videos.get_own(session, person.id, ids.known(video_id), lock=True)
    await videos.edit(session, video, edit.model_dump(exclude_none=True))
    return await _one(session, person.id, video)


@router.delete(
    "/api/v1/videos/{video_id}",
    operation_id="delete_video",
    status_code=204,
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound),
)
async def delete_video(person: accounts.PersonDep, session: SessionDep, video_id: str) -> Response:
    """Delete a video with all that was made of it."""
    await videos.delete(session, person.id, ids.known(video_id))
    return Response(status_code=204)


@router.post(
    "/api/v1/videos/{video_id}/publish",
    operation_id="publish_video",
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound, videos.NotPlayable),
)
async def publish_video(person: accounts.PersonDep, session: SessionDep, video_id: str) -> schemas.Video:
    """Publish a video now, or as soon as it plays."""
    video = await videos.get_own(session, person.id, ids.known(video_id), lock=True)
    await videos.publish(session, video)
    return await _one(session, person.id, video)


@router.post(
    "/api/v1/videos/{video_id}/steps/{step}/retry",
    operation_id="retry_step",
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound, media.StepNotFailed),
)
async def retry_step(person: accounts.PersonDep, session: SessionDep, video_id: str, step: str) -> schemas.Video:
    """Run a failed step again."""
    video = await videos.get_own(session, person.id, ids.known(video_id))
    await media.retry(session, person.id, video.asset_id, step)
    return await _one(session, person.id, video)


@router.put(
    "/api/v1/videos/{video_id}/cover",
    operation_id="pick_cover",
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound),
)
async def pick_cover(
    person: accounts.PersonDep, session: SessionDep, video_id: str, cover: schemas.Cover
) -> schemas.Video:
    """Make a frame the cover; it is drawn in the background."""
    video = await videos.get_own(session, person.id, ids.known(video_id))
    await covers.pick(session, video.asset_id, cover.at_ms)
    return await _one(session, person.id, video)


@router.put(
    "/api/v1/videos/{video_id}/cover/picture",
    operation_id="put_cover",
    responses=errors.refusals(
        errors.SignInNeeded,
        errors.NotFound,
        pictures.PictureUnreadable,
        pictures.PictureTooLarge,
        pictures.TooManyPictures,
        http.BodyTooLarge,
        http.TooSlow,
        limits.TooOften,
    ),
    openapi_extra={"requestBody": pictures.BODY},
)
async def put_cover(request: Request, person: accounts.PersonDep, video_id: str) -> schemas.Video:
    """Make a picture of mine the cover; it is drawn anew, and a frame picked later takes its place."""
    async with db.transaction() as session:
        asset_id = (await videos.get_own(session, person.id, ids.known(video_id))).asset_id
    await covers.put(person.id, asset_id, await pictures.read(request))
    async with db.transaction() as session:
        return await _one(session, person.id, await videos.get_own(session, person.id, ids.known(video_id)))


@router.put(
    "/api/v1/videos/{video_id}/pin",
    operation_id="pin_video",
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound, videos.TooManyPinned, videos.NotPublished),
)
async def pin_video(person: accounts.PersonDep, session: SessionDep, video_id: str) -> schemas.Video:
    """Put a video at the top of my profile."""
    return await _one(session, person.id, await videos.pin(session, person.id, ids.known(video_id)))


@router.delete(
    "/api/v1/videos/{video_id}/pin",
    operation_id="unpin_video",
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound),
)
async def unpin_video(person: accounts.PersonDep, session: SessionDep, video_id: str) -> schemas.Video:
    """Take a video from the top of my profile."""
    return await _one(session, person.id, await videos.unpin(session, person.id, ids.known(video_id)))
