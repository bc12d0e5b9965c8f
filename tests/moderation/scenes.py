"""What tests of moderation do again and again: make things, report, find the case, decide, read the inbox."""

from typing import Any

import httpx
from sqlalchemy import select

from community import Member
from nonet.core import db, ids
from nonet.inbox.tables import Notification
from nonet.social.tables import Comment, Message, Playlist, Thread, ThreadMember

REASON = "It shows a child's address."


async def comment(video_id: int, author_id: int, text: str, parent_id: int = 0) -> int:
    """Put a comment into the database; give its id."""
    made = Comment(id=ids.new(), video_id=video_id, author_id=author_id, parent_id=parent_id, text=text)
    async with db.transaction() as session:
        session.add(made)
    return made.id


async def conversation(*people: int, texts: list[str]) -> list[int]:
    """Put a conversation into the database, its messages by the people in turn; give the messages' ids."""
    thread = Thread(id=ids.new(), made_by=people[0])
    async with db.transaction() as session:
        session.add(thread)
        await session.flush()
        session.add_all([ThreadMember(thread_id=thread.id, account_id=each) for each in people])
        made = [
            Message(id=ids.new(), thread_id=thread.id, author_id=people[n % len(people)], text=text)
            for n, text in enumerate(texts)
        ]
        session.add_all(made)
        thread.last_id = made[-1].id
    return [each.id for each in made]


async def playlist(owner_id: int, title: str, visibility: str = "public") -> int:
    """Put a list of videos into the database; give its id."""
    made = Playlist(id=ids.new(), owner_id=owner_id, title=title, visibility=visibility)
    async with db.transaction() as session:
        session.add(made)
    return made.id


async def report(by: Member, kind: str, subject_id: int, category: str = "privacy", text: str = "") -> httpx.Response:
    """Report something."""
    form = {"kind": kind, "id": str(subject_id), "category": category, "text": text}
    return await by.client.post("/api/v1/reports", json=form)


async def queue(moderator: Member, state: str = "open") -> list[dict[str, Any]]:
    """Give the cases of a state, in the order of the queue."""
    answer = await moderator.client.get("/api/v1/moderation/cases", params={"state": state})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def decide(moderator: Member, case_id: str, action: str, **changes: Any) -> httpx.Response:
    """Decide a case."""
    form = {"action": action, "rule": "privacy", "statement": REASON} | changes
    return await moderator.client.post(f"/api/v1/moderation/cases/{case_id}/decisions", json=form)


async def reported(by: Member, moderator: Member, kind: str, subject_id: int) -> str:
    """Report something and give the case that is open for it."""
    assert (await report(by, kind, subject_id)).status_code == 201
    return str(next(each["id"] for each in await queue(moderator) if each["subject_id"] == str(subject_id)))


async def my_decisions(person: Member) -> list[dict[str, Any]]:
    """Give what was decided of a person, as they read it."""
    items: list[dict[str, Any]] = (await person.client.get("/api/v1/me/decisions")).json()["items"]
    return items


async def appeal(person: Member, decision_id: str, text: str = "It is my own address.") -> httpx.Response:
    """Object to a decision."""
    return await person.client.post(f"/api/v1/decisions/{decision_id}/appeal", json={"text": text})


async def judge(moderator: Member, appeal_id: str, *, uphold: bool) -> httpx.Response:
    """Decide an appeal."""
    form = {"uphold": uphold, "statement": "Looked at again."}
    return await moderator.client.post(f"/api/v1/moderation/appeals/{appeal_id}/decision", json=form)


async def told(account_id: int) -> list[tuple[str, str, str]]:
    """Give what a person's inbox holds of decisions: kind, side, action."""
    async with db.transaction() as session:
        rows = await session.scalars(
            select(Notification).where(Notification.account_id == account_id).order_by(Notification.id)
        )
        return [(row.kind, row.details["side"], row.details["action"]) for row in rows if "side" in row.details]


async def state_of(person: Member) -> int:
    """Give the status that a person's own list of sessions is answered with: 200, or 403 when they are suspended."""
    return (await person.client.get("/api/v1/me/sessions")).status_code
