"""What every request passes through, as plain ASGI: who asks, for which host, from where, how much, how it is told.

Order, outermost first: ``Observed`` (request id, log, metrics), ``Guarded`` (trusted proxies, host, origin),
``Bounded`` (body size and time), ``Headed`` (security headers).
"""

import asyncio
import ipaddress
import re
import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog

from nonet.core import errors, metrics, realtime, settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log: Any = structlog.get_logger("http")

BODY_BYTES = 1024 * 1024
BODY_S = 30.0
SAFE = {"GET", "HEAD", "OPTIONS"}
OPEN_TO_ANY_HOST = {"/healthz", "/readyz", "/metrics"}
UNLOGGED = {"/api/v1/events", "/api/v1/feed"}
"""Routes that every second of watching passes through: their lines would push all others out of the files."""
LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}


class UnknownHost(errors.Refusal):
    """The Host header names another site."""

    status = 421
    code = "unknown_host"
    sentence = "This server answers at {origin} alone."


class WrongOrigin(errors.Refusal):
    """A change was asked for by a page of another site."""

    status = 403
    code = "wrong_origin"
    sentence = "This change did not come from {origin}. Open the page there and try again."


class BodyTooLarge(errors.Refusal):
    """More bytes than this route takes."""

    status = 413
    code = "body_too_large"
    sentence = "That is more than the {most} bytes this takes."


class TooSlow(errors.Refusal):
    """The body didn't arrive in time."""

    status = 408
    code = "too_slow"
    sentence = "Nothing arrived for {seconds} s. What was confirmed before is safe."


def header(scope: "Scope", name: bytes) -> str | None:
    """Return a request header's first value."""
    return next((v.decode("latin-1") for k, v in scope["headers"] if k == name), None)


async def refuse(send: "Send", refusal: errors.Refusal, request_id: str) -> None:
    """Answer with a refusal's JSON."""
    payload = realtime.dump(errors.body(refusal.code, refusal.text, refusal.details, request_id)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(payload)).encode())]
    headers += [(k.lower().encode(), v.encode()) for k, v in refusal.headers.items()]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": payload})


def _route(scope: "Scope") -> str:
    """Name a request's route for logs and metrics: its address with parameters by name, or ``page``."""
    if not scope["path"].startswith("/api/") or "endpoint" not in scope:
        return "page"
    named = {str(value): f"{{{name}}}" for name, value in scope.get("path_params", {}).items()}
    if "path" in scope.get("path_params", {}):
        return "unknown"
    return "/".join(named.get(part, part) for part in scope["path"].split("/"))


class Observed:
    """Gives each request an id, logs its end and counts it; addresses and queries are not logged."""

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope["request_id"] = request_id
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        status = 500

        async def sending(message: "Message") -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", []).append((b"x-request-id", request_id.encode()))
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - began
            route = _route(scope)
            metrics.REQUESTS.labels(scope["method"], route, str(status)).inc()
            metrics.SECONDS.labels(route).observe(seconds)
            if route not in UNLOGGED or status >= 400:  # noqa: PLR2004 - refusals and faults begin there
                log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))
            structlog.contextvars.clear_contextvars()


