"""Who may write to whom: one decision from how two people stand to each other. Pure.

A conversation of two goes on between those who are both in it. Whoever the recipient doesn't follow begins as a
request: one message of text, answered by accepting or declining. Someone under the adult age hears from nobody they
don't follow.
"""

from dataclasses import dataclass
from typing import Literal

from nonet.core import errors

Seat = Literal["in", "asked", "left"]


class MessagesClosed(errors.Refusal):
    """The recipient takes no messages from this person."""

    status = 403
    code = "messages_closed"
    sentence = "@{handle} takes no messages from you. Nothing was sent."


class FollowFirst(errors.Refusal):
    """Someone under the adult age writes to a person they don't follow, who could not answer."""

    status = 403
    code = "follow_first"
    sentence = "Follow @{handle} first: until you are of age, people you don't follow can't write to you."


class RequestWaits(errors.Refusal):
    """A request has its one message already."""

    status = 409
    code = "request_waits"
    sentence = "@{handle} has your request and hasn't accepted it yet. You can write on once they do."


class RequestTextOnly(errors.Refusal):
    """A request carries no video."""

    status = 403
    code = "request_text_only"
    sentence = "A request to @{handle} takes text alone. You can send videos once they accept."


@dataclass(frozen=True, slots=True)
class Standing:
    """How a recipient stands to who writes to them.

    ``seat`` is the recipient's in the conversation, None before there is one; ``sent`` whether the writer has sent
    something there that still waits. ``minor`` and ``follows`` are the recipient's, the other two the writer's.
    """

    handle: str
    reachable: bool = True
    follows: bool = False
    minor: bool = False
    messages_from: str = "everyone"
    seat: Seat | None = None
    sent: bool = False
    writer_minor: bool = False
    writer_follows: bool = False


def admit(standing: Standing, *, with_video: bool = False) -> Literal["in", "asked"]:
    """Return the seat in which the recipient gets a message, or refuse it.

    Raises NotFound when either has blocked the other or the recipient is away, and the refusals above.
    """
    if not standing.reachable:
        raise errors.NotFound
    if standing.minor and not standing.follows:
        raise MessagesClosed(handle=standing.handle)
    if standing.writer_minor and not standing.writer_follows:
        raise FollowFirst(handle=standing.handle)
    if standing.seat == "in":
        return "in"
    if standing.follows and standing.messages_from != "nobody":
        return "in"
    if standing.messages_from != "everyone" or standing.seat == "left":
        raise MessagesClosed(handle=standing.handle)
    if standing.sent:
        raise RequestWaits(handle=standing.handle)
    if with_video:
        raise RequestTextOnly(handle=standing.handle)
    return "asked"
