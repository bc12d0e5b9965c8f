"""People of the tests, plainly fictional, and what their tests read of an answer or a mail."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from sqlalchemy import select

from nonet.core import db, mail

PASSWORD = "violet harbour rain"
CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36"
)
NOW = datetime(2026, 11, 22, 15, 20, tzinfo=UTC)


@dataclass
class Member:
    """Someone with an account, and their browser, which is signed in."""

    id: int
    handle: str
    client: httpx.AsyncClient

    @property
    def email(self) -> str:
        return f"{self.handle}@example.org"


Browser = Callable[..., httpx.AsyncClient]
"""``browser(address="127.0.0.1", user_agent=CHROME)`` opens a browser that isn't signed in."""
MakeMember = Callable[..., Awaitable[Member]]
"""``await member("juno", role="operator")`` makes an account, its address confirmed, and signs its browser in."""
Drain = Callable[[], Awaitable[int]]


def form(handle: str = "juno", **changes: Any) -> dict[str, Any]:
    """What someone types to sign up."""
    typed = {"handle": handle, "email": f"{handle}@example.org", "password": PASSWORD, "birth_date": "1990-05-17"}
    return typed | changes


def code(answer: httpx.Response) -> str:
    """The code of a refusal."""
    assert answer.status_code >= 400, answer.text
    return str(answer.json()["error"]["code"])


async def mails(to: str) -> list[mail.Mail]:
    """The mails an address was sent, the oldest first."""
    async with db.transaction() as session:
        found = await session.scalars(select(mail.Mail).where(mail.Mail.recipient == to).order_by(mail.Mail.id))
        return list(found)


def token_in(letter: mail.Mail) -> str:
    """The token of the link in a mail."""
    found = re.search(r"/(?:verify|reset|setup)/([A-Za-z0-9_-]{43})\b", letter.body)
    assert found, letter.body
    return found[1]
