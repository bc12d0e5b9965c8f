"""Finding people, videos and hashtags by words, in any language: by beginning, by every word, by likeness.

Pages go on by key: how well something matches (which doesn't change while one pages), then when it came, then its id.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, cast, func, literal_column, not_, or_, select, text, union
from sqlalchemy.exc import DBAPIError

from nonet.accounts.tables import Account
from nonet.cards import service as cards
from nonet.core import cursors, db, errors, statements
from nonet.people import avatar, relations
from nonet.people import service as people
from nonet.people.tables import Profile
from nonet.search import shape, words
from nonet.signals.tables import Subject
from nonet.videos import service as videos
from nonet.videos.tables import Video, VideoTag

PAGE, TAGS_MOST = 24, 20
LIKE_FROM = 4  # letters of a text that likeness is looked for
TIMEOUT_MS = 3000
_CANCELED = "57014"  # SQLSTATE of a statement that ran out of time


class TooBroad(errors.Refusal):
    """The words match more than can be looked through."""

    code = "too_broad"
    sentence = "Too much matches these words. Add another one."


@asynccontextmanager
async def _bounded(session: db.Session) -> AsyncIterator[None]:
    """End a search that takes too long, by TooBroad."""
    await session.execute(text(f"SET LOCAL statement_timeout = {TIMEOUT_MS}"))
    try:
        yield
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != _CANCELED:
            raise
        raise TooBroad from error


async def find_people(session: db.Session, viewer_id: int | None, typed: str, cursor: str | None) -> dict[str, Any]:
    """Return people by handle and name: the exact handle, then beginnings, then what is like it."""
    wanted = words.handle(typed)
    if not wanted:
        return {"items": [], "next": None}
    begins, has = words.pattern(wanted, anywhere=False), words.pattern(wanted, anywhere=True)
    likeness = func.greatest(func.similarity(Account.handle, wanted), func.word_similarity(wanted, Profile.search_name))
    alike = cast(likeness * 1000, Integer)
    rank = case(
        (Account.handle == wanted, 0),
        (Account.handle.like(begins), 1),
        (Profile.search_name.like(begins), 2),
        else_=3000 - alike,
    )
    by_handle, by_name = [Account.handle.like(begins)], [Profile.search_name.like(begins)]
    if len(wanted) >= LIKE_FROM:
        by_handle += [Account.handle.like(has), Account.handle.bool_op("%")(wanted)]
        by_name += [Profile.search_name.like(has), Profile.search_name.bool_op("%>")(wanted)]
    # Two selects, because no index serves a condition over two tables.
    found = union(select(Account.id).where(or_(*by_handle)), select(Profile.account_id).where(or_(*by_name)))
    query = (
        select(Account.id, Account.handle, Profile.name, Profile.avatar, rank.label("rank"))
        .outerjoin(Profile, Profile.account_id == Account.id)
        .where(Account.id.in_(found), Account.state == "active", not_(relations.blocked(viewer_id, Account.id)))
    )
    after = _after(cursor)
    if after is not None:
        query = query.where(or_(rank > after[0], and_(rank == after[0], Account.id > after[1])))
    async with _bounded(session):
        rows = (await session.execute(query.order_by(rank, Account.id).limit(PAGE + 1))).all()
    shown = rows[:PAGE]
    authors = [people.Author(row.id, row.handle, row.name or row.handle, avatar.url(row.avatar)) for row in shown]
    known = await relations.between(session, viewer_id, [each.id for each in authors])
    items = [shape.person(each, known.get(each.id)) for each in authors]
    return {"items": items, "next": cursors.write_cursor(shown[-1].rank, shown[-1].id) if rows[PAGE:] else None}


def _after(cursor: str | None) -> tuple[int, int] | None:
    found = cursors.read_pair_cursor(cursor)
    if found is not None and found[0] > 1 << 30:
        raise cursors.CursorInvalid
    return found


async def find_videos(session: db.Session, viewer_id: int | None, typed: str, cursor: str | None) -> dict[str, Any]:
    """Return the cards of videos whose caption has the words, together or apart, or a word like them."""
    wanted = words.folded(typed)
    if not wanted:
        return {"items": [], "next": None}
    rows: list[tuple[int, int]] = []
    after = _after(cursor) or (0, None)
    async with _bounded(session):
        for rank, tier in list(enumerate(_tiers(wanted)))[after[0] :]:
            query = select(Video.id).where(tier, videos.in_lists(viewer_id))
            if rank == after[0] and after[1] is not None:
                query = query.where(Video.id < after[1])
            found = await session.scalars(query.order_by(Video.id.desc()).limit(PAGE + 1 - len(rows)))
            rows += [(rank, video_id) for video_id in found]
            if len(rows) > PAGE:
                break
    shown = await cards.cards(
        await statements.raw(session), viewer_id, [video_id for _, video_id in rows[:PAGE]], surface="search"
    )
    return {"items": shown, "next": cursors.write_cursor(*rows[PAGE - 1]) if rows[PAGE:] else None}


def _tiers(wanted: str) -> list[ColumnElement[bool]]:
    """Return the ways in which a caption can match, the best first, each without those before it.

    One select each: of common words the newest are found without looking at all of them, of rare ones by an index.
    """
    tiers = [Video.search_text.like(words.pattern(wanted, anywhere=True))]
    query_text = words.tsquery(wanted)
    if query_text:
        tiers.append(_vector().bool_op("@@")(func.to_tsquery(literal_column("'simple'"), query_text)))
    if len(wanted) >= LIKE_FROM:
        tiers.append(Video.search_text.bool_op("%>")(wanted))
    return [and_(tier, *(not_(before) for before in tiers[:place])) for place, tier in enumerate(tiers)]


def _vector() -> ColumnElement[Any]:
    return func.to_tsvector(literal_column("'simple'"), Video.search_text)


async def find_tags(session: db.Session, typed: str) -> list[dict[str, Any]]:
    """Return hashtags of public videos: the exact one, those that begin so, then those that have it, by use."""
    wanted = words.folded(typed).lstrip("#").replace(" ", "")
    if not wanted:
        return []
    begins = VideoTag.tag.like(words.pattern(wanted, anywhere=False))
    has = VideoTag.tag.like(words.pattern(wanted, anywhere=True))
    rank = case((VideoTag.tag == wanted, 0), (begins, 1), else_=2)
    count = func.count().label("video_count")
    query = (
        select(VideoTag.tag, func.max(VideoTag.name).label("name"), count)
        .join(Subject, Subject.video_id == VideoTag.video_id)
        .where(has if len(wanted) >= LIKE_FROM else begins, Subject.listed)
        .group_by(VideoTag.tag)
        .order_by(rank, count.desc(), VideoTag.tag)
        .limit(TAGS_MOST)
    )
    async with _bounded(session):
        return [dict(row._mapping) for row in await session.execute(query)]  # noqa: SLF001 - SQLAlchemy's name
