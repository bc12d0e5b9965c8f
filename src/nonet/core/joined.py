"""A transport that sends the head of an answer together with its body.

uvicorn writes them one after the other, and each write of a socket wakes whoever reads it; for small answers the second
costs as much as everything around it.
"""

import asyncio
from typing import Any

HELD_BYTES = 64 * 1024
"""What is written at once, so that whoever streams is still told when the other side takes nothing."""


class Joined:
    """Holds what is written until the loop comes round again, and writes it as one; all else is the transport's own."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the transport has
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send some bytes soon."""
        if not self._held:
            self._loop.call_soon(self._flush)
        self._held.append(data)
        self._size += len(data)
        if self._size >= HELD_BYTES:
            self._flush()

    def close(self) -> None:
        """Send what is held, then close."""
        self._flush()
        self._transport.close()

    def get_write_buffer_size(self) -> int:
        """Return how many bytes have not left yet."""
        return self._size + self._transport.get_write_buffer_size()

    def _flush(self) -> None:
        if self._held:
            data = self._held[0] if len(self._held) == 1 else b"".join(self._held)
            self._held, self._size = [], 0
            self._transport.write(data)