class Guarded:
    """Believes forwarded headers from trusted proxies alone, refuses unknown hosts and changes from other sites."""

    def __init__(self, app: "ASGIApp") -> None:
        conf = settings.load()
        self.app = app
        self.origin = conf.origin
        self.host = urlsplit(conf.origin).netloc
        self.proxies = conf.proxies

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on when it may pass."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self._client(scope)
        scope["scheme"] = self.origin.split(":", 1)[0]
        host = (header(scope, b"host") or "").lower()
        if host != self.host and scope["path"] not in OPEN_TO_ANY_HOST:
            await self._elsewhere(scope, send, host)
        elif scope["method"] not in SAFE and not self._same_origin(scope):
            await refuse(send, WrongOrigin(origin=self.origin), scope["request_id"])
        else:
            await self.app(scope, receive, send)

    async def _elsewhere(self, scope: "Scope", send: "Send", host: str) -> None:
        """Send a page asked for by another name of this machine to the public origin; refuse every other host."""
        name, _, port = host.rpartition(":")
        if scope["method"] != "GET" or name not in LOOPBACK or port != self.host.rpartition(":")[2]:
            await refuse(send, UnknownHost(origin=self.origin), scope["request_id"])
            return
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        location = self.origin.encode() + scope["raw_path"] + query
        await send({"type": "http.response.start", "status": 307, "headers": [(b"location", location)]})
        await send({"type": "http.response.body", "body": b""})

    def _client(self, scope: "Scope") -> None:
        """Set the client's address: the last one before our own proxies, when a trusted one forwarded it."""
        peer = scope["client"][0] if scope.get("client") else "127.0.0.1"
        forwarded = header(scope, b"x-forwarded-for")
        if forwarded and self._trusted(peer):
            for hop in reversed([h.strip() for h in forwarded.split(",")]):
                try:
                    peer = str(ipaddress.ip_address(hop))
                except ValueError:
                    break
                if not self._trusted(peer):
                    break
        scope["client"] = (peer, 0)

    def _trusted(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.proxies)

    def _same_origin(self, scope: "Scope") -> bool:
        site = header(scope, b"sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        return header(scope, b"origin") == self.origin


class Bounded:
    """Refuses bodies over a route's limit and clients that stop sending; uploads are bounded by their own route.

    ``larger`` has the limits of paths by patterns of how they begin, the first that matches.
    """

    def __init__(self, app: "ASGIApp", larger: dict[str, int]) -> None:
        self.app = app
        self.larger = larger

    def most(self, path: str) -> int:
        """Return how many bytes a path takes."""
        return next((size for begin, size in self.larger.items() if re.match(begin, path)), BODY_BYTES)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on, its body counted and timed."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        counted = _Counted(receive, send, self.most(scope["path"]), scope["request_id"])
        declared = header(scope, b"content-length")
        if declared is not None and (not declared.isdecimal() or int(declared) > counted.most):
            await refuse(send, BodyTooLarge(most=counted.most), scope["request_id"])
            return
        try:
            await self.app(scope, counted.receive, counted.send)
        except (TooSlow, BodyTooLarge) as refusal:
            if counted.started:
                raise
            await refuse(send, refusal, scope["request_id"])


class _Counted:
    """One request's body, counted and timed. What it refuses is answered so, whatever the application made of it."""

    def __init__(self, receive: "Receive", send: "Send", most: int, request_id: str) -> None:
        self._receive, self._send, self.most, self._request_id = receive, send, most, request_id
        self._read, self._ended, self.started = 0, False, False
        self._refusal: errors.Refusal | None = None

    async def receive(self) -> "Message":
        """Give the next part of the body; raises TooSlow and BodyTooLarge."""
        if self._ended:
            return await self._receive()
        try:
            async with asyncio.timeout(BODY_S):
                message = await self._receive()
        except TimeoutError:
            self._refusal = TooSlow(seconds=int(BODY_S))
            raise self._refusal from None
        if message["type"] == "http.request":
            self._read += len(message.get("body", b""))
            self._ended = not message.get("more_body", False)
            if self._read > self.most:
                self._refusal = BodyTooLarge(most=self.most)
                raise self._refusal
        return message

    async def send(self, message: "Message") -> None:
        """Pass the answer on, unless the body was refused and an application turned that into something vaguer."""
        if self._refusal is None or self.started:
            self.started = True
            await self._send(message)
        elif message["type"] == "http.response.start":
            await refuse(self._send, self._refusal, self._request_id)


class Headed:
    """Adds the headers that keep a browser safe; a page's own Content-Security-Policy is kept."""

    def __init__(self, app: "ASGIApp") -> None:
        self.app = app
        common = {
            "x-content-type-options": "nosniff",
            "referrer-policy": "strict-origin-when-cross-origin",
            "permissions-policy": "camera=(self), microphone=(self), geolocation=(), payment=(), usb=(), midi=()",
            "cross-origin-opener-policy": "same-origin",
            "x-frame-options": "DENY",
        }
        if settings.load().secure:
            common["strict-transport-security"] = "max-age=31536000"
        self.common = [(k.encode(), v.encode()) for k, v in common.items()]
        self.csp = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Pass a request on and complete its answer."""

        async def sending(message: "Message") -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                present = {k.lower() for k, _ in headers}
                headers.extend(h for h in [*self.common, self.csp] if h[0] not in present)
                if b"cache-control" not in present:
                    headers.append((b"cache-control", b"no-store"))
            await send(message)

        await self.app(scope, receive, sending)
