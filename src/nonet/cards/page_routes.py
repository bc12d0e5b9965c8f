"""Pages about one thing: the app's shell, with status 404 when the thing isn't there for whoever asks."""

from collections.abc import Awaitable
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from starlette.responses import HTMLResponse

from nonet.accounts import web as accounts
from nonet.accounts.web import ViewerDep
from nonet.cards import page, shape, sounds
from nonet.core import errors, ids, site, trust
from nonet.core.db import SessionDep
from nonet.people import service as people
from nonet.social import playlists, shares
from nonet.videos import service as videos

router = APIRouter(include_in_schema=False)

READ = ["GET", "HEAD"]
Handle = Annotated[str, Path(max_length=200)]


@router.api_route("/v/{video_id}", methods=READ)
async def share_page(
    request: Request, viewer_id: ViewerDep, session: SessionDep, video_id: str, s: str = ""
) -> HTMLResponse:
    """Answer a share link: a page that previews and plays before, and without, any JavaScript."""
    answer = await page.share(session, viewer_id, ids.parse(video_id))
    if s and answer.status_code == HTTPStatus.OK and request.method == "GET":
        await shares.opened(session, s, viewer_id or accounts.client_address(request))
    return answer


@router.get("/v/{video_id}/qr.svg")
async def share_code(viewer_id: ViewerDep, session: SessionDep, video_id: str) -> Response:
    """Draw a share link for a phone's camera."""
    video = await videos.get_visible(session, viewer_id, ids.known(video_id))
    return Response(trust.drawing(shape.share_url(video.id)), media_type="image/svg+xml")


@router.api_route("/@{handle}", methods=READ)
@router.api_route("/@{handle}/followers", methods=READ)
@router.api_route("/@{handle}/following", methods=READ)
async def person_page(viewer_id: ViewerDep, session: SessionDep, handle: Handle) -> HTMLResponse:
    """Answer with the page of a person; a handle they had leads the app to the one they have."""
    return await _page(people.visible(session, viewer_id, handle))


@router.api_route("/sound/{sound_id}", methods=READ)
async def sound_page(viewer_id: ViewerDep, session: SessionDep, sound_id: str) -> HTMLResponse:
    """Answer with the page of a sound."""
    return await _page(sounds.check_visible(session, viewer_id, ids.parse(sound_id) or 0))


@router.api_route("/playlist/{playlist_id}", methods=READ)
async def playlist_page(viewer_id: ViewerDep, session: SessionDep, playlist_id: str) -> HTMLResponse:
    """Answer with the page of a playlist."""
    return await _page(playlists.get_visible(session, viewer_id, ids.parse(playlist_id) or 0))


async def _page(seen: Awaitable[object]) -> HTMLResponse:
    """Answer with the shell, with status 404 when looking for the thing raises NotFound."""
    try:
        await seen
    except errors.NotFound:
        return site.page(status=HTTPStatus.NOT_FOUND)
    return site.page()
