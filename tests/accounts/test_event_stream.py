"""The stream of one person's news: over a real socket, since it never ends by itself."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from community import Browser, MakeMember, Member, code
from nonet.accounts import stream
from nonet.core import db, realtime


class Stream:
    """An open stream: its events one by one, None once it has ended."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self) -> tuple[str, Any] | None:
        name = ""
        async with asyncio.timeout(10):
            async for line in self._lines:
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    return name, json.loads(line.removeprefix("data: "))
                elif line.startswith(":"):
                    return "comment", line
        return None


@asynccontextmanager
async def opened(served: str, someone: Member) -> AsyncIterator[Stream]:
    headers = {"host": "localhost:8080", "cookie": f"nonet={someone.client.cookies['nonet']}"}
    async with (
        httpx.AsyncClient(timeout=10) as client,
        client.stream("GET", f"{served}/api/v1/stream", headers=headers) as answer,
    ):
        yield Stream(answer)


async def test_a_stream_greets_and_then_tells_its_own_person_alone(served: str, member: MakeMember) -> None:
    juno, marlow = await member("juno"), await member("marlow")
    async with opened(served, juno) as hers, opened(served, marlow) as his:
        assert hers.answer.headers["content-type"].startswith("text/event-stream")
        assert hers.answer.headers["cache-control"] == "no-store"
        assert [await hers.next(), await his.next()] == [("hello", {})] * 2
        async with db.transaction() as session:
            realtime.tell(session, marlow.id, {"type": "upload", "video_id": "7", "upload_id": "8"})
            realtime.tell(session, juno.id, {"type": "progress", "step": "sizes", "progress": 0.5})
        assert await hers.next() == ("progress", {"step": "sizes", "progress": 0.5})
        assert await his.next() == ("upload", {"video_id": "7", "upload_id": "8"})


async def test_a_stream_needs_a_signed_in_person(client: httpx.AsyncClient) -> None:
    assert code(await client.get("/api/v1/stream")) == "sign_in_needed"


async def test_a_stream_ends_with_its_session_and_no_other_does(
    served: str, member: MakeMember, browser: Browser
) -> None:
    juno = await member("juno")
    phone = Member(juno.id, juno.handle, browser())
    await phone.client.post("/api/v1/session", json={"login": "juno", "password": "violet harbour rain"})
    async with opened(served, juno) as here, opened(served, phone) as there:
        assert [await here.next(), await there.next()] == [("hello", {})] * 2
        await juno.client.delete("/api/v1/me/sessions")
        assert await there.next() is None
        async with db.transaction() as session:
            realtime.tell(session, juno.id, {"type": "upload", "video_id": "7"})
        assert await here.next() == ("upload", {"video_id": "7"})


async def test_streams_end_when_the_process_drains(served: str, member: MakeMember) -> None:
    async with opened(served, await member("juno")) as mine:
        assert await mine.next() == ("hello", {})
        realtime.hub.end()
        assert await mine.next() is None


async def test_a_stream_opened_while_the_process_drains_ends_at_once(
    served: str, member: MakeMember, app: FastAPI
) -> None:
    app.state.draining = True
    async with opened(served, await member("juno")) as mine:
        assert [await mine.next(), await mine.next()] == [("hello", {}), None]


async def test_silence_is_broken_by_comments(served: str, member: MakeMember, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PING_S", 0.01)
    async with opened(served, await member("juno")) as mine:
        assert [await mine.next(), await mine.next()] == [("hello", {}), ("comment", ": ping")]


async def test_a_ninth_stream_ends_the_oldest(served: str, member: MakeMember, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STREAMS_MOST", 2)
    juno = await member("juno")
    async with opened(served, juno) as first, opened(served, juno) as second:
        assert [await first.next(), await second.next()] == [("hello", {})] * 2
        async with opened(served, juno) as third:
            assert await third.next() == ("hello", {})
            assert await first.next() is None
            async with db.transaction() as session:
                realtime.tell(session, juno.id, {"type": "upload"})
            assert [await second.next(), await third.next()] == [("upload", {})] * 2


async def test_open_streams_hold_no_connection_of_the_database(served: str, member: MakeMember) -> None:
    members = [await member(f"juno{n}") for n in range(db.POOL_SIZE * 2 + 4)]
    async with asyncio.TaskGroup() as group:
        done, open_ones = asyncio.Event(), 0

        async def watch(someone: Member) -> None:
            nonlocal open_ones
            async with opened(served, someone) as mine:
                assert await mine.next() == ("hello", {})
                open_ones += 1
                await done.wait()

        for each in members:
            group.create_task(watch(each))
        async with asyncio.timeout(10):
            while open_ones < len(members):  # noqa: ASYNC110 - each stream counts itself
                await asyncio.sleep(0.01)
        assert (await members[0].client.get("/api/v1/me")).status_code == 200
        done.set()
