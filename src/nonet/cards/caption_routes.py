"""Routes of the captions of a video."""

from fastapi import APIRouter, Request, Response

from nonet.accounts import web as accounts
from nonet.cards import schemas, service
from nonet.core import db, errors, ids
from nonet.core.db import SessionDep
from nonet.media import captions as caption_text
from nonet.media import service as media
from nonet.media import tracks
from nonet.videos import service as videos

router = APIRouter(tags=["videos"])


@router.get(
    "/api/v1/videos/{video_id}/captions", operation_id="list_captions", responses=errors.refusals(errors.NotFound)
)
async def list_captions(viewer_id: accounts.ViewerDep, session: SessionDep, video_id: str) -> schemas.CaptionTracks:
    """Return a video's caption tracks."""
    video = await videos.get_visible(session, viewer_id, ids.known(video_id))
    asset = (await media.assets(session, [video.asset_id]))[video.asset_id]
    found = (await tracks.of(session, [asset.id])).get(asset.id, [])
    return schemas.CaptionTracks(items=[service.caption(asset, t) for t in found])


@router.get(
    "/api/v1/videos/{video_id}/captions/{language}",
    operation_id="read_captions",
    response_class=Response,
    responses=errors.refusals(errors.NotFound) | {200: {"content": {"text/vtt": {}}}},
)
async def read_captions(viewer_id: accounts.ViewerDep, session: SessionDep, video_id: str, language: str) -> Response:
    """Return the captions in one language as WebVTT."""
    video = await videos.get_visible(session, viewer_id, ids.known(video_id))
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
        asset_id = (await videos.get_own(session, person.id, ids.known(video_id))).asset_id
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
    video = await videos.get_own(session, person.id, ids.known(video_id))
    await tracks.remove(session, video.asset_id, language)
    return Response(status_code=204)
