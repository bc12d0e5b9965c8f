"""Signed-in browsers: opaque tokens of 32 bytes, kept as SHA-256; they last ninety days from their last use."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import BigInteger, CursorResult, DateTime, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from nonet.accounts import links
from nonet.accounts.tables import Account, LoginSession
from nonet.core import clock, db, realtime
from nonet.core.statements import Connection, Statement

LIFE = timedelta(days=90)
SEEN_EVERY = timedelta(minutes=10)

ENDED: dict[str, Any] = {"type": "sessions_ended"}
"""Told to a person's streams, in whatever process: each looks whether its own session still stands."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who a request comes from; ``state`` is active or suspended."""

    id: int
    handle: str
    role: str
    session_id: int
    state: str = "active"


async def start(session: db.Session, account_id: int, user_agent: str) -> str:
    """Sign a browser in and return its token, which nobody can read again."""
    token = secrets.token_urlsafe(32)
    session.add(
        LoginSession(
            token_hash=links.token_hash(token),
            account_id=account_id,
            device=device(user_agent),
            expires_at=clock.now() + LIFE,
        )
    )
    await session.flush()
    return token


_FIND = Statement(
    select(
        *(Account.id, Account.handle, Account.role, Account.state, LoginSession.last_seen_at),
        LoginSession.id.label("session_id"),
    )
    .join(LoginSession, LoginSession.account_id == Account.id)
    .where(
        LoginSession.token_hash == bindparam("token_hash", type_=LoginSession.token_hash.type),
        LoginSession.expires_at > bindparam("now", type_=DateTime(timezone=True)),
        Account.state.in_(("active", "suspended")),
    )
)


async def find(connection: Connection, token: str) -> Person | None:
    """Return who holds a token, by one indexed query; notes at most every ten minutes that they were here."""
    now = clock.now()
    rows = await _FIND.fetch(connection, token_hash=links.token_hash(token), now=now)
    if not rows:
        return None
    row = rows[0]
    if now - row["last_seen_at"] >= SEEN_EVERY:
        await used(connection, row["session_id"])
    return Person(row["id"], row["handle"], row["role"], row["session_id"], row["state"])


_USED = Statement(
    update(LoginSession)
    .where(LoginSession.id == bindparam("id", type_=BigInteger))
    .values(
        last_seen_at=bindparam("now", type_=DateTime(timezone=True)),
        expires_at=bindparam("until", type_=DateTime(timezone=True)),
    )
)


async def used(connection: Connection, session_id: int) -> None:
    """Note that someone is here, on a hot path that has found out by a statement of its own."""
    now = clock.now()
    await _USED.fetch(connection, id=session_id, now=now, until=now + LIFE)


async def stands(connection: AsyncConnection, person: Person) -> bool:
    """Tell whether a session has not been ended."""
    query = (
        select(LoginSession.id)
        .join(Account, Account.id == LoginSession.account_id)
        .where(LoginSession.id == person.session_id, LoginSession.expires_at > clock.now(), Account.state == "active")
    )
    return (await connection.execute(query)).first() is not None


async def mine(session: db.Session, account_id: int) -> Sequence[LoginSession]:
    """Return a person's sessions, the last used first."""
    query = (
        select(LoginSession)
        .where(LoginSession.account_id == account_id, LoginSession.expires_at > clock.now())
        .order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
        .limit(200)
    )
    return (await session.scalars(query)).all()


async def end(session: db.Session, account_id: int, session_id: int) -> bool:
    """Sign one browser of a person out; False when there was none."""
    return await _end(session, account_id, LoginSession.id == session_id)


async def end_others(session: db.Session, account_id: int, but: int | None = None) -> bool:
    """Sign every browser of a person out, but for one."""
    return await _end(session, account_id, LoginSession.id != (but or 0))


async def end_token(session: db.Session, token: str) -> None:
    """Sign out the browser that holds a token, whoever it was."""
    ended = delete(LoginSession).where(LoginSession.token_hash == links.token_hash(token))
    for account_id in await session.scalars(ended.returning(LoginSession.account_id)):
        realtime.tell(session, account_id, ENDED)


async def _end(session: db.Session, account_id: int, which: Any) -> bool:  # noqa: ANN401 - a condition of SQLAlchemy
    result = await session.execute(delete(LoginSession).where(LoginSession.account_id == account_id, which))
    realtime.tell(session, account_id, ENDED)
    return cast("CursorResult[Any]", result).rowcount > 0


async def sweep(session: db.Session) -> None:
    """Forget sessions that have expired."""
    await session.execute(delete(LoginSession).where(LoginSession.expires_at < clock.now()))


_BROWSERS = (
    (r"\bEdgA?\b|\bEdgiOS\b", "Edge"),
    (r"\bOPR\b|\bOPiOS\b|\bOpera\b", "Opera"),
    (r"SamsungBrowser", "Samsung Internet"),
    (r"\bVivaldi\b", "Vivaldi"),
    (r"\bFirefox\b|\bFxiOS\b", "Firefox"),
    (r"\bChrome\b|\bCriOS\b|\bChromium\b", "Chrome"),
    (r"\bSafari\b", "Safari"),
    (r"^curl/", "curl"),
    (r"^python-httpx/|^python-requests/|^Python", "Python"),
)
_SYSTEMS = (
    (r"\biPhone\b", "iPhone"),
    (r"\biPad\b", "iPad"),
    (r"\bAndroid\b", "Android"),
    (r"\bCrOS\b", "ChromeOS"),
    (r"\bWindows\b", "Windows"),
    (r"\bMac OS X\b|\bMacintosh\b", "Mac"),
    (r"\bLinux\b", "Linux"),
)


def device(user_agent: str) -> str:
    """Name a browser in a few words of ours: ``Chrome on Android``."""
    seen = user_agent[:500]
    browser = next((name for pattern, name in _BROWSERS if re.search(pattern, seen)), "")
    system = next((name for pattern, name in _SYSTEMS if re.search(pattern, seen)), "")
    return " on ".join(word for word in (browser, system) if word) or "Unknown device"
