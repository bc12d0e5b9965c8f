"""Lists of videos that a person keeps in an order, for everyone or for themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    and_,
    bindparam,
    delete,
    func,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from nonet.core import clock, db, errors, ids
from nonet.moderation import labels
from nonet.people import relations
from nonet.people import service as people
from nonet.social import wording
from nonet.social.tables import Playlist, PlaylistItem
from nonet.videos import service as videos
from nonet.videos.tables import Video

PAGE = 24
LISTS_MOST, VIDEOS_MOST = 200, 500


class TooManyPlaylists(errors.Refusal):
    """A person has enough lists."""

    status = 409
    code = "too_many_playlists"
    sentence = "You have {most} playlists, and that is the most. Delete one, then make this one again."


class PlaylistFull(errors.Refusal):
    """A list has enough videos."""

    status = 409
    code = "playlist_full"
    sentence = "A playlist takes {most} videos, and this one has them. Take one out first."


@dataclass(frozen=True, slots=True)
class Shown:
    """A list as one viewer sees it."""

    id: int
    title: str
    visibility: str
    owner: people.Author
    video_count: int
    created_at: datetime
    updated_at: datetime
    mine: bool


def visible_to(viewer_id: int | None) -> ColumnElement[bool]:
    """Return whether a viewer may open a list. One that moderators hid stays open to its owner."""
    followed = relations.follows(viewer_id, Playlist.owner_id)
    shared = and_(
        Playlist.visibility == "public",
        relations.is_active(Playlist.owner_id),
        or_(not_(relations.is_private(Playlist.owner_id)), followed),
        not_(relations.blocked(viewer_id, Playlist.owner_id)),
        not_(labels.hidden("playlist", Playlist.id)),
        not_(labels.reported("playlist", Playlist.id, viewer_id)),
    )
    return shared if viewer_id is None else or_(Playlist.owner_id == viewer_id, shared)


async def get_visible(session: db.Session, viewer_id: int | None, playlist_id: int) -> Playlist:
    """Return a list that a viewer may open; raises NotFound."""
    found = await session.scalar(select(Playlist).where(Playlist.id == playlist_id, visible_to(viewer_id)))
    if found is None:
        raise errors.NotFound
    return found


async def of(
    session: db.Session, viewer_id: int | None, owner_id: int, before_id: int | None
) -> tuple[list[Shown], int | None]:
    """Return a person's lists that a viewer may open, the newest first, and the id after which more follow."""
    query = select(Playlist).where(Playlist.owner_id == owner_id, visible_to(viewer_id))
    if before_id is not None:
        query = query.where(Playlist.id < before_id)
    found = list(await session.scalars(query.order_by(Playlist.id.desc()).limit(PAGE + 1)))
    more = found[PAGE - 1].id if len(found) > PAGE else None
    return await shape(session, viewer_id, found[:PAGE]), more


async def shape(session: db.Session, viewer_id: int | None, lists: Sequence[Playlist]) -> list[Shown]:
    """Shape lists with their owners and how many videos of each the viewer sees."""
    owners = await people.authors(session, {each.owner_id for each in lists})
    query = (
        select(PlaylistItem.playlist_id, func.count())
        .join(Video, Video.id == PlaylistItem.video_id)
        .where(PlaylistItem.playlist_id.in_([each.id for each in lists]), videos.visible_to(viewer_id))
        .group_by(PlaylistItem.playlist_id)
    )
    counts: dict[int, int] = {row[0]: row[1] for row in await session.execute(query)} if lists else {}
    return [
        Shown(
            id=each.id,
            title=each.title,
            visibility=each.visibility,
            owner=owners[each.owner_id],
            video_count=counts.get(each.id, 0),
            created_at=each.created_at,
            updated_at=each.updated_at,
            mine=each.owner_id == viewer_id,
        )
        for each in lists
        if each.owner_id in owners
    ]


