"""Routes of playlists; the cards of one are listed by ``cards``."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy import literal, select

from nonet.accounts.web import PersonDep, ViewerDep
from nonet.core import cursors, errors, ids
from nonet.core.db import SessionDep
from nonet.people import relations
from nonet.people import service as people
from nonet.social import playlists, schemas, wording

router = APIRouter(prefix="/api/v1", tags=["playlists"])

IdPath = Annotated[str, Path(max_length=40)]
OWN = (errors.SignInNeeded, errors.NotFound)


def _shape(shown: playlists.Shown) -> schemas.Playlist:
    return schemas.Playlist.model_validate(asdict(shown))


async def _page(session: SessionDep, viewer_id: int | None, owner_id: int, cursor: str | None) -> schemas.PlaylistPage:
    found, more = await playlists.of(session, viewer_id, owner_id, cursors.read_id_cursor(cursor))
    return schemas.PlaylistPage(
        items=[_shape(each) for each in found], next=cursors.write_cursor(more) if more else None
    )


@router.get(
    "/me/playlists",
    operation_id="list_my_playlists",
    responses=errors.refusals(errors.SignInNeeded, cursors.CursorInvalid),
)
async def list_my_playlists(
    session: SessionDep, person: PersonDep, cursor: cursors.Cursor = None
) -> schemas.PlaylistPage:
    """List my playlists, the newest first."""
    return await _page(session, person.id, person.id, cursor)


@router.get(
    "/people/{handle}/playlists",
    operation_id="list_person_playlists",
    responses=errors.refusals(errors.NotFound, cursors.CursorInvalid),
)
async def list_person_playlists(
    session: SessionDep,
    viewer_id: ViewerDep,
    handle: Annotated[str, Path(max_length=200)],
    cursor: cursors.Cursor = None,
) -> schemas.PlaylistPage:
    """List the playlists of a person that I may open, the newest first."""
    found = await people.find(session, handle)
    if found is None or await session.scalar(select(relations.blocked(viewer_id, literal(found.account_id)))):
        raise errors.NotFound
    return await _page(session, viewer_id, found.account_id, cursor)


@router.post(
    "/me/playlists",
    status_code=201,
    operation_id="make_playlist",
    responses=errors.refusals(errors.SignInNeeded, wording.WordsInvalid, playlists.TooManyPlaylists),
)
async def make_playlist(session: SessionDep, person: PersonDep, form: schemas.PlaylistForm) -> schemas.Playlist:
    """Make an empty playlist."""
    return _shape(await playlists.make(session, person.id, form.title, form.visibility))


@router.get("/playlists/{playlist_id}", operation_id="read_playlist", responses=errors.refusals(errors.NotFound))
async def read_playlist(session: SessionDep, viewer_id: ViewerDep, playlist_id: IdPath) -> schemas.Playlist:
    """Return a playlist that I may open."""
    found = await playlists.get_visible(session, viewer_id, ids.known(playlist_id))
    return _shape((await playlists.shape(session, viewer_id, [found]))[0])


@router.patch(
    "/playlists/{playlist_id}",
    operation_id="change_playlist",
    responses=errors.refusals(*OWN, wording.WordsInvalid),
)
async def change_playlist(
    session: SessionDep, person: PersonDep, playlist_id: IdPath, form: schemas.PlaylistChange
) -> schemas.Playlist:
    """Change the title of a playlist of mine, or who sees it."""
    changes = form.model_dump(exclude_unset=True)
    return _shape(await playlists.change(session, person.id, ids.known(playlist_id), changes))


@router.delete(
    "/playlists/{playlist_id}", status_code=204, operation_id="delete_playlist", responses=errors.refusals(*OWN)
)
async def delete_playlist(session: SessionDep, person: PersonDep, playlist_id: IdPath) -> None:
    """Delete a playlist of mine; its videos stay."""
    await playlists.remove(session, person.id, ids.known(playlist_id))


@router.put(
    "/playlists/{playlist_id}/videos/{video_id}",
    operation_id="add_to_playlist",
    responses=errors.refusals(*OWN, playlists.PlaylistFull),
)
async def add_to_playlist(
    session: SessionDep, person: PersonDep, playlist_id: IdPath, video_id: IdPath
) -> schemas.Playlist:
    """Put a video at the end of a playlist of mine."""
    return _shape(await playlists.add(session, person.id, ids.known(playlist_id), ids.known(video_id)))


@router.delete(
    "/playlists/{playlist_id}/videos/{video_id}",
    operation_id="take_from_playlist",
    responses=errors.refusals(*OWN),
)
async def take_from_playlist(
    session: SessionDep, person: PersonDep, playlist_id: IdPath, video_id: IdPath
) -> schemas.Playlist:
    """Take a video out of a playlist of mine."""
    return _shape(await playlists.take_out(session, person.id, ids.known(playlist_id), ids.known(video_id)))


@router.put("/playlists/{playlist_id}/order", operation_id="order_playlist", responses=errors.refusals(*OWN))
async def order_playlist(
    session: SessionDep, person: PersonDep, playlist_id: IdPath, form: schemas.PlaylistOrder
) -> schemas.Playlist:
    """Put the videos of a playlist of mine in an order."""
    return _shape(await playlists.order(session, person.id, ids.known(playlist_id), form.video_ids))
