"""The media role's application: judges an address, then lets the bytes out, by itself or by way of nginx or S3."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, ClassVar

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

import nonet
from nonet.core import clock, errors, http, keys, log, realtime, server, settings, storage
from nonet.media.delivery import access, addresses, ranges
from nonet.media.delivery.sending import Sender

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

FOR_EVER = "public, max-age=31536000, immutable"
PRESIGNED_S = 3600
PROTECTED = "/protected/"
"""The internal location of docs/operations/nginx.conf; objects by their keys stand below it."""

OWN_ANSWER = (".m3u8", ".vtt")
"""What is never redirected to S3: a playlist's relative addresses must stay with us."""

SIZES_REMEMBERED = 20_000

COMMON = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "cross-origin",
    "timing-allow-origin": "*",
    "x-content-type-options": "nosniff",
}
PREFLIGHT = {
    "access-control-allow-methods": "GET, HEAD, OPTIONS",
    "access-control-allow-headers": "Range, If-Range, If-None-Match",
    "access-control-max-age": "86400",
    "content-length": "0",
}


class AddressExpired(errors.Refusal):
    """A signed address was used after its time."""

    status = 403
    code = "address_expired"
    sentence = "This address has expired. Open the video again to get a new one."


class MethodNotAllowed(errors.Refusal):
    """Media can be read, nothing else."""

    status = 405
    code = "method_not_allowed"
    sentence = "This address doesn't take that method."


class NoBodyTaken(errors.Refusal):
    """The request brought a body."""

    status = 413
    code = "no_body_taken"
    sentence = "This address takes no body."


