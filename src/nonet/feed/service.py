"""A page of For You or of Following, from a request to its answer; in two statements when nothing new was published.

The first finds out who asks and after what (``context``). The page is picked from the catalogue of this process
(``pipeline``). The second checks it, records it and reads its cards (``pages``).
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec

from nonet.accounts import sessions
from nonet.cards import service as cards
from nonet.cards import shape
from nonet.core import clock, db, errors, ids
from nonet.core.statements import Connection, Row
from nonet.feed import context, pages, pipeline, stock, timeline
from nonet.feed.context import Asked, Served, Viewer
from nonet.feed.pages import SIZE, Cursor
from nonet.feed.pipeline import Asking, Term
from nonet.feed.trends import Trends

IDLE = timedelta(minutes=30)
MORE = 8
"""How many times as much is picked after nothing of a pick could be shown."""

MORE_MOST = 2000

_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder(list[list[tuple[str, str, float]]]).decode


class FeedEnded(errors.Refusal):
    """The session that a cursor belongs to has been left for too long, or was someone else's."""

    status = 410
    code = "feed_ended"
    sentence = "This feed was left for a while. Start it again; what you have seen stays out."


@dataclass(frozen=True, slots=True)
class Asker:
    """Where a request comes from: its session's token, a visitor's number (0 without), the language it asks for."""

    token: str | None
    visitor: int
    language: str


@dataclass(slots=True)
class Page:
    """A page to be answered."""

    request_id: int
    items: list[dict[str, Any]] = field(default_factory=list)
    cursors: list[str] = field(default_factory=list)
    ended: bool = True
    may_begin_again: bool = False


async def for_you(asker: Asker, after: Cursor | None, *, again: bool) -> Page:
    """Return the page after a cursor, the same one whenever it is asked for; without one, begin."""
    here = stock.here()
    trends = await here.ready()
    async with (await db.pool()).acquire() as connection:
        asked = await _asked(connection, asker, "for_you", after)
        if after is not None and (asked.parent is None or asked.parent.created_at < clock.now() - IDLE):
            raise FeedEnded
        if asked.existing is not None:
            return await _as_served(connection, asked.viewer, asked.existing)
        if not here.behind(asked.revision):
            return await _made(connection, trends, asked, asker, after, again=again)
    # The connection has been given back: whoever refreshes needs one, and all may be held by pages that wait for it.
    await here.refresh(asked.revision)
    async with (await db.pool()).acquire() as connection:
        return await _made(connection, trends, asked, asker, after, again=again)


async def following(asker: Asker, after: Cursor | None) -> Page:
    """Return what the people someone follows have published, the newest first, from after a cursor on."""
    async with (await db.pool()).acquire() as connection:
        asked = await _asked(connection, asker, "following", after)
        if asked.viewer.account_id is None:
            raise errors.SignInNeeded
        if asked.existing is not None:
            return await _as_served(connection, asked.viewer, asked.existing, keyed=True)
        slate = _slate(asked, "following", after, again=False) | {"before": []}
        rows = await timeline.SERVE.fetch(
            connection,
            **_record(slate),
            viewer=asked.viewer.account_id,
            **timeline.after(after),
            **_muted(asked.viewer),
        )
        if not rows:
            return Page(slate["id"])
        if rows[0]["slate_id"] is None:
            return await _lost_race(connection, asker, "following", after)
    given = [{"code": "follows", "handle": row["author_handle"]} for row in rows]
    return _answer(asked.viewer, slate["id"], rows, given, ended=rows[0]["slate_ended"], keyed=True)


async def _asked(connection: Connection, asker: Asker, surface: str, after: Cursor | None) -> Asked:
    now = clock.now()
    asked = await context.read(
        connection,
        token=asker.token,
        visitor=asker.visitor,
        surface=surface,
        parent=after.slate_id if after else None,
        cut=after.cut if after else 0,
        now=now,
        language=asker.language,
    )
    if asked.last_seen_at and asked.session_id and now - asked.last_seen_at >= sessions.SEEN_EVERY:
        await sessions.used(connection, asked.session_id)
    return asked


async def _made(
    connection: Connection, trends: Trends, asked: Asked, asker: Asker, after: Cursor | None, *, again: bool
) -> Page:
    """Pick, record and return a page; when nothing of a pick may be shown, more is picked."""
    slate = _slate(asked, "for_you", after, again=again)
    without: set[int] = set()
    # What the catalogue can't know, words and all hashtags, is looked for where cards are read.
    count = SIZE * 2 if asked.viewer.muted_words or asked.viewer.muted_tags else SIZE
    while True:
        now_ms = int(clock.now().timestamp() * 1000)
        asking = Asking(slate["seed"], slate["before"], count, slate["again"], now_ms, frozenset(without))
        picked = pipeline.page(trends, asked.viewer, asking)
        if not picked.picks and after is None and not slate["again"]:
            slate["again"] = True  # a feed of which everything was seen begins again by itself
            continue
        rows = await _serve(connection, asked.viewer, slate, picked) if picked.picks else []
        if rows and rows[0]["slate_id"] is None:
            return await _lost_race(connection, asker, "for_you", after)
        if rows:
            reasons = {pick.video_id: pick.terms for pick in picked.picks}
            given = [_reason(reasons[row["id"]][0], row) for row in rows]
            return _answer(asked.viewer, slate["id"], rows, given, ended=rows[0]["slate_ended"])
        if not picked.left:
            return Page(slate["id"], may_begin_again=after is not None)
        without.update(pick.video_id for pick in picked.picks)
        count = min(count * MORE, MORE_MOST)


