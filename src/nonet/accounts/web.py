"""The doors other slices' routes use: who a request comes from, its cookie, its address.

A person is found before the route runs, on a connection that is given back at once: a route that streams, hashes or
waits for bytes holds none. Someone suspended comes through ``AnyPersonDep`` alone: to read what was decided of them,
appeal, take their data along, and leave.
"""

import ipaddress
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.dependencies.models import Dependant

from nonet.accounts import sessions
from nonet.accounts.door import Browser, Suspended
from nonet.accounts.sessions import Person
from nonet.core import cookies, db, errors

COOKIE = "nonet"


def token(request: Request) -> str | None:
    """Return the token a request carries."""
    return request.cookies.get(cookies.name(COOKIE))


def remember(response: Response, kept: str) -> None:
    """Give a browser its token for ninety days."""
    cookies.keep(response, COOKIE, kept, int(sessions.LIFE.total_seconds()))


def forget(response: Response) -> None:
    """Take a browser's token away."""
    cookies.drop(response, COOKIE)


async def _known(request: Request) -> Person | None:
    kept = token(request)
    if not kept:
        return None
    async with (await db.pool()).acquire() as connection:
        return await sessions.find(connection, kept)


async def _maybe(request: Request, found: Annotated[Person | None, Depends(_known)]) -> Person | None:
    if found is None or found.state == "active":
        return found
    if request.url.path.startswith("/api/"):
        raise Suspended
    return None  # a page shows them what it shows a visitor


async def _viewer(found: Annotated[Person | None, Depends(_maybe)]) -> int | None:
    return None if found is None else found.id


async def _person(found: Annotated[Person | None, Depends(_maybe)]) -> Person:
    if found is None:
        raise errors.SignInNeeded
    return found


async def _any_person(found: Annotated[Person | None, Depends(_known)]) -> Person:
    if found is None:
        raise errors.SignInNeeded
    return found


async def _moderator(person: Annotated[Person, Depends(_person)]) -> Person:
    if person.role not in {"moderator", "operator"}:
        raise errors.NotAllowed
    return person


async def _operator(person: Annotated[Person, Depends(_person)]) -> Person:
    if person.role != "operator":
        raise errors.NotAllowed
    return person


ViewerDep = Annotated[int | None, Depends(_viewer)]
"""The id of the signed-in person, None for a visitor; refuses with Suspended."""
PersonDep = Annotated[Person, Depends(_person)]
"""The signed-in person; refuses with Suspended, or SignInNeeded, which the route declares."""
AnyPersonDep = Annotated[Person, Depends(_any_person)]
"""The signed-in person, suspended or not; refuses with SignInNeeded, which the route declares."""
AnyoneDep = Annotated[Person | None, Depends(_known)]
"""The signed-in person, suspended or not, or None; refuses nobody."""
ModeratorDep = Annotated[Person, Depends(_moderator)]
"""A signed-in moderator or operator; refuses with SignInNeeded or NotAllowed, which the route declares."""
OperatorDep = Annotated[Person, Depends(_operator)]
"""A signed-in operator; refuses with SignInNeeded or NotAllowed, which the route declares."""


def may_suspend(dependant: Dependant) -> bool:
    """Tell whether a route, or what it depends on, refuses with Suspended."""
    return dependant.call is _maybe or any(may_suspend(each) for each in dependant.dependencies)


async def still_here(person: Person) -> bool:
    """Tell whether a person's session has not been ended since the request began."""
    async with db.engine().connect() as plain:
        return await sessions.stands(await plain.execution_options(isolation_level="AUTOCOMMIT"), person)


def client_address(request: Request) -> str:
    """Return whom to count a request for: an IPv4 address, or the /64 that one IPv6 subscriber has."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _browser(request: Request) -> Browser:
    return Browser(client_address(request), request.headers.get("user-agent", ""))


BrowserDep = Annotated[Browser, Depends(_browser)]
"""Where the request comes from."""