class Delivery:
    """The ASGI application behind ``/m``."""

    def __init__(self, config: settings.Settings, objects: storage.Storage, folders: access.Folders) -> None:
        self._objects = objects
        self._folders = folders
        self._key = keys.server_key(config)
        self._sendfile = config.sendfile
        self.sender = Sender(objects)
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._common = {**COMMON, "strict-transport-security": "max-age=31536000"} if config.secure else COMMON
        self._head = [(k.encode(), v.encode()) for k, v in self._common.items()]

    ROUTE: ClassVar = SimpleNamespace(path="/m")

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer one request."""
        scope["route"] = self.ROUTE
        try:
            if scope["method"] == "OPTIONS":
                await self._start(send, 204, PREFLIGHT)
                await send({"type": "http.response.body"})
                return
            await self._answer(scope, receive, send)
        except errors.Refusal as refusal:
            refusal.headers = {**self._common, "cache-control": "no-store", **refusal.headers}
            await http.refuse(send, refusal, scope.get("request_id", ""))

    async def _answer(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        if scope["method"] not in {"GET", "HEAD"}:
            raise MethodNotAllowed(headers={"Allow": "GET, HEAD, OPTIONS"})
        if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
            raise NoBodyTaken
        address = addresses.parse(scope["raw_path"].decode("latin-1"))
        if address is None:
            raise errors.NotFound
        described = {"content-type": address.content_type, "cache-control": await self._permit(address)}
        kept_as = addresses.disposition(address, scope["query_string"].decode("latin-1"))
        if kept_as:
            described["content-disposition"] = kept_as
        if self._sendfile == "accel":
            await self._start(send, 200, {**described, "x-accel-redirect": PROTECTED + address.key})
            await send({"type": "http.response.body"})
        elif self._redirects(scope["method"], address) and not kept_as:  # S3 would send it without a name
            await self._redirect(address, send)
        else:
            size = await self._size(address.key)
            part = ranges.choose(size, address.etag, headers, head=scope["method"] == "HEAD")
            described |= {"etag": address.etag, "accept-ranges": "bytes"}
            await self._start(send, part.status, {**described, **_lengths(part, size)})
            if scope["method"] == "HEAD" or part.start == part.end:
                await send({"type": "http.response.body"})
            else:
                await self.sender.send(address.key, part.start, part.end, receive, send)

    def _redirects(self, method: str, address: addresses.Address) -> bool:
        return self._sendfile == "presigned" and method == "GET" and not address.name.endswith(OWN_ANSWER)

    async def _permit(self, address: addresses.Address) -> str:
        """Return how long caches may keep the answer, or refuse."""
        now = clock.now()
        verdict = addresses.verify(address, key=self._key, now=now)
        if verdict is addresses.Verdict.OPEN:
            return FOR_EVER
        if verdict is addresses.Verdict.EXPIRED:
            raise AddressExpired
        if verdict is addresses.Verdict.FORGED:
            raise errors.NotFound
        folder = await self._folders.find(address.asset_id)
        if not folder.key or folder.key != address.folder_key:
            raise errors.NotFound
        if verdict is addresses.Verdict.SIGNED:
            return f"private, max-age={address.expires_s - int(now.timestamp())}, immutable"
        if not folder.public:
            raise errors.NotFound
        return FOR_EVER

    async def _size(self, key: str) -> int:
        """Ask the disk each time, S3 once: what stands under a key never changes."""
        if key in self._sizes:
            self._sizes.move_to_end(key)
            return self._sizes[key]
        known = await self._objects.head(key)
        if known is None:
            raise errors.NotFound
        if self._objects.local_path(key) is None:
            self._sizes[key] = known.size
            if len(self._sizes) > SIZES_REMEMBERED:
                self._sizes.popitem(last=False)
        return known.size

    async def _redirect(self, address: addresses.Address, send: "Send") -> None:
        location = await self._objects.presigned(address.key, PRESIGNED_S)
        kept = f"private, max-age={PRESIGNED_S // 2}"
        await self._start(send, 302, {"location": location or "", "cache-control": kept, "content-length": "0"})
        await send({"type": "http.response.body"})

    async def _start(self, send: "Send", status: int, headers: dict[str, str]) -> None:
        own = [(k.encode(), v.encode()) for k, v in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": [*own, *self._head]})


def _lengths(part: ranges.Part, size: int) -> dict[str, str]:
    """Write the headers that say which bytes follow."""
    if part.status == 304:  # noqa: PLR2004 - Not Modified says no length
        return {}
    if part.status == 416:  # noqa: PLR2004 - Range Not Satisfiable says the whole size
        return {"content-length": "0", "content-range": f"bytes */{size}"}
    lengths = {"content-length": str(part.end - part.start)}
    if part.status == 206:  # noqa: PLR2004 - Partial Content
        lengths["content-range"] = f"bytes {part.start}-{part.end - 1}/{size}"
    return lengths


def create_app(config: settings.Settings | None = None) -> Starlette:
    """Build the application; the database and the storage may still be away."""
    config = config or settings.load()
    objects = storage.open(config.objects_url, config)
    local = objects.local_path("open/a") is not None
    if config.sendfile == ("presigned" if local else "accel"):
        raise ValueError(f"NONET_SENDFILE={config.sendfile} doesn't go with NONET_STORAGE_URL={config.objects_url}")
    rows = access.Rows(config)
    folders = access.Folders(rows.fetch)

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        listening = asyncio.create_task(realtime.listen({access.CHANNEL: folders.forget}, folders.doubt_all))
        try:
            yield
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
            rows.close()

    health = [Route("/healthz", _healthz), Route("/readyz", _readyz), Route("/metrics", _metrics)]
    app = Starlette(routes=[*health, Mount("", Delivery(config, objects, folders))], lifespan=life)
    app.state.draining = False
    app.add_middleware(http.Observed)
    return app


async def _healthz(_: Request) -> Response:
    return JSONResponse({"status": "alive", "version": nonet.__version__})


async def _readyz(request: Request) -> Response:
    """Be ready while not told to end: without the database, who was watching goes on watching."""
    if request.app.state.draining:
        return JSONResponse({"status": "draining"}, 503)
    return JSONResponse({"status": "ready"})


async def _metrics(_: Request) -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def main() -> None:
    """Send bytes until told to end; readiness goes first, answers under way finish."""
    log.start("media")
    app = create_app()

    def drain() -> None:
        app.state.draining = True

    await server.serve(app, settings.load().bytes_port, drain)