async def make(session: db.Session, owner_id: int, title: str, visibility: str) -> Shown:
    """Make an empty list; raises WordsInvalid or TooManyPlaylists."""
    named = wording.line("A title", title, wording.TITLE_MOST)
    await session.execute(select(func.pg_advisory_xact_lock(owner_id)))
    held = await session.scalar(select(func.count()).select_from(Playlist).where(Playlist.owner_id == owner_id))
    if (held or 0) >= LISTS_MOST:
        raise TooManyPlaylists(most=LISTS_MOST)
    made = Playlist(id=ids.new(), owner_id=owner_id, title=named, visibility=visibility)
    session.add(made)
    await session.flush()
    return (await shape(session, owner_id, [made]))[0]


async def _own(session: db.Session, owner_id: int, playlist_id: int) -> Playlist:
    query = select(Playlist).where(Playlist.id == playlist_id, Playlist.owner_id == owner_id).with_for_update()
    found = await session.scalar(query)
    if found is None:
        raise errors.NotFound
    return found


async def change(session: db.Session, owner_id: int, playlist_id: int, changes: dict[str, Any]) -> Shown:
    """Change a list's ``title`` or ``visibility``; raises NotFound or WordsInvalid."""
    found = await _own(session, owner_id, playlist_id)
    if changes.get("title") is not None:
        found.title = wording.line("A title", changes["title"], wording.TITLE_MOST)
    if changes.get("visibility") is not None:
        found.visibility = changes["visibility"]
    found.updated_at = clock.now()
    await session.flush()
    return (await shape(session, owner_id, [found]))[0]


async def remove(session: db.Session, owner_id: int, playlist_id: int) -> None:
    """Remove a list; its videos stay. Raises NotFound."""
    await session.delete(await _own(session, owner_id, playlist_id))
    await session.flush()


async def add(session: db.Session, owner_id: int, playlist_id: int, video_id: int) -> Shown:
    """Put a video at the end of a list, unless it stands there; raises NotFound or PlaylistFull."""
    found = await _own(session, owner_id, playlist_id)
    video = await videos.get_visible(session, owner_id, video_id)
    rows = select(func.count(), func.coalesce(func.max(PlaylistItem.place), 0)).where(
        PlaylistItem.playlist_id == playlist_id
    )
    count, last = (await session.execute(rows)).one()
    known = await session.get(PlaylistItem, (playlist_id, video.id))
    if known is None and count >= VIDEOS_MOST:
        raise PlaylistFull(most=VIDEOS_MOST)
    row = insert(PlaylistItem).values(playlist_id=playlist_id, video_id=video.id, place=last + 1)
    await session.execute(row.on_conflict_do_nothing())
    return await _changed(session, found)


async def take_out(session: db.Session, owner_id: int, playlist_id: int, video_id: int) -> Shown:
    """Take a video out of a list, if it stands there; raises NotFound."""
    found = await _own(session, owner_id, playlist_id)
    await session.execute(
        delete(PlaylistItem).where(PlaylistItem.playlist_id == playlist_id, PlaylistItem.video_id == video_id)
    )
    return await _changed(session, found)


async def order(session: db.Session, owner_id: int, playlist_id: int, video_ids: Sequence[int]) -> Shown:
    """Put the videos of a list in this order; those not named follow as they stood. Raises NotFound."""
    found = await _own(session, owner_id, playlist_id)
    query = select(PlaylistItem.video_id).where(PlaylistItem.playlist_id == playlist_id)
    stood = list(await session.scalars(query.order_by(PlaylistItem.place, PlaylistItem.video_id)))
    named = [each for each in dict.fromkeys(video_ids) if each in set(stood)]
    placed = named + [each for each in stood if each not in set(named)]
    wanted = func.unnest(bindparam("placed", placed, type_=ARRAY(BigInteger)))
    numbers = wanted.table_valued(Column("video_id", BigInteger), with_ordinality="place").render_derived()
    await session.execute(
        update(PlaylistItem)
        .where(PlaylistItem.playlist_id == playlist_id, PlaylistItem.video_id == numbers.c.video_id)
        .values(place=numbers.c.place)
    )
    return await _changed(session, found)


async def _changed(session: db.Session, found: Playlist) -> Shown:
    found.updated_at = clock.now()
    await session.flush()
    return (await shape(session, found.owner_id, [found]))[0]
