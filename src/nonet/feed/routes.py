"""POST /api/v1/feed, a plain route, because every swipe leads to it."""

from typing import Annotated, Any, Literal

import msgspec
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from nonet.accounts import web as accounts
from nonet.core import clock, cursors, errors, plain
from nonet.feed import pages, service
from nonet.signals import intake, moments, reading, visitors
from nonet.signals.schemas import EVENTS_MOST, Event

Events = Annotated[list[Event], msgspec.Meta(max_length=EVENTS_MOST)]
Card = Annotated[dict[str, Any], msgspec.Meta(extra_json_schema={"$ref": "#/components/schemas/Card"})]


class FeedAsked(msgspec.Struct):
    """Which feed, and after what; ``again`` begins anew with what was seen. ``events`` are kept before it is ranked."""

    kind: Literal["for_you", "following"]
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    again: bool = False
    events: Events = []


class _Loose(msgspec.Struct):
    """The same, its events not looked at."""

    kind: Literal["for_you", "following"]
    cursor: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    again: bool = False
    events: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=EVENTS_MOST)] = []


class FeedPage(msgspec.Struct):
    """Cards, and for each the cursor of what comes after it; ``next`` comes after the last.

    ``ended`` says that nothing unseen is left, ``may_begin_again`` that asking with ``again`` shows what was seen.
    """

    request_id: plain.Id
    items: list[Card]
    cursors: list[str]
    next: str | None
    ended: bool
    may_begin_again: bool
    empty: bool


_read = msgspec.json.Decoder(_Loose).decode


def add(app: FastAPI) -> None:
    """Answer at ``/api/v1/feed``."""
    plain.route(
        app,
        "/api/v1/feed",
        read_feed,
        request=FeedAsked,
        response=FeedPage,
        operation_id="read_feed",
        refusals=(errors.SignInNeeded, service.FeedEnded, cursors.CursorInvalid, intake.EventsFull),
        tags=("feed",),
        decode=_read,
    )


async def read_feed(request: Request, asked: _Loose) -> Response:
    """Answer with six videos that come next: For You, or of the people one follows.

    The same cursor gives the same page. No video comes twice in a feed; when all have been seen it says so.
    """
    after = pages.read(asked.cursor)
    begun = None
    if asked.events:
        told = reading.tell(reading.one_by_one(asked.events), moments.of(clock.now()))
        _, begun = await visitors.keep(request, told, hurry=True)
    asker = service.Asker(
        token=accounts.token(request),
        visitor=begun or (0 if visitors.unwanted(request) else visitors.known(request) or 0),
        language=language(request.headers.get("accept-language", "")),
    )
    if asked.kind == "following":
        page = await service.following(asker, after)
    else:
        page = await service.for_you(asker, after, again=asked.again)
    answer = plain.reply(
        FeedPage(
            str(page.request_id),
            page.items,
            page.cursors,
            None if page.ended or not page.cursors else page.cursors[-1],
            page.ended,
            page.may_begin_again,
            not page.items and not page.may_begin_again,
        )
    )
    if begun:
        visitors.remember(answer, begun)
    visitors.clear(request, answer)
    return answer


def language(header: str) -> str:
    """Return the language a browser asks for first, without its region."""
    return header[:35].partition(",")[0].partition(";")[0].partition("-")[0].strip().lower()
