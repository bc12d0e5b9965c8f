"""Single-use links: made for one purpose, kept as SHA-256, used exactly once even when two try at the same moment."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import delete, select, update

from nonet.accounts.tables import Link
from nonet.core import clock, db, errors, settings

Kind = Literal["verify", "email", "reset", "setup", "demo"]

LIFE: dict[Kind, timedelta] = {
    "verify": timedelta(days=3),
    "email": timedelta(days=1),
    "reset": timedelta(hours=1),
    "setup": timedelta(days=7),
    "demo": timedelta(hours=1),
}
PAGE: dict[Kind, str] = {
    "verify": "verify",
    "email": "verify",
    "reset": "reset",
    "setup": "setup",
    "demo": "demo/sign-in",
}
"""The page of the web app that each kind opens; the token is the rest of the path."""

KEEP = timedelta(days=7)


class LinkInvalid(errors.Refusal):
    """No such link, or it was used, replaced, or has expired."""

    status = 410
    code = "link_invalid"
    sentence = "This link was used already or has expired. Ask for a new one."


def token_hash(token: str) -> bytes:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


async def make(session: db.Session, kind: Kind, account_id: int | None, **payload: Any) -> str:  # noqa: ANN401 - JSON
    """Add a link and return its address, the only place where its token ever stands."""
    token = secrets.token_urlsafe(32)
    expires_at = clock.now() + LIFE[kind]
    session.add(
        Link(kind=kind, token_hash=token_hash(token), account_id=account_id, payload=payload, expires_at=expires_at)
    )
    await session.flush()
    return f"{settings.load().origin}/{PAGE[kind]}/{token}"


async def peek(session: db.Session, token: str, *kinds: Kind) -> Link:
    """Return a link that could be used now; raises LinkInvalid. Only ``use`` decides."""
    query = select(Link).where(
        Link.token_hash == token_hash(token),
        Link.kind.in_(kinds),
        Link.used_at.is_(None),
        Link.expires_at > clock.now(),
    )
    link = await session.scalar(query)
    if link is None:
        raise LinkInvalid
    return link


async def use(session: db.Session, token: str, *kinds: Kind) -> Link:
    """Use a link up, in the transaction of what it allows; raises LinkInvalid for whoever comes second."""
    now = clock.now()
    used = (
        update(Link)
        .where(
            Link.token_hash == token_hash(token),
            Link.kind.in_(kinds),
            Link.used_at.is_(None),
            Link.expires_at > now,
        )
        .values(used_at=now)
        .returning(Link)
    )
    link = (await session.execute(used)).scalar_one_or_none()
    if link is None:
        raise LinkInvalid
    return link


async def take_back(session: db.Session, account_id: int | None, *kinds: Kind) -> None:
    """Make a person's unused links of these kinds worthless; ``None`` means links that belong to nobody yet."""
    mine = Link.account_id.is_(None) if account_id is None else Link.account_id == account_id
    await session.execute(
        update(Link).where(mine, Link.kind.in_(kinds), Link.used_at.is_(None)).values(used_at=clock.now())
    )


async def sweep(session: db.Session) -> None:
    """Forget links that ended some days ago."""
    await session.execute(delete(Link).where(Link.expires_at < clock.now() - KEEP))
