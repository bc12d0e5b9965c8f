"""The API process: puts the slices' routes, the web app and the middlewares together. One of the composition roots."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

import nonet
from nonet import handlers
from nonet.accounts import door
from nonet.accounts import web as accounts
from nonet.core import db, errors, http, jobs, log, realtime, server, settings, site
from nonet.feed import stock
from nonet.signals import deltas, intake
from nonet.signals import service as signals

logger: Any = structlog.get_logger("api")

ROUTES = (
    "nonet.social.routes",  # first, since routes are compared in order and these are asked for most
    "nonet.accounts.routes",
    "nonet.accounts.manifest_routes",
    "nonet.moderation.routes",
    "nonet.people.routes",
    "nonet.inbox.routes",
    "nonet.media.routes",
    "nonet.cards.caption_routes",
    "nonet.cards.list_routes",
    "nonet.cards.sound_routes",
    "nonet.search.routes",
    "nonet.cards.routes",
    "nonet.cards.report_routes",
    "nonet.cards.page_routes",
    "nonet.feed.choice_routes",
    "nonet.demo.routes",
    "nonet.vitals.routes",
    "nonet.core.trust",
)

HOT = ("nonet.signals.routes", "nonet.feed.routes")
"""Plain routes: each module has ``add(app)``."""

LARGER_BODIES = {
    "/api/v1/uploads": 1 << 40,  # tus: the upload's own size is the limit
    "/api/v1/me/avatar": 10 * 1024 * 1024,
    "/api/v1/videos/[0-9]+/cover/picture": 10 * 1024 * 1024,
    "/api/v1/videos": 2 * 1024 * 1024,  # caption files
}


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    app.state.draining = False
    channels = {realtime.EVENTS: realtime.hub.receive, signals.SUBJECTS: stock.notice}
    listening = asyncio.create_task(realtime.listen(channels, _missed_news))
    folding = asyncio.create_task(deltas.run())
    try:
        yield
    finally:
        app.state.draining = True
        for task in (listening, folding):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await intake.stop()
        await stock.stop()
        await realtime.flush()
        await db.close()


def _missed_news() -> None:
    realtime.hub.again()
    stock.missed()


def create_app() -> FastAPI:
    """Build the application; it needs a migrated database to become ready."""
    app = FastAPI(
        title="Nonet",
        version=nonet.__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_life,
    )
    handlers.load()
    for name in ROUTES:
        app.include_router(_declared(importlib.import_module(name).router))
    for name in HOT:
        importlib.import_module(name).add(app)
    _health(app)
    _errors(app)
    app.add_route("/{path:path}", site.serve, methods=["GET", "HEAD"], include_in_schema=False)
    app.add_middleware(http.Headed)
    app.add_middleware(http.Bounded, larger=LARGER_BODIES)
    app.add_middleware(http.Guarded)
    app.add_middleware(http.Observed)
    return app


def _declared(router: APIRouter) -> APIRouter:
    """Declare what a route refuses without saying so: who is suspended, and what has the wrong form."""
    for route in router.routes:
        inner: APIRouter | None = getattr(route, "original_router", None)  # what FastAPI keeps of a router in a router
        if inner is not None:
            _declared(inner)
        elif isinstance(route, APIRoute):
            suspends = accounts.may_suspend(route.dependant)
            takes = route.body_field is not None or bool(get_flat_params(route.dependant))
            kinds = [door.Suspended] * suspends + [errors.Invalid] * takes
            route.responses = errors.also(route.responses, *kinds)
    return router


def _health(app: FastAPI) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "alive", "version": nonet.__version__}

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> JSONResponse:
        if app.state.draining:
            return JSONResponse({"status": "draining"}, 503)
        try:
            async with asyncio.timeout(3), db.engine().connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (DBAPIError, OSError, TimeoutError):
            return JSONResponse({"status": "database_away"}, 503)
        return JSONResponse({"status": "ready"})

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _answer(request: Request, status: int, code: str, sentence: str, **details: Any) -> JSONResponse:  # noqa: ANN401
    return JSONResponse(errors.body(code, sentence, details, request.scope.get("request_id", "")), status)


def _away(request: Request) -> Response:
    """Say that the database is away: to a program by code, to a person by the app, which asks again by itself."""
    if not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", ""):
        return site.page(status=503)
    return _answer(request, 503, "database_away", "The database is away. Nothing is lost; it is being restarted.")


def _errors(app: FastAPI) -> None:
    """Render refusals, invalid input and crashes in one shape."""

    @app.exception_handler(errors.Refusal)
    async def refused(request: Request, refusal: Exception) -> JSONResponse:
        known = cast("errors.Refusal", refusal)
        answer = _answer(request, known.status, known.code, known.text, **known.details)
        answer.headers.update(known.headers)
        return answer

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: Exception) -> JSONResponse:
        found = cast("RequestValidationError", error).errors()
        fields = {".".join(str(p) for p in e["loc"][1:]) or str(e["loc"][0]): e["msg"] for e in found}
        return _answer(request, 422, errors.Invalid.code, errors.Invalid.sentence, fields=fields)

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: Exception) -> JSONResponse:
        status = cast("HTTPException", error).status_code
        code, sentence = {
            404: (errors.NotFound.code, errors.NotFound.sentence),
            405: ("method_not_allowed", "This address doesn't take that method."),
        }.get(status, ("refused", "The request could not be read."))
        return _answer(request, status, code, sentence)

    async def away(request: Request, error: Exception) -> Response:
        disconnected = isinstance(error, db.AWAY) or getattr(error, "connection_invalidated", False)
        logger.error("request.failed", error=jobs.reason(error), exc_info=None if disconnected else error)
        if disconnected:
            answer = _away(request)
            answer.headers["Retry-After"] = "2"
            return answer
        return _answer(request, 500, "server_fault", "The server made a mistake. Nothing of this request was kept.")

    for kind in (DBAPIError, *db.AWAY):
        app.add_exception_handler(kind, away)

    @app.exception_handler(Exception)
    async def crashed(request: Request, error: Exception) -> JSONResponse:
        logger.error("request.failed", error=jobs.reason(error), exc_info=error)
        return _answer(request, 500, "server_fault", "The server made a mistake. Nothing of this request was kept.")


async def main() -> None:
    """Run the API until told to end; readiness goes first, streams end, requests in flight finish."""
    log.start("api")
    app = create_app()

    def drain() -> None:
        app.state.draining = True
        realtime.hub.end()

    warming = asyncio.create_task(stock.warm())
    await server.serve(app, settings.load().port, drain)
    warming.cancel()
