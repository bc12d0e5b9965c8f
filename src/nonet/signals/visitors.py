"""Visitors: people without an account, as a random number that their browser keeps for thirty days, and nothing more.

It is made when a first video starts to play, never for whoever sends ``Sec-GPC`` or ``DNT``, and not when the operator
turned it off. It is signed, so that nobody can pass for many visitors by writing numbers of their own.
"""

import base64
import hmac
import secrets
from collections.abc import Sequence
from functools import cache

from starlette.requests import Request
from starlette.responses import Response

from nonet.accounts import links
from nonet.accounts import web as accounts
from nonet.core import cookies, db, ids, keys, limits, prefs, settings
from nonet.signals import intake
from nonet.signals.flush import Sent
from nonet.signals.kinds import Kind
from nonet.signals.reading import Told

COOKIE = "nonet-visitor"
LIFE_S = 30 * 24 * 3600
NUMBER_BITS = 62

VISITORS_COUNTED = prefs.flag(
    "visitors_counted",
    default=True,
    help="Whether visitors without an account get a random number for 30 days, so that their views count once.",
)


def sender(request: Request, told: list[Told]) -> Sent:
    """Say whose events a request brings, as far as its cookies tell; the flush looks whether that is so."""
    token = accounts.token(request)
    if token:
        return Sent(told, links.token_hash(token), None)
    return Sent(told, None, None if unwanted(request) else known(request))


def unwanted(request: Request) -> bool:
    """Tell whether a browser asks not to be followed: Global Privacy Control, or Do Not Track."""
    return request.headers.get("sec-gpc") == "1" or request.headers.get("dnt") == "1"


def known(request: Request) -> int | None:
    """Return the number a visitor's browser keeps, when it is one of ours."""
    number, _, signature = request.cookies.get(cookies.name(COOKIE), "").partition(".")
    parsed = ids.parse(number)
    if not parsed or not signature.isascii() or not hmac.compare_digest(_signature(number), signature):
        return None
    return parsed


async def keep(request: Request, told: list[Told], *, hurry: bool = False) -> tuple[bool, int | None]:
    """Keep the events of whoever asks; return whether they are anybody's, and the number of a visitor who is new.

    Durable when it returns; raises what ``intake.take`` raises.
    """
    sent, begun = sender(request, told), None
    if sent.token_hash is None and sent.visitor is None:
        begun = sent.visitor = await _begin(request, told)
    if sent.token_hash is not None or sent.visitor is not None:
        await intake.take(sent, hurry=hurry)
    return sent.viewer != 0, begun if sent.viewer else None


async def _begin(request: Request, told: Sequence[Told]) -> int | None:
    """Make a number for a new visitor who started a video; None when there is to be none."""
    if unwanted(request) or not any(each.kind == Kind.START for each in told):
        return None
    async with db.transaction() as session:
        if not await prefs.get(session, VISITORS_COUNTED):
            return None
    try:
        await limits.take(f"visitors:{accounts.client_address(request)}", rate_per_h=200, burst=200)
    except limits.TooOften:
        return None
    return secrets.randbits(NUMBER_BITS) | 1


def remember(response: Response, number: int) -> None:
    """Give a browser its number for thirty days from now."""
    cookies.keep(response, COOKIE, f"{number}.{_signature(str(number))}", LIFE_S)


def clear(request: Request, response: Response) -> None:
    """Take its number away from a browser that asks not to be followed."""
    if unwanted(request) and cookies.name(COOKIE) in request.cookies:
        cookies.drop(response, COOKIE)


@cache
def _key() -> bytes:
    return hmac.digest(keys.server_key(settings.load()), b"nonet visitors 1", "sha256")


def _signature(number: str) -> str:
    return base64.urlsafe_b64encode(hmac.digest(_key(), number.encode(), "sha256")[:12]).decode()
