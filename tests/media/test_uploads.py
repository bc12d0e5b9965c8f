import base64
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.core import db, errors, prefs
from nonet.media import routes, uploads

TUS = {"tus-resumable": "1.0.0"}
OCTETS = {**TUS, "content-type": "application/offset+octet-stream"}

Join = Callable[..., Awaitable[Any]]


def meta(**pairs: str) -> str:
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in pairs.items())


async def begin(client: httpx.AsyncClient, size: int, **pairs: str) -> httpx.Response:
    headers = {**TUS, "upload-length": str(size), "upload-metadata": meta(filename="clip.mp4", **pairs)}
    return await client.post("/api/v1/uploads", headers=headers)


async def send(client: httpx.AsyncClient, location: str, offset: int, data: bytes, **more: str) -> httpx.Response:
    headers = {**OCTETS, "upload-offset": str(offset), **{k.replace("_", "-"): v for k, v in more.items()}}
    return await client.patch(location, headers=headers, content=data)


async def offset(client: httpx.AsyncClient, location: str) -> int:
    answer = await client.head(location, headers=TUS)
    assert answer.status_code == 200
    return int(answer.headers["upload-offset"])


@pytest.fixture
async def client(member: Join) -> httpx.AsyncClient:
    found: httpx.AsyncClient = (await member("juno")).client
    return found


def code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


async def test_the_server_says_what_its_tus_can_do(client: httpx.AsyncClient) -> None:
    answer = await client.options("/api/v1/uploads")
    assert answer.status_code == 204
    assert answer.headers["tus-version"] == "1.0.0"
    wanted = {"creation", "creation-with-upload", "expiration", "checksum", "termination"}
    assert wanted <= set(answer.headers["tus-extension"].split(","))
    assert "sha256" in answer.headers["tus-checksum-algorithm"]


async def test_an_upload_goes_on_from_its_offset_and_holds_every_byte(client: httpx.AsyncClient) -> None:
    location = (await begin(client, 10)).headers["location"]
    assert (await send(client, location, 0, b"abcd")).headers["upload-offset"] == "4"
    assert await offset(client, location) == 4
    assert (await send(client, location, 4, b"efgh")).status_code == 204
    upload_id = int(location.rsplit("/", 1)[1])
    assert uploads.spool_path(upload_id).read_bytes() == b"abcdefgh"
    mine = (await client.get(location)).json()
    assert mine["upload"]["state"] == "receiving"
    assert [s["step"] for s in mine["upload"]["steps"]][:2] == ["receive", "verify"]
    assert mine["upload"]["steps"][0]["progress"] == 0.8


async def test_the_first_bytes_may_come_with_the_creation(client: httpx.AsyncClient) -> None:
    headers = {**OCTETS, "upload-length": "4", "upload-metadata": meta(filename="a.mp4")}
    answer = await client.post("/api/v1/uploads", headers=headers, content=b"abcd")
    assert answer.status_code == 201
    assert answer.headers["upload-offset"] == "4"


async def test_a_wrong_offset_is_refused_with_the_right_one(client: httpx.AsyncClient) -> None:
    location = (await begin(client, 10)).headers["location"]
    await send(client, location, 0, b"abcd")
    answer = await send(client, location, 2, b"cdef")
    assert answer.status_code == 409
    assert code(answer) == "wrong_offset"
    assert answer.headers["upload-offset"] == "4"


async def test_more_than_was_declared_is_refused_and_what_is_safe_stays(client: httpx.AsyncClient) -> None:
    location = (await begin(client, 4)).headers["location"]
    assert (await send(client, location, 0, b"abcdefgh")).status_code == 409
    assert await offset(client, location) == 0


async def test_a_piece_that_fails_its_checksum_is_not_kept(client: httpx.AsyncClient) -> None:
    location = (await begin(client, 8)).headers["location"]
    right = "sha256 " + base64.b64encode(hashlib.sha256(b"abcd").digest()).decode()
    assert (await send(client, location, 0, b"abcx", upload_checksum=right)).status_code == 460
    assert await offset(client, location) == 0
    assert (await send(client, location, 0, b"abcd", upload_checksum=right)).status_code == 204
    assert await offset(client, location) == 4


async def test_a_file_that_differs_from_the_declared_hash_never_becomes_a_video(
    client: httpx.AsyncClient, drain: Callable[[], Awaitable[int]]
) -> None:
    location = (await begin(client, 4, sha256=hashlib.sha256(b"something else").hexdigest())).headers["location"]
    await send(client, location, 0, b"abcd")
    await drain()
    upload = (await client.get(location)).json()["upload"]
    assert (upload["state"], upload["code"]) == ("failed", "checksum_mismatch")


async def test_a_line_that_dies_leaves_what_came_through(client: httpx.AsyncClient) -> None:
    location = (await begin(client, 8)).headers["location"]

    async def dying() -> AsyncIterator[bytes]:
        yield b"abcd"
        raise httpx.ReadError("the line is dead")

    with pytest.raises(httpx.ReadError):
        await client.patch(location, headers={**OCTETS, "upload-offset": "0"}, content=dying())
    upload_id = int(location.rsplit("/", 1)[1])
    async with db.transaction() as session:
        upload = await session.get_one(uploads.Upload, upload_id)
    assert upload.offset_bytes in {0, 4}  # a piece is recorded whole or not at all


