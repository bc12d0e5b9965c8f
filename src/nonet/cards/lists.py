"""Lists of cards by key: each item once, whatever is published and deleted meanwhile; two statements a page.

A list is a select of ``id`` and of when it came into the list (``at``); conditions say what the viewer may see.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, not_, or_, select

from nonet.cards import service
from nonet.core import db, ids, statements
from nonet.core.cursors import CursorInvalid, read_cursor, read_pair_cursor, read_time_cursor, write_cursor
from nonet.people import relations
from nonet.signals import history as watched
from nonet.signals.tables import Subject
from nonet.social import playlists
from nonet.social.tables import Like, PlaylistItem, Repost, Save
from nonet.videos import service as videos
from nonet.videos.tables import Video, VideoTag

PAGE = 24
COUNTED_MOST = 10_000
Shaped = dict[str, Any]


async def of_person(session: db.Session, viewer_id: int | None, owner_id: int, cursor: str | None) -> Shaped:
    """Return a person's videos: those they pinned, then the last published first.

    The cursor names what was pinned on the first page, so that pinning and unpinning repeats and hides nothing.
    """
    shown = and_(Video.owner_id == owner_id, videos.in_lists(viewer_id))
    found = read_cursor(cursor, 3)
    top: list[int] = []
    if found is None:
        pinned = select(Video.id).where(shown, Video.pinned_at.is_not(None)).order_by(Video.pinned_at.desc())
        top = list(await session.scalars(pinned.limit(videos.PINNED_MOST)))
        before = None
    else:
        before = read_time_cursor(write_cursor(*found[:2]))
        top = [_number(each) for each in found[2].split(",") if each][: videos.PINNED_MOST]
    rest = select(Video.id.label("id"), Video.published_at.label("at")).where(shown, Video.id.not_in(top))
    rows = await _rows(session, rest, Video.published_at, Video.id, before)
    shown_ids = ([] if found else top) + [row.id for row in rows[:PAGE]]
    following = write_cursor(rows[PAGE - 1].at, rows[PAGE - 1].id, ",".join(map(str, top))) if rows[PAGE:] else None
    return await _page(session, viewer_id, shown_ids, following, "profile")


async def reposts(session: db.Session, viewer_id: int | None, account_id: int, cursor: str | None) -> Shaped:
    """Return what a person has reposted, last first, as far as the viewer may see it."""
    query = _joined(Repost, Repost.account_id == account_id).where(videos.visible_to(viewer_id))
    if viewer_id != account_id:
        query = query.where(videos.in_lists(viewer_id))  # a list hands the address of what is unlisted to nobody
        query = query.where(not_(relations.blocked(viewer_id, Repost.account_id)))
        followed = relations.follows(viewer_id, Repost.account_id)
        query = query.where(or_(not_(relations.is_private(Repost.account_id)), followed))
    return await _timed(session, viewer_id, query, Repost.created_at, Repost.video_id, cursor, "reposts")


async def likes(session: db.Session, account_id: int, cursor: str | None) -> Shaped:
    """Return what a person likes, last first."""
    query = _joined(Like, Like.account_id == account_id).where(videos.visible_to(account_id))
    return await _timed(session, account_id, query, Like.created_at, Like.video_id, cursor, "likes")


async def saves(session: db.Session, account_id: int, cursor: str | None) -> Shaped:
    """Return what a person has kept, last first."""
    query = _joined(Save, Save.account_id == account_id).where(videos.visible_to(account_id))
    return await _timed(session, account_id, query, Save.created_at, Save.video_id, cursor, "saves")


async def history(session: db.Session, account_id: int, cursor: str | None) -> Shaped:
    """Return what a person watched, last first."""
    rows = await watched.page(session, account_id, read_time_cursor(cursor), PAGE + 1)
    following = write_cursor(rows[PAGE - 1][1], rows[PAGE - 1][0]) if rows[PAGE:] else None
    return await _page(session, account_id, [video_id for video_id, _ in rows[:PAGE]], following, "history")


async def tag(session: db.Session, folded: str) -> Shaped:
    """Return a hashtag with how many public videos have it; a number past COUNTED_MOST isn't counted out."""
    found = (
        select(VideoTag.name, VideoTag.published_at)
        .join(Subject, Subject.video_id == VideoTag.video_id)
        .where(VideoTag.tag == folded, VideoTag.published_at.is_not(None), Subject.listed)
        .order_by(VideoTag.published_at.desc())
        .limit(COUNTED_MOST)
        .subquery()
    )
    latest = select(found.c.name).order_by(found.c.published_at.desc()).limit(1).scalar_subquery()
    row = (await session.execute(select(func.count(), latest).select_from(found))).one()
    return {"tag": folded, "name": row[1] or folded, "video_count": row[0]}


