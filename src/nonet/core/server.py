"""How a role listens: uvicorn with the limits it lacks, and a drain that turns readiness off first.

A client has HEADER_S to finish its request line and headers and HEADER_BYTES to do it in, and STALL_S to take what is
waiting for it. One that was answered before it had sent its whole body may go on for LINGER_S: a connection that is cut
there loses the answer on its way. A keep-alive connection that stays silent is closed; SIGTERM lets requests in flight
finish in DRAIN_S.
"""

import asyncio
import gc
import socket
from collections.abc import Callable
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from nonet.core import joined, lifeline, settings

HEADER_S = 15.0
HEADER_BYTES = 32 * 1024
STALL_S = 60.0
LINGER_S = 30.0
KEEP_ALIVE_S = 30
DRAIN_S = 8
QUIET_S = 0.2
CONNECTIONS = 2000
COLLECT_AFTER = 20_000
"""New objects after which the youngest are looked through for cycles."""


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol with a bound on how long and how large a request's head may be, and on who takes nothing."""

    _head_timer: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _in_head = False
    _in_body = False
    _stall_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the time a client has for its first request."""
        super().connection_made(transport)
        self.transport = cast("asyncio.Transport", joined.Joined(transport, self.loop))
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Count the bytes of an unfinished head, limit the time of a body that nobody reads any more."""
        if self._in_body and self._answered():
            if self._head_timer is None:
                self._head_timer = self.loop.call_later(LINGER_S, self._drop)
        elif self._in_head or self._head_timer is not None:
            self._head_bytes += len(data)
        elif self._answered():
            self._expect_head()
        super().data_received(data)
        if self._head_bytes > HEADER_BYTES:
            self._drop()

    def on_message_begin(self) -> None:
        """Count a head that comes while an answer is still on its way too."""
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Stop the timer: the head is here, the body has limits of its own."""
        self._in_head = False
        self._in_body = True
        self._head_bytes = 0
        self._stop_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Expect the next head when the end of a body was not waited for."""
        self._in_body = False
        super().on_message_complete()
        if self._answered():
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timers of a connection that is gone."""
        self._stop_timer()
        self._stop_stalling()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Start the time a client has to take what is waiting for it."""
        super().pause_writing()
        self._stop_stalling()
        self._stall_timer = self.loop.call_later(STALL_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop that time: it was taken."""
        self._stop_stalling()
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        """Close a silent connection; one that didn't take the end of its answer would stay open for ever."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()
        super().timeout_keep_alive_handler()

    def _answered(self) -> bool:
        """Tell whether no answer is under way."""
        return self.cycle is None or self.cycle.response_complete

    def _stop_stalling(self) -> None:
        if self._stall_timer is not None:
            self._stall_timer.cancel()
            self._stall_timer = None

    def _expect_head(self) -> None:
        self._head_bytes = 0
        self._stop_timer()
        self._head_timer = self.loop.call_later(HEADER_S, self._drop)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _drop(self) -> None:
        """End a connection without waiting for the other side to take what is left."""
        self._stop_timer()
        self.transport.abort()


class Server(uvicorn.Server):
    """A server whose first answer to SIGTERM is to say that it is not ready, and then to stop."""

    def __init__(self, config: uvicorn.Config, drain: Callable[[], None]) -> None:
        super().__init__(config)
        self._drain = drain

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then tell the supervisor."""
        await super().startup(sockets)
        if self.started:
            _spare_the_collector()
            lifeline.ready()

    def handle_exit(self, sig: int, frame: Any) -> None:  # noqa: ANN401 - uvicorn's signature
        """Turn readiness off, leave the proxy a moment to see it, then finish; a second signal ends at once."""
        if self.should_exit:
            self.force_exit = True
            return
        self._drain()
        asyncio.get_event_loop().call_later(QUIET_S, super().handle_exit, sig, frame)


def _spare_the_collector() -> None:
    """Leave what the program itself is made of out of every collection, and collect seldom.

    Requests leave hardly any cycles behind; with Python's own numbers the collector took a quarter of the API's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)


async def serve(app: Any, port: int, drain: Callable[[], None]) -> None:  # noqa: ANN401 - an ASGI application
    """Listen on a port until the process is told to end; ``drain`` is called at the first signal."""
    conf = settings.load()
    config = uvicorn.Config(
        app,
        host=conf.host,
        port=port,
        http=Protocol,
        ws="none",
        loop="auto",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=DRAIN_S,
        limit_concurrency=CONNECTIONS,
        backlog=1024,
        ssl_certfile=conf.tls_cert,
        ssl_keyfile=conf.tls_key,
    )
    await Server(config, drain).serve()
