"""Archives of one's data: made once, fetched by their owner alone, resumed where a line broke, gone when they end."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from community import Drain, MakeMember, Member, code
from nonet import export
from nonet.accounts import exports, service
from nonet.core import db, jobs, realtime, settings, storage


async def made(of: Member, drain: Drain) -> dict[str, Any]:
    await of.client.post("/api/v1/me/export")
    await drain()
    found: dict[str, Any] = (await of.client.get("/api/v1/me/export")).json()["items"][0]
    return found


def left_behind() -> list[Path]:
    return list(settings.load().folder("spool").glob("export-*"))


async def test_asking_twice_makes_one_archive(member: MakeMember) -> None:
    juno = await member("juno")
    asked = await asyncio.gather(*(juno.client.post("/api/v1/me/export") for _ in range(3)))
    assert {each.status_code for each in asked} == {202}
    assert len({each.json()["id"] for each in asked}) == 1


async def test_an_archive_is_fetched_by_its_owner_alone(
    client: httpx.AsyncClient, member: MakeMember, drain: Drain
) -> None:
    juno, ines = await member("juno"), await member("ines")
    archive = await made(juno, drain)
    assert code(await client.get(archive["archive_url"])) == "sign_in_needed"
    assert code(await ines.client.get(archive["archive_url"])) == "not_found"
    assert code(await juno.client.get("/api/v1/me/export/1/archive")) == "not_found"
    assert code(await juno.client.get("/api/v1/me/export/x/archive")) == "not_found"
    fetched = await juno.client.get(archive["archive_url"])
    assert fetched.headers["content-type"] == "application/zip"
    assert fetched.headers["cache-control"] == "no-store"
    assert 'filename="nonet-juno-' in fetched.headers["content-disposition"]
    assert zipfile.ZipFile(io.BytesIO(fetched.content)).testzip() is None
    assert (await ines.client.get("/api/v1/me/export")).json()["items"] == []
    told = (await juno.client.get("/api/v1/inbox")).json()["items"]
    assert [(each["kind"], each["subject_id"], each["actors"]) for each in told] == [
        ("export_ready", archive["id"], [])
    ]


async def test_a_broken_line_goes_on_where_it_ended(member: MakeMember, drain: Drain) -> None:
    juno = await member("juno")
    archive = await made(juno, drain)
    whole = (await juno.client.get(archive["archive_url"])).content
    rest = await juno.client.get(archive["archive_url"], headers={"range": "bytes=100-"})
    assert (rest.status_code, rest.content) == (206, whole[100:])
    assert rest.headers["content-range"] == f"bytes 100-{len(whole) - 1}/{len(whole)}"
    some = await juno.client.get(archive["archive_url"], headers={"range": "bytes=5-9"})
    assert some.content == whole[5:10]
    for nonsense in ("bytes=9-5", f"bytes={len(whole)}-", "bytes=-5", "lines=1-2", "bytes=1-2,4-5"):
        assert (await juno.client.get(archive["archive_url"], headers={"range": nonsense})).status_code == 200


@given(st.integers(1, 10**12), st.text(max_size=30) | st.from_regex(r"bytes=\d{1,13}-(\d{1,13})?", fullmatch=True))
def test_whatever_is_asked_for_the_bytes_are_inside_the_archive(size: int, header: str) -> None:
    part = exports.piece(size, header)
    assert 0 <= part.start < part.end <= size == part.size


async def test_a_newer_archive_takes_the_place_of_the_one_before(member: MakeMember, drain: Drain) -> None:
    juno = await member("juno")
    first, second = await made(juno, drain), await made(juno, drain)
    assert code(await juno.client.get(first["archive_url"])) == "not_found"
    assert [each["id"] for each in (await juno.client.get("/api/v1/me/export")).json()["items"]] == [second["id"]]


async def test_an_archive_goes_when_its_days_are_over(
    member: MakeMember, drain: Drain, frozen_clock: ModuleType
) -> None:
    juno = await member("juno")
    archive = await made(juno, drain)
    objects = storage.open(settings.load().objects_url)
    key = exports.key(int(archive["id"]))
    assert await objects.head(key) is not None
    frozen_clock.advance(timedelta(days=7))
    assert code(await juno.client.get(archive["archive_url"])) == "not_found"
    async with db.transaction() as session:
        await jobs.enqueue(session, "accounts.sweep_due", {})
    await drain()
    assert await objects.head(key) is None
    assert (await juno.client.get("/api/v1/me/export")).json()["items"] == []


async def test_someone_suspended_takes_their_data_along(member: MakeMember, drain: Drain) -> None:
    juno = await member("juno")
    async with db.transaction() as session:
        await service.suspend(session, juno.id)
    assert (await juno.client.get((await made(juno, drain))["archive_url"])).status_code == 200


async def test_an_archive_that_could_not_be_made_is_said_to_have_failed_and_leaves_nothing_behind(
    member: MakeMember, drain: Drain, frozen_clock: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(session: db.Session, account_id: int) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        yield "first", {"account_id": account_id, "session": session.is_active}
        raise OSError("the disk is away")

    juno = await member("juno")
    with monkeypatch.context() as patched:
        patched.setitem(export.LISTS, "people", broken)
        await juno.client.post("/api/v1/me/export")
        for _ in range(4):
            await drain()
            frozen_clock.advance(timedelta(minutes=10))
    [failed] = (await juno.client.get("/api/v1/me/export")).json()["items"]
    assert (failed["state"], failed["archive_url"]) == ("failed", None)
    assert code(await juno.client.get(f"/api/v1/me/export/{failed['id']}/archive")) == "archive_not_ready"
    assert left_behind() == []
    assert (await made(juno, drain))["state"] == "ready"


async def test_an_archive_is_refused_a_disk_that_has_no_room(
    member: MakeMember, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    juno = await member("juno")
    monkeypatch.setenv("NONET_DISK_FLOOR_MB", str(1 << 40))
    settings.load.cache_clear()
    try:
        await juno.client.post("/api/v1/me/export")
        await drain()
    finally:
        monkeypatch.undo()
        settings.load.cache_clear()
    [waiting] = (await juno.client.get("/api/v1/me/export")).json()["items"]
    assert waiting["state"] == "waiting"


async def test_lists_of_any_length_are_whole_json(
    member: MakeMember, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def many(session: db.Session, account_id: int) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        _ = session
        for number in range(1203):
            yield "numbers", {"number": number, "of": str(account_id), "text": '\u2028 \U0001f3b5 \\ "'}
        yield "after", {"empty": None}

    juno = await member("juno")
    monkeypatch.setitem(export.LISTS, "people", many)
    fetched = await juno.client.get((await made(juno, drain))["archive_url"])
    with zipfile.ZipFile(io.BytesIO(fetched.content)) as archive:
        numbers = json.loads(archive.read("people/numbers.json"))
        assert [each["number"] for each in numbers] == list(range(1203))
        assert json.loads(archive.read("people/after.json")) == [{"empty": None}]


async def test_the_owner_is_told_how_far_it_is(member: MakeMember, drain: Drain) -> None:
    told: list[dict[str, Any]] = []
    juno = await member("juno")
    with realtime.hub.stream(juno.id) as queue:
        await made(juno, drain)
        await realtime.flush()
        async with asyncio.timeout(5):
            while not told or told[-1].get("state") != "ready":
                news = await queue.get()
                assert news is not None
                if news["type"] == "export":
                    told.append(news)
    assert [each["done"] for each in told] == sorted(each["done"] for each in told)
    assert told[-1]["done"] == told[-1]["total"]