async def of_tag(session: db.Session, viewer_id: int | None, tag: str, cursor: str | None) -> Shaped:
    """Return a hashtag's videos, last published first."""
    query = (
        select(VideoTag.video_id.label("id"), VideoTag.published_at.label("at"))
        .join(Video, Video.id == VideoTag.video_id)
        .where(VideoTag.tag == tag, VideoTag.published_at.is_not(None), videos.in_lists(viewer_id))
    )
    return await _timed(session, viewer_id, query, VideoTag.published_at, VideoTag.video_id, cursor, "tag")


async def of_sound(session: db.Session, viewer_id: int | None, sound_id: int, cursor: str | None) -> Shaped:
    """Return the videos made around a sound, last published first."""
    query = select(Video.id.label("id"), Video.published_at.label("at")).where(
        Video.sound_id == sound_id, videos.in_lists(viewer_id)
    )
    return await _timed(session, viewer_id, query, Video.published_at, Video.id, cursor, "sound")


async def of_playlist(session: db.Session, viewer_id: int | None, playlist_id: int, cursor: str | None) -> Shaped:
    """Return a playlist's videos in its order; raises NotFound for one that the viewer may not open.

    Someone else's unlisted video stands in it for the list's owner alone: a list hands its address to nobody.
    """
    shown = await playlists.get_visible(session, viewer_id, playlist_id)
    listed = or_(videos.in_lists(viewer_id), Video.owner_id == shown.owner_id, literal(shown.owner_id == viewer_id))
    query = (
        select(PlaylistItem.video_id.label("id"), PlaylistItem.place.label("at"))
        .join(Video, Video.id == PlaylistItem.video_id)
        .where(PlaylistItem.playlist_id == playlist_id, videos.visible_to(viewer_id), listed)
        .order_by(PlaylistItem.place, PlaylistItem.video_id)
        .limit(PAGE + 1)
    )
    after = read_pair_cursor(cursor)
    if after is not None:
        place, video_id = after
        same = and_(PlaylistItem.place == place, PlaylistItem.video_id > video_id)
        query = query.where(or_(PlaylistItem.place > place, same))
    rows = (await session.execute(query)).all()
    following = write_cursor(rows[PAGE - 1].at, rows[PAGE - 1].id) if rows[PAGE:] else None
    return await _page(session, viewer_id, [row.id for row in rows[:PAGE]], following, "playlist")


async def these(session: db.Session, viewer_id: int | None, video_ids: Sequence[int]) -> Shaped:
    """Return the cards of these videos, in their order, what the viewer may not see left out."""
    return await _page(session, viewer_id, video_ids, None, "ids")


def _joined(table: Any, whose: ColumnElement[bool]) -> Select[Any, Any]:  # noqa: ANN401 - a table of SQLAlchemy
    columns = table.video_id.label("id"), table.created_at.label("at")
    return select(*columns).join(Video, Video.id == table.video_id).where(whose)


async def _timed(  # noqa: PLR0917 - what the six lists differ by
    session: db.Session,
    viewer_id: int | None,
    query: Select[Any, Any],
    at: Any,  # noqa: ANN401 - a column of SQLAlchemy
    video_id: Any,  # noqa: ANN401 - a column of SQLAlchemy
    cursor: str | None,
    surface: str,
) -> Shaped:
    rows = await _rows(session, query, at, video_id, read_time_cursor(cursor))
    following = write_cursor(rows[PAGE - 1].at, rows[PAGE - 1].id) if rows[PAGE:] else None
    return await _page(session, viewer_id, [row.id for row in rows[:PAGE]], following, surface)


async def _rows(
    session: db.Session,
    query: Select[Any, Any],
    at: Any,  # noqa: ANN401 - a column of SQLAlchemy
    video_id: Any,  # noqa: ANN401 - a column of SQLAlchemy
    before: tuple[datetime, int] | None,
) -> Sequence[Any]:
    if before is not None:
        query = query.where(or_(at < before[0], and_(at == before[0], video_id < before[1])))
    found = await session.execute(query.order_by(at.desc(), video_id.desc()).limit(PAGE + 1))
    return list(found)


async def _page(
    session: db.Session, viewer_id: int | None, video_ids: Sequence[int], following: str | None, surface: str
) -> Shaped:
    shown = await service.cards(await statements.raw(session), viewer_id, video_ids, surface=surface)
    return {"items": shown, "next": following}


def _number(text: str) -> int:
    found = ids.parse(text)
    if found is None:
        raise CursorInvalid
    return found
