"""The demo in the database: whether there is one, its people, how far it is, how it ends.

Its people come without a password, which no public door does; this is the only part of the demo that is no client.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from sqlalchemy import exists, func, select

from nonet.accounts import leaving, links, sessions
from nonet.accounts import service as accounts
from nonet.accounts.tables import Account
from nonet.core import clock, db, errors, ids, settings, virtual
from nonet.demo import people
from nonet.demo.tables import Demo
from nonet.people import privacy

HISTORY = timedelta(days=22)
RUNS_MOST = 3
DEVICE = "Nonet demo"
BORN = date(1990, 5, 17)

Wanted = Literal["", "virtual", "real"]


class NotEmpty(errors.Refusal):
    """Someone real has an account here."""

    status = 409
    code = "not_empty"
    sentence = "Somebody has an account here already. A demo fills only a server that nobody uses yet."


class NobodyOfThatName(errors.NotFound):
    """No one of the demo is called so."""

    code = "nobody_of_that_name"
    sentence = "Nobody of the demo is called {name}. Its people are: {names}."


@dataclass(frozen=True, slots=True)
class Status:
    """What an operator sees of the demo; ``state`` is none when there never was one."""

    state: str
    people: int
    clips: int
    of: int
    clock: Literal["virtual", "real"]
    now: datetime


async def wanted(session: db.Session, conf: settings.Settings) -> Wanted:
    """Say whether this start fills a demo, or goes on with one, and whether weeks may pass meanwhile.

    A first one begins in an empty database on a private address. One that goes on where the clock has become real,
    by a seal or by a kill just before, stays real.
    """
    if conf.demo == "none":
        return ""
    found = await session.get(Demo, 1)
    if found is None:
        taken = await session.scalar(select(exists(select(Account.id)))) or await virtual.sealed(session)
        if taken or not settings.is_private_host(urlsplit(conf.origin).hostname or ""):
            return ""
        await begin(session, conf.demo)
        clock.tell(conf.clock_file, -HISTORY.total_seconds())
        return "virtual"
    if found.state != "filling":
        return ""
    if clock.told(conf.clock_file) >= 0 or await virtual.sealed(session):
        await accounts.real_time(session)
        return "real"
    return "virtual"


async def begin(session: db.Session, size: str) -> None:
    """Note that a demo is to be filled; raises NotEmpty where somebody real has an account."""
    if await session.scalar(select(exists(select(Account.id).where(~Account.demo)))):
        raise NotEmpty
    found = await session.get(Demo, 1)
    if found is None:
        began = clock.machine() - HISTORY
        session.add(Demo(id=1, state="filling", size=size, began_at=began, progress={"clips": 0, "of": 0, "next": 0}))
    elif found.state == "removed" and not await members(session):
        found.state, found.size, found.progress = "filling", size, {"clips": 0, "of": 0, "next": 0}


async def get(session: db.Session) -> Demo | None:
    """Return the demo's row."""
    return await session.get(Demo, 1)


async def note(session: db.Session, **progress: int) -> None:
    """Note how far it has come."""
    found = await session.get_one(Demo, 1, with_for_update=True)
    found.progress = found.progress | progress


async def settle(session: db.Session, chosen: Sequence[people.Persona]) -> dict[str, str]:
    """Make those of the demo's people who aren't there, and sign each in once; returns tokens by handle."""
    there = {each.handle: each.id for each in await members(session)}
    tokens = {}
    for number, persona in enumerate(chosen):
        if persona.handle not in there:
            account = Account(id=ids.new(), handle=persona.handle, password_hash="", birth_date=BORN, demo=True)
            account.email = account.email_key = f"{persona.handle}@demo.invalid"
            account.role = "person" if number or await virtual.sealed(session) else "operator"  # who moves the clock
            await accounts.add(session, account)
            await privacy.begin(session, account)
            there[persona.handle] = account.id
        tokens[persona.handle] = await sessions.start(session, there[persona.handle], DEVICE)
    return tokens


async def members(session: db.Session) -> Sequence[Account]:
    """Return the demo's people who are here and not leaving."""
    here = select(Account).where(Account.demo, Account.state == "active").order_by(Account.handle)
    return (await session.scalars(here)).all()


async def finish(session: db.Session, tokens: Sequence[str]) -> None:
    """Set the clock to real time for good, sign out whom ``settle`` signed in, and note that all is there."""
    await accounts.real_time(session)
    for token in tokens:
        await sessions.end_token(session, token)
    found = await session.get_one(Demo, 1, with_for_update=True)
    if found.state == "filling":
        found.state = "complete"


async def fail(session: db.Session, tokens: Sequence[str]) -> None:
    """Note that a run failed; after the last one what is there is all there will be, and time is real."""
    found = await session.get_one(Demo, 1, with_for_update=True)
    failures = found.progress.get("failures", 0) + 1
    found.progress = found.progress | {"failures": failures}
    if failures >= RUNS_MOST:
        await finish(session, tokens)


async def remove(session: db.Session) -> int:
    """Let all of the demo's people leave as anyone leaves, without the days of grace; returns how many there were."""
    await accounts.real_time(session)
    found = await session.get(Demo, 1, with_for_update=True)
    if found is not None:
        found.state = "removed"
    leavers = await members(session)
    for each in leavers:
        await leaving.leave(session, await session.get_one(Account, each.id, with_for_update=True), days=0)
    return len(leavers)


async def sign_in_link(session: db.Session, name: str) -> str:
    """Return a link that signs one browser of this machine in as someone of the demo, once; raises NobodyOfThatName."""
    known = name.strip().removeprefix("@").casefold()
    here = await members(session)
    found = next((each for each in here if each.handle == known), None)
    found = found or next((each for each in here if each.handle.startswith(known)), None)
    if found is None:
        raise NobodyOfThatName(name=name, names=", ".join(each.handle for each in here) or "nobody, yet")
    return await links.make(session, "demo", found.id)


async def use_link(session: db.Session, token: str, user_agent: str) -> str:
    """Use a link up and sign a browser in; returns its token. Raises LinkInvalid."""
    link = await links.use(session, token, "demo")
    account = await session.get(Account, int(link.account_id or 0))
    if account is None or not account.demo or account.state != "active":
        raise links.LinkInvalid
    return await sessions.start(session, account.id, user_agent)


async def status(session: db.Session) -> Status:
    """Return what an operator sees."""
    found = await session.get(Demo, 1)
    count = await session.scalar(select(func.count()).select_from(Account).where(Account.demo)) or 0
    progress: dict[str, Any] = found.progress if found else {}
    free = settings.load().clock == "virtual" and not await virtual.sealed(session)
    return Status(
        state=found.state if found else "none",
        people=count,
        clips=int(progress.get("clips", 0)),
        of=int(progress.get("of", 0)),
        clock="virtual" if free else "real",
        now=clock.now(),
    )