async def test_a_newer_connection_takes_over_from_one_that_hangs(client: httpx.AsyncClient) -> None:
    location = (await begin(client, 8)).headers["location"]
    began, go_on = anyio.Event(), anyio.Event()
    answers: list[httpx.Response] = []

    async def hanging() -> AsyncIterator[bytes]:
        yield b"ab"
        began.set()
        await go_on.wait()
        yield b"cd"

    async def old() -> None:
        answers.append(await client.patch(location, headers={**OCTETS, "upload-offset": "0"}, content=hanging()))

    async with anyio.create_task_group() as group:
        group.start_soon(old)
        await began.wait()
        newer = await send(client, location, 0, b"abcdef")
        go_on.set()
    assert newer.headers["upload-offset"] == "6"
    assert code(answers[0]) == "upload_taken_over"
    assert await offset(client, location) == 6


async def test_an_upload_that_is_given_up_is_gone_with_its_bytes(client: httpx.AsyncClient) -> None:
    location = (await begin(client, 8)).headers["location"]
    await send(client, location, 0, b"abcd")
    assert (await client.delete(location, headers=TUS)).status_code == 204
    assert not uploads.spool_path(int(location.rsplit("/", 1)[1])).exists()
    assert (await client.head(location, headers=TUS)).status_code == 410


async def test_an_upload_expires_after_a_week_of_silence(client: httpx.AsyncClient, frozen_clock: ModuleType) -> None:
    location = (await begin(client, 8)).headers["location"]
    frozen_clock.advance(uploads.LIFE + timedelta(minutes=1))
    async with db.transaction() as session:
        await uploads.sweep(session)
    assert code(await send(client, location, 0, b"abcd")) == "upload_expired"
    assert (await client.get(location)).json()["upload"]["state"] == "expired"


async def test_nobody_reaches_the_upload_of_another(client: httpx.AsyncClient, member: Join) -> None:
    location = (await begin(client, 8)).headers["location"]
    other = (await member("ilse")).client
    assert (await other.head(location, headers=TUS)).status_code == 404
    assert (await send(other, location, 0, b"abcd")).status_code == 404
    assert (await other.delete(location, headers=TUS)).status_code == 404
    assert (await other.get(location)).status_code == 404


async def test_a_full_disk_refuses_an_upload_before_its_first_byte(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NONET_DISK_FLOOR_MB", str(1 << 40))
    uploads.settings.load.cache_clear()
    answer = await begin(client, 8)
    monkeypatch.undo()
    uploads.settings.load.cache_clear()
    assert answer.status_code == 507
    assert code(answer) == "storage_full"
    assert (await client.get("/api/v1/instance")).status_code == 200


async def test_a_quota_counts_open_uploads_too(client: httpx.AsyncClient) -> None:
    async with db.transaction() as session:
        await prefs.put(session, "quota_person_bytes", 100)
    assert (await begin(client, 60)).status_code == 201
    answer = await begin(client, 60)
    assert (answer.status_code, code(answer)) == (413, "quota_exceeded")


async def test_a_file_over_the_limit_is_refused_by_its_declared_size(client: httpx.AsyncClient) -> None:
    async with db.transaction() as session:
        await prefs.put(session, "upload_max_bytes", 1024)
    answer = await begin(client, 1025)
    assert (answer.status_code, code(answer)) == (413, "upload_too_large")


async def test_a_draft_keeps_its_caption_when_the_upload_fails(
    client: httpx.AsyncClient, drain: Callable[[], Awaitable[int]]
) -> None:
    location = (await begin(client, 4)).headers["location"]
    await client.put(f"{location}/draft", json={"caption": "Rain on the tram", "publish": True})
    await send(client, location, 0, b"abcd")
    await drain()
    mine = (await client.get(location)).json()
    assert mine["caption"] == "Rain on the tram"
    assert mine["upload"]["state"] == "failed"
    assert mine["upload"]["code"] in {"not_video", "unreadable"}
    assert mine["upload"]["sentence"]


async def test_an_upload_without_a_page_behind_it_still_has_one_draft(
    client: httpx.AsyncClient, drain: Callable[[], Awaitable[int]]
) -> None:
    location = (await begin(client, 4)).headers["location"]
    await drain()
    await client.put(f"{location}/draft", json={"caption": "Later"})
    items = (await client.get("/api/v1/me/videos")).json()["items"]
    assert [v["caption"] for v in items] == ["Later"]


async def test_deleting_a_video_takes_its_upload_along(client: httpx.AsyncClient) -> None:
    location = (await begin(client, 8)).headers["location"]
    await send(client, location, 0, b"abcd")
    video_id = (await client.get(location)).json()["id"]
    assert (await client.delete(f"/api/v1/videos/{video_id}")).status_code == 204
    assert (await client.head(location, headers=TUS)).status_code == 404
    assert not uploads.spool_path(int(location.rsplit("/", 1)[1])).exists()


@pytest.mark.parametrize(
    "headers",
    [
        {**TUS, "upload-length": "-1"},
        {**TUS, "upload-length": "1e9"},
        {**TUS},
        {**TUS, "upload-length": "5", "upload-metadata": "filename %%%"},
        {**TUS, "upload-length": "5", "upload-metadata": meta(sha256="zz")},
    ],
)
async def test_malformed_headers_are_refused_by_name(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.post("/api/v1/uploads", headers=headers)
    assert (answer.status_code, code(answer)) == (400, "tus_invalid")


async def test_another_version_of_tus_is_refused(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/uploads", headers={"upload-length": "5", "tus-resumable": "0.2.2"})
    assert (answer.status_code, answer.headers["tus-version"]) == (412, "1.0.0")


@given(st.text(max_size=300))
def test_metadata_of_any_shape_is_read_or_refused(text: str) -> None:
    try:
        found = routes.metadata(text)
    except errors.Refusal:
        return
    assert all(isinstance(value, str) for value in found.values())


@given(st.text(max_size=300))
def test_a_file_name_shows_no_path_and_no_control_letter(text: str) -> None:
    name = routes.filename(text)
    assert 1 <= len(name) <= 120
    assert "/" not in name
    assert name.isprintable()
