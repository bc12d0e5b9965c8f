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
from nonet.core import db, ids, keys, limits, prefs, settings
from nonet.signals.flush import Sent
from nonet.signals.kinds import Kind
from nonet.signals.reading import Told

LIFE_S = 30 * 24 * 3600
NUMBER_BITS = 62

VISITORS_COUNTED = prefs.flag(
    "visitors_counted",
    default=True,
    help="Whether visitors without an account get a random number for 30 days, so that their views count once.",
)


def cookie_name() -> str:
    """Return the cookie's name: on https the one that no other host and no plain page can set."""
    return "__Host-nonet-visitor" if settings.load().secure else "nonet-visitor"


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
    number, _, signature = request.cookies.get(cookie_name(), "").partition(".")
    parsed = ids.parse(number)
    if not parsed or not signature.isascii() or not hmac.compare_digest(_signature(number), signature):
        return None
    return parsed


async def begin(request: Request, told: Sequence[Told]) -> int | None:
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
    """Give a browser its number for thirty days from now, out of reach of scripts and other sites."""
    response.set_cookie(
        cookie_name(),
        f"{number}.{_signature(str(number))}",
        max_age=LIFE_S,
        path="/",
        secure=settings.load().secure,
        httponly=True,
        samesite="lax",
    )


def forget(response: Response) -> None:
    """Take a browser's number away."""
    response.delete_cookie(cookie_name(), path="/", secure=settings.load().secure, httponly=True, samesite="lax")


@cache
def _key() -> bytes:
    return hmac.digest(keys.server_key(settings.load()), b"nonet visitors 1", "sha256")


def _signature(number: str) -> str:
    return base64.urlsafe_b64encode(hmac.digest(_key(), number.encode(), "sha256")[:12]).decode()
