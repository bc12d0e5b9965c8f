"""The inbox as its owner reads it: pages, filters, what is unread, and news by the event stream."""

import asyncio
from datetime import timedelta
from types import ModuleType

import httpx
import pytest
from sqlalchemy import select

from community import MakeMember, Member, code
from nonet.core import db, jobs, realtime
from nonet.inbox import page
from nonet.inbox import service as inbox
from nonet.inbox.tables import Notification


async def tell(to: Member, kind: inbox.Kind, by: Member, subject_id: int = 7, group_key: str | None = None) -> None:
    async with db.transaction() as session:
        await inbox.notify(
            session,
            to.id,
            kind,
            actor_id=by.id,
            subject_kind="video",
            subject_id=subject_id,
            group_key=group_key,
            details={"excerpt": "Filled by ear"},
        )


async def test_an_item_says_who_did_what_to_what(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    await tell(juno, "commented", ines)
    [item] = (await juno.client.get("/api/v1/inbox")).json()["items"]
    assert item["actors"] == [{"id": str(ines.id), "handle": "ines", "name": "ines", "avatar_url": None}]
    assert {name: item[name] for name in ("kind", "count", "subject_kind", "subject_id", "details", "read")} == {
        "kind": "commented",
        "count": 1,
        "subject_kind": "video",
        "subject_id": "7",
        "details": {"excerpt": "Filled by ear"},
        "read": False,
    }


async def test_pages_neither_repeat_nor_skip_and_what_gathers_comes_first(
    member: MakeMember, monkeypatch: pytest.MonkeyPatch, frozen_clock: ModuleType
) -> None:
    monkeypatch.setattr(page, "PAGE", 2)
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    for number in range(5):
        await tell(juno, "liked", ines, number, f"liked:{number}")
        frozen_clock.advance(timedelta(seconds=1))
    await tell(juno, "liked", oro, 1, "liked:1")
    seen, cursor = [], None
    while True:
        found = (await juno.client.get("/api/v1/inbox", params={"cursor": cursor} if cursor else {})).json()
        seen += [int(each["subject_id"]) for each in found["items"]]
        cursor = found["next"]
        if cursor is None:
            break
    assert seen == [1, 4, 3, 2, 0]
    assert code(await juno.client.get("/api/v1/inbox?cursor=x")) == "cursor_invalid"


async def test_a_filter_shows_one_sort_and_messages_stand_elsewhere(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    for kind in ("liked", "commented", "mentioned", "followed", "message", "message_requested"):
        await tell(juno, kind, ines)
    shown = {
        which: [each["kind"] for each in (await juno.client.get(f"/api/v1/inbox?filter={which}")).json()["items"]]
        for which in ("all", "likes", "comments", "mentions", "follows", "notices")
    }
    assert shown == {
        "all": ["followed", "mentioned", "commented", "liked"],
        "likes": ["liked"],
        "comments": ["commented"],
        "mentions": ["mentioned"],
        "follows": ["followed"],
        "notices": [],
    }
    assert (await juno.client.get("/api/v1/inbox/unread")).json() == {
        "notifications": 4,
        "messages": 2,
        "requests": 0,
    }
    assert code(await juno.client.get("/api/v1/inbox?filter=weather")) == "invalid"


async def test_reading_up_to_a_row_leaves_what_came_after_it_unread(
    member: MakeMember, frozen_clock: ModuleType
) -> None:
    juno, ines = await member("juno"), await member("ines")
    for number in range(3):
        await tell(juno, "liked", ines, number)
        frozen_clock.advance(timedelta(seconds=1))
    rows = (await juno.client.get("/api/v1/inbox")).json()["items"]
    unread = (await juno.client.post("/api/v1/inbox/read", json={"up_to": rows[1]["id"]})).json()
    assert unread["notifications"] == 1
    assert [each["read"] for each in (await juno.client.get("/api/v1/inbox")).json()["items"]] == [False, True, True]


async def test_nobody_reads_or_marks_anothers_inbox(client: httpx.AsyncClient, member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    await tell(juno, "liked", ines)
    [row] = (await juno.client.get("/api/v1/inbox")).json()["items"]
    assert (await ines.client.get("/api/v1/inbox")).json()["items"] == []
    await ines.client.post("/api/v1/inbox/read", json={"up_to": row["id"]})
    assert (await juno.client.get("/api/v1/inbox/unread")).json()["notifications"] == 1
    for path in ("inbox", "inbox/unread", "push/choices"):
        assert code(await client.get(f"/api/v1/{path}")) == "sign_in_needed"


async def test_a_conversation_that_was_opened_is_no_news(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    await tell(juno, "message", ines, 9, "message:9")
    async with db.transaction() as session:
        await inbox.read_group(session, juno.id, "message:9")
    assert (await juno.client.get("/api/v1/inbox/unread")).json()["messages"] == 0
    await tell(juno, "message", ines, 9, "message:9")
    assert (await juno.client.get("/api/v1/inbox/unread")).json()["messages"] == 1


async def test_an_open_page_is_told_that_there_is_news(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    with realtime.hub.stream(juno.id) as queue:
        await tell(juno, "liked", ines)
        await realtime.flush()
        async with asyncio.timeout(5):
            assert await queue.get() == {"type": "inbox"}


async def test_what_is_half_a_year_old_is_forgotten(member: MakeMember, frozen_clock: ModuleType) -> None:
    juno, ines = await member("juno"), await member("ines")
    await tell(juno, "liked", ines, 1)
    frozen_clock.advance(timedelta(days=181))
    await tell(juno, "liked", ines, 2)
    async with db.transaction() as session:
        await jobs.enqueue(session, "inbox.sweep_due", {})
    await jobs.drain()
    async with db.transaction() as session:
        assert list(await session.scalars(select(Notification.subject_id))) == [2]
