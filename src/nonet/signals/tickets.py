"""Tickets: the proof that a page showed a video at a place to someone, carried by each card and repeated by its events.

A ticket is a HMAC of the page's request id, the place on it, the video and the account (0 for a visitor), so nothing
has to be looked up to believe it. What was never served can be told to us and is kept, but counts for nothing.
"""

import base64
import hmac
from functools import cache
from struct import Struct

from nonet.core import ids, keys, settings

TICKET_BYTES = 9
LIFE_MS = 8 * 24 * 3600 * 1000
"""How long after its page a ticket is good: as long as an event may be late, and a day of watching."""

_pack = Struct("<QQQH").pack
_POSITION_MOST = (1 << 16) - 1


@cache
def _key() -> bytes:
    # A key of its own, so that nothing else signed with the server's key can ever pass for a ticket.
    return hmac.digest(keys.server_key(settings.load()), b"nonet tickets 1", "sha256")


def sign(request_id: int, position: int, video_id: int, account_id: int) -> str:
    """Return the ticket, twelve letters, of a video at a position of a page; ``account_id`` is 0 for a visitor."""
    digest = hmac.digest(_key(), _pack(request_id, video_id, account_id, position & _POSITION_MOST), "sha256")
    return base64.urlsafe_b64encode(digest[:TICKET_BYTES]).decode()


def valid(ticket: str, request_id: int, position: int, video_id: int, account_id: int) -> bool:
    """Tell whether we signed a ticket for exactly this."""
    made = sign(request_id, position, video_id, account_id)
    return ticket.isascii() and hmac.compare_digest(made, ticket)


def fresh(request_id: int, now_ms: int) -> bool:
    """Tell whether a page was served lately enough for its events to count; ``now_ms`` in Unix milliseconds."""
    return now_ms - LIFE_MS <= (request_id >> 22) + ids.EPOCH_MS
