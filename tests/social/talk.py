"""What tests of conversations do again and again: open one, write, read, follow, look who was told."""

from datetime import date
from typing import Any

import httpx
from sqlalchemy import select, update

from community import Member
from nonet.accounts.tables import Account
from nonet.core import db
from nonet.inbox.tables import Notification

Shown = dict[str, Any]


async def opened(who: Member, *others: Member, title: str = "") -> httpx.Response:
    form = {"handles": [each.handle for each in others], "title": title}
    return await who.client.post("/api/v1/threads", json=form)


async def open_thread(who: Member, *others: Member, title: str = "") -> str:
    answer = await opened(who, *others, title=title)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def send(who: Member, thread: str, text: str = "Hello", **form: Any) -> httpx.Response:
    return await who.client.post(f"/api/v1/threads/{thread}/messages", json={"text": text, **form})


async def say(who: Member, thread: str, text: str = "Hello", **form: Any) -> Shown:
    answer = await send(who, thread, text, **form)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def heard(who: Member, thread: str) -> list[str]:
    """What someone reads of a conversation, the oldest first."""
    found: list[str] = []
    query: dict[str, str] = {}
    while True:
        answer = await who.client.get(f"/api/v1/threads/{thread}/messages", params=query)
        assert answer.status_code == 200, answer.text
        found += [each["text"] for each in answer.json()["items"]]
        if answer.json()["next"] is None:
            return found[::-1]
        query = {"cursor": answer.json()["next"]}


async def listed(who: Member, state: str = "in") -> list[Shown]:
    return list((await who.client.get("/api/v1/threads", params={"state": state})).json()["items"])


async def follow(who: Member, whom: Member) -> None:
    assert (await who.client.put(f"/api/v1/people/{whom.handle}/follow")).status_code == 200


async def young(who: Member) -> Member:
    async with db.transaction() as session:
        born = date(date.today().year - 15, 1, 1)  # noqa: DTZ011 - a birth date, not a moment
        await session.execute(update(Account).where(Account.id == who.id).values(birth_date=born))
    return who


async def told(who: Member) -> list[str]:
    async with db.transaction() as session:
        query = select(Notification.kind).where(Notification.account_id == who.id, Notification.read_at.is_(None))
        return list(await session.scalars(query.order_by(Notification.id)))