def _slate(asked: Asked, surface: str, after: Cursor | None, *, again: bool) -> dict[str, Any]:
    """Begin the record of a page."""
    slate_id, parent = ids.new(), asked.parent
    cut = after.cut if after else 0
    return {
        "id": slate_id,
        "session_id": parent.session_id if parent else slate_id,
        "parent": after.slate_id if after else None,
        "cut": cut,
        "viewer": asked.viewer.id,
        "surface": surface,
        "seed": parent.seed if parent else secrets.randbits(31),
        "again": parent.again if parent else again,
        "before": parent.before + parent.video_ids[:cut] if parent else [],
        "created_at": clock.now(),
    }


def _record(slate: dict[str, Any]) -> dict[str, Any]:
    return {f"slate_{name}": value for name, value in slate.items()}


def _muted(viewer: Viewer) -> dict[str, Any]:
    words = [pages.pattern(word) for word in viewer.muted_words]
    return {"words": words, "tags": viewer.muted_tags, "sounds": viewer.muted_sounds}


async def _serve(connection: Connection, viewer: Viewer, slate: dict[str, Any], picked: pipeline.Page) -> list[Row]:
    """Present and record: check what was picked, keep the first SIZE of it as a page, return the rows of its cards."""
    picks = picked.picks
    return await pages.SERVE.fetch(
        connection,
        **_record(slate),
        id_list=[pick.video_id for pick in picks],
        source_list=[pick.source for pick in picks],
        propensity_list=[pick.propensity for pick in picks],
        terms_list=[_encode(pick.terms).decode() for pick in picks],
        offered=len(picks),
        left=picked.left,
        viewer=viewer.account_id,
        most=SIZE,
        **_muted(viewer),
    )


async def _lost_race(connection: Connection, asker: Asker, surface: str, after: Cursor | None) -> Page:
    """Return the page that another request with the same cursor recorded first."""
    asked = await _asked(connection, asker, surface, after)
    if asked.existing is None:
        raise FeedEnded
    return await _as_served(connection, asked.viewer, asked.existing, keyed=surface == "following")


async def _as_served(connection: Connection, viewer: Viewer, served: Served, *, keyed: bool = False) -> Page:
    """Return a page as it was served, every item at its place; what may no longer be seen is left out."""
    count = len(served.video_ids)
    rows = await pages.AGAIN.fetch(
        connection,
        id_list=served.video_ids,
        source_list=[""] * count,
        propensity_list=[0.0] * count,
        terms_list=[""] * count,
        viewer=viewer.account_id,
        most=count,
        **_muted(viewer),
    )
    places = [row["place"] - 1 for row in rows]
    terms = _decode(served.terms)
    reasons = [_reason(Term(*terms[place][0]), row) for place, row in zip(places, rows, strict=True)]
    return _answer(viewer, served.id, rows, reasons, ended=served.ended, places=places, keyed=keyed)


def _reason(term: Term, row: Row) -> dict[str, Any]:
    """Say why in the words that a card has room for."""
    if term.code in {"follows", "finished_creator"}:
        return {"code": term.code, "handle": row["author_handle"]}
    named = {"finished_tag": "tag", "language": "language"}.get(term.code)
    return {"code": term.code, named: term.name} if named else {"code": term.code}


def _answer(
    viewer: Viewer,
    slate_id: int,
    rows: list[Row],
    reasons: list[dict[str, Any]],
    *,
    ended: bool,
    places: Sequence[int] | None = None,
    keyed: bool = False,
) -> Page:
    """Shape a page: its cards with their tickets and reasons, and the cursor after each."""
    cards.SERVED.labels("feed").inc(len(rows))
    places = range(len(rows)) if places is None else places
    items = [
        shape.card(row, cards.ticket(slate_id, place, row["id"], viewer.account_id), reason)
        for row, place, reason in zip(rows, places, reasons, strict=True)
    ]
    marks = [timeline.mark(row) for row in rows] if keyed else None
    after_each = pages.write(slate_id, [place + 1 for place in places], marks)
    return Page(slate_id, items, after_each, ended, may_begin_again=ended)
