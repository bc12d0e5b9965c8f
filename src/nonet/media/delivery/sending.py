"""How bytes reach a client: in pieces, each gone before the next is read, within a bound on what clients may hold.

A client that reads slowly holds one piece. Pieces are large because that costs least CPU, until BUDGET_BYTES are held;
from then on new answers leave in small ones, so that slow clients cost memory no more and nobody waits for them.
A client that takes nothing for a while is dropped by ``core.server``.
"""

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

from nonet.core import metrics
from nonet.core.storage import CHUNK_BYTES, Storage

if TYPE_CHECKING:
    from starlette.types import Receive, Send

BUDGET_BYTES = 128 << 20
SMALL_BYTES = 64 << 10


class Sender:
    """Sends parts of objects; one a process, since it counts what all clients hold."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.held_bytes = 0

    async def send(self, key: str, start: int, end: int, receive: "Receive", send: "Send") -> None:
        """Send bytes ``start`` up to ``end`` of an object as the body of an answer whose head is sent."""
        most = CHUNK_BYTES if self.held_bytes < BUDGET_BYTES else SMALL_BYTES
        size = min(end - start, most)
        self.held_bytes += size
        leaving = asyncio.create_task(_left(receive)) if end - start > size else None
        try:
            async with aclosing(self._storage.read(key, start, end, size)) as pieces:
                async for piece in pieces:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                    await send({"type": "http.response.body", "body": b"", "more_body": True})  # waits until it left
                    metrics.SENT.inc(len(piece))
                    if leaving is not None:
                        await asyncio.sleep(0)  # a client that takes everything at once leaves time for the others
                        if leaving.done():
                            return
            await send({"type": "http.response.body", "body": b""})
        finally:
            self.held_bytes -= size
            if leaving is not None:
                leaving.cancel()


async def _left(receive: "Receive") -> None:
    """Return when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
