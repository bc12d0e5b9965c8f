"""Cookies of ours: out of reach of scripts and of other sites, and on https of other hosts and plain pages too."""

from starlette.responses import Response

from nonet.core import settings


def name(plain: str) -> str:
    """Return a cookie's name: on https the one that no other host and no plain page can set."""
    return f"__Host-{plain}" if settings.load().secure else plain


def keep(response: Response, plain: str, value: str, life_s: int) -> None:
    """Give a browser a cookie for so many seconds from now."""
    response.set_cookie(
        name(plain),
        value,
        max_age=life_s,
        path="/",
        secure=settings.load().secure,
        httponly=True,
        samesite="lax",
    )


def drop(response: Response, plain: str) -> None:
    """Take a cookie away from a browser."""
    response.delete_cookie(name(plain), path="/", secure=settings.load().secure, httponly=True, samesite="lax")
