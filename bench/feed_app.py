"""The product's API with two routes more, for ``bench.feed``: the floor, and how many statements requests made.

``python -m bench.feed_app`` listens on NONET_PORT; its database is NONET_DATABASE_URL.
"""

import asyncio
from contextvars import ContextVar
from typing import Any

import asyncpg
import msgspec
import uvloop
from bench.crowd import FLOOR
from sqlalchemy import DateTime, LargeBinary, bindparam, select
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from nonet import web
from nonet.accounts import links
from nonet.accounts import web as accounts
from nonet.accounts.tables import Account, LoginSession
from nonet.cards import service as cards
from nonet.core import clock, db, http, log, plain, server, settings
from nonet.core.statements import Statement
from nonet.schema import tables

SESSION = Statement(
    select(Account.id, LoginSession.last_seen_at)
    .join(LoginSession, LoginSession.account_id == Account.id)
    .where(
        LoginSession.token_hash == bindparam("token", type_=LargeBinary),
        LoginSession.expires_at > bindparam("now", type_=DateTime(timezone=True)),
        Account.state == "active",
    )
)
counted: ContextVar[list[int] | None] = ContextVar("counted", default=None)
seen: dict[str, list[int]] = {}


class Floor(msgspec.Struct):
    """A page whose choice has been made: which cards, and all of the answer that isn't a card's."""

    ids: list[str]
    reasons: list[dict[str, Any]]
    rest: dict[str, Any]


class Answered(msgspec.Struct):
    """The same answer as a feed page's."""

    request_id: str
    items: list[Any]
    cursors: list[str]
    next: str | None
    ended: bool
    may_begin_again: bool
    empty: bool


async def floor(request: Request, asked: Floor) -> Response:
    """Check the session, read the cards by one indexed select, answer with the same bytes as the feed page."""
    async with (await db.pool()).acquire() as connection:
        token = links.token_hash(accounts.token(request) or "")
        ((account_id, _),) = await SESSION.fetch(connection, token=token, now=clock.now())
        found = await cards.cards(
            connection,  # type: ignore[arg-type]
            account_id,
            [int(each) for each in asked.ids],
            surface="feed",
            request_id=int(asked.rest["request_id"]),
        )
    for card, reason in zip(found, asked.reasons, strict=True):
        card["reason"] = reason
    return plain.reply(Answered(items=found, **asked.rest))


def _count_statements() -> None:
    """Count what each request asks of the database."""
    fetch = asyncpg.Connection.fetch

    async def counting(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - asyncpg's own
        count = counted.get()
        if count is not None:
            count[0] += 1
        return await fetch(self, *args, **options)

    asyncpg.Connection.fetch = counting  # type: ignore[method-assign, assignment]


class Counting:
    """Notes for each path how many statements its requests made."""

    def __init__(self, app: Any) -> None:  # noqa: ANN401 - an ASGI application
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        """Pass a request on."""
        counted.set(count := [0])
        await self.app(scope, receive, send)
        if scope["type"] == "http":
            seen.setdefault(scope["path"], []).append(count[0])


async def main() -> None:
    """Serve until told to end."""
    log.start("api")
    tables.load()
    _count_statements()
    app = web.create_app()
    http.UNLOGGED.add(FLOOR)
    plain.route(app, FLOOR, floor, request=Floor, response=Answered, operation_id="floor")

    async def statements(_: Request) -> Response:
        told = {path: [max(each), sum(each) / len(each), len(each)] for path, each in seen.items()}
        seen.clear()
        return JSONResponse(told)

    app.router.add_route("/bench/statements", statements)
    app.router.routes.insert(0, app.router.routes.pop())
    await server.serve(Counting(app), settings.load().port, lambda: None)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
