"""Routes that answer with cards: one video, a profile's grid, a person's own videos and the changes to them.

Changes stand here and not in ``videos`` because their answer is a card; each is one call of ``videos.service``.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import HTMLResponse

from nonet.accounts import web as accounts
from nonet.cards import answers, page, schemas, service, shape
from nonet.core import cursors, db, errors, ids, trust
from nonet.core.db import SessionDep
from nonet.media import captions as caption_text
from nonet.media import service as media
from nonet.media import tracks
from nonet.videos import service as videos
from nonet.videos.tables import Video

router = APIRouter(tags=["videos"])

PAGE = 24
Cursor = Annotated[str | None, Query(max_length=300)]


def _id(text: str) -> int:
    number = ids.parse(text)
    if number is None:
        raise errors.NotFound
    return number


async def _one(session: db.Session, owner_id: int, video: Video) -> schemas.Video:
    return (await service.own(session, owner_id, [video]))[0]


@router.get("/v/{video_id}", include_in_schema=False)
async def share_page(viewer: accounts.MaybePersonDep, session: SessionDep, video_id: str) -> HTMLResponse:
    """Answer a share link: a page that previews and plays before, and without, any JavaScript."""
    return await page.share(session, viewer.id if viewer else None, ids.parse(video_id))


@router.get("/v/{video_id}/qr.svg", include_in_schema=False)
async def share_code(viewer: accounts.MaybePersonDep, session: SessionDep, video_id: str) -> Response:
    """Draw a share link for a phone's camera."""
    video = await videos.get_visible(session, viewer.id if viewer else None, _id(video_id))
    return Response(trust.drawing(shape.share_url(video.id)), media_type="image/svg+xml")


@router.get(
    "/api/v1/videos/{video_id}",
    operation_id="read_video",
    response_model=schemas.Card,
    responses=errors.refusals(errors.NotFound),
)
async def read_video(viewer: accounts.MaybePersonDep, session: SessionDep, video_id: str) -> Response:
    """Return one video as the viewer sees it."""
    found = await service.one(session, viewer.id if viewer else None, _id(video_id), surface="video")
    if found is None:
        raise errors.NotFound
    return answers.reply(found)


@router.get(
    "/api/v1/me/videos",
    operation_id="list_my_videos",
    responses=errors.refusals(errors.SignInNeeded, cursors.CursorInvalid),
)
async def list_my_videos(person: accounts.PersonDep, session: SessionDep, cursor: Cursor = None) -> schemas.VideoPage:
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
    video = await videos.draft_of_upload(session, person.id, _id(upload_id))
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
    video = await videos.draft_of_upload(session, person.id, _id(upload_id))
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
    video = await videos.get_own(session, person.id, _id(video_id), lock=True)
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
    await videos.delete(session, person.id, _id(video_id))
    return Response(status_code=204)


@router.post(
    "/api/v1/videos/{video_id}/publish",
    operation_id="publish_video",
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound, videos.NotPlayable),
)
async def publish_video(person: accounts.PersonDep, session: SessionDep, video_id: str) -> schemas.Video:
    """Publish a video now, or as soon as it plays."""
    video = await videos.get_own(session, person.id, _id(video_id), lock=True)
    await videos.publish(session, video)
    return await _one(session, person.id, video)


@router.post(
    "/api/v1/videos/{video_id}/steps/{step}/retry",
    operation_id="retry_step",
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound, media.StepNotFailed),
)
async def retry_step(person: accounts.PersonDep, session: SessionDep, video_id: str, step: str) -> schemas.Video:
    """Run a failed step again."""
    video = await videos.get_own(session, person.id, _id(video_id))
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
    video = await videos.get_own(session, person.id, _id(video_id))
    await media.set_cover(session, video.asset_id, cover.at_ms)
    return await _one(session, person.id, video)


@router.get(
    "/api/v1/videos/{video_id}/captions", operation_id="list_captions", responses=errors.refusals(errors.NotFound)
)
async def list_captions(viewer: accounts.MaybePersonDep, session: SessionDep, video_id: str) -> schemas.CaptionTracks:
    """Return a video's caption tracks."""
    video = await videos.get_visible(session, viewer.id if viewer else None, _id(video_id))
    asset = (await media.assets(session, [video.asset_id]))[video.asset_id]
    found = (await tracks.of(session, [asset.id])).get(asset.id, [])
    return schemas.CaptionTracks(items=[service.caption(asset, t) for t in found])


@router.get(
    "/api/v1/videos/{video_id}/captions/{language}",
    operation_id="read_captions",
    response_class=Response,
    responses=errors.refusals(errors.NotFound) | {200: {"content": {"text/vtt": {}}}},
)
async def read_captions(viewer: accounts.MaybePersonDep, session: SessionDep, video_id: str, language: str) -> Response:
    """Return the captions in one language as WebVTT."""
    video = await videos.get_visible(session, viewer.id if viewer else None, _id(video_id))
    found = (await tracks.of(session, [video.asset_id])).get(video.asset_id, [])
    track = next((t for t in found if t.language == language), None)
    if track is None:
        raise errors.NotFound
    return Response(track.vtt, media_type="text/vtt; charset=utf-8")


@router.put(
    "/api/v1/videos/{video_id}/captions/{language}",
    operation_id="write_captions",
    openapi_extra={"requestBody": {"content": {"text/vtt": {"schema": {"type": "string"}}}, "required": True}},
    responses=errors.refusals(
        errors.SignInNeeded,
        errors.NotFound,
        caption_text.CaptionsInvalid,
        tracks.LanguageInvalid,
        tracks.TooManyTracks,
    ),
)
async def write_captions(
    request: Request, person: accounts.PersonDep, video_id: str, language: str
) -> schemas.CaptionTracks:
    """Replace the captions in one language by a VTT or SRT file, or by edited text."""
    raw = await request.body()
    async with db.transaction() as session:
        asset_id = (await videos.get_own(session, person.id, _id(video_id))).asset_id
    track = tracks.read(language, raw, asset_id, "written" if request.headers.get("x-edited") else "uploaded")
    await tracks.store(track)
    async with db.transaction() as session:
        await tracks.save(session, person.id, track)
        asset = (await media.assets(session, [asset_id]))[asset_id]
        found = (await tracks.of(session, [asset_id])).get(asset_id, [])
        return schemas.CaptionTracks(items=[service.caption(asset, t) for t in found])


@router.delete(
    "/api/v1/videos/{video_id}/captions/{language}",
    operation_id="delete_captions",
    status_code=204,
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound),
)
async def delete_captions(person: accounts.PersonDep, session: SessionDep, video_id: str, language: str) -> Response:
    """Delete the captions in one language."""
    video = await videos.get_own(session, person.id, _id(video_id))
    await tracks.remove(session, video.asset_id, language)
    return Response(status_code=204)
