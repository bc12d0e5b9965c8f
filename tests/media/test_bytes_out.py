"""The media role over HTTP: who may read what, in which parts, with which headers, at whose expense."""

import asyncio
import contextlib
import hashlib
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import asyncpg
import httpx
import pytest
import uvicorn
from sqlalchemy import update
from starlette.applications import Starlette

import seaweed
from nonet.core import clock, db, http, keys, realtime, server, settings, storage
from nonet.media.delivery import access, addresses, sending
from nonet.media.delivery import app as delivery
from nonet.media.tables import Asset

NAME = "540-aaaaaaaaaaaa.mp4"
FOLDER_KEY = "Kk0_-Kk0_-Kk0_-K"
DATA = hashlib.shake_128(b"a video").digest(5 << 19)


@pytest.fixture
def config(database: str, tmp_path: Path) -> settings.Settings:
    return settings.Settings(data_dir=tmp_path, database_url=database)


@pytest.fixture
async def objects(config: settings.Settings) -> storage.Storage:
    opened = storage.open(config.objects_url, config)
    for asset_id in (1, 2):
        await opened.put_bytes(f"assets/{asset_id}/{NAME}", DATA, "video/mp4")
    await opened.put_bytes("originals/1", b"the original", "video/mp4")
    await opened.put_bytes("open/avatar-9-bbbbbbbbbbbb.webp", b"a face", "image/webp")
    return opened


@pytest.fixture
async def assets(database: str) -> None:
    """Asset 1 is public, asset 2 is not."""
    _ = database
    async with db.transaction() as session:
        session.add_all(Asset(id=n, owner_id=7, folder_key=FOLDER_KEY, public=n == 1) for n in (1, 2))


@pytest.fixture
async def client(config: settings.Settings, objects: storage.Storage, assets: None) -> AsyncIterator[httpx.AsyncClient]:
    _ = objects, assets
    async with running(delivery.create_app(config)) as started:
        yield started


@contextlib.asynccontextmanager
async def running(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://media.test") as client:
            yield client


def public(asset_id: int, folder_key: str = FOLDER_KEY, name: str = NAME) -> str:
    return addresses.public_url("", asset_id, folder_key, name)


def signed(config: settings.Settings, asset_id: int, folder_key: str = FOLDER_KEY) -> str:
    key = keys.server_key(config)
    return addresses.signed_url("", asset_id, folder_key, NAME, key=key, now=clock.now())


async def until_status(client: httpx.AsyncClient, path: str, status: int, within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while (await client.get(path)).status_code != status:  # noqa: ASYNC110 - another process decides when
            await asyncio.sleep(0.01)


async def test_a_public_video_is_sent_whole_and_may_be_kept_for_ever(client: httpx.AsyncClient) -> None:
    answer = await client.get(public(1))
    assert (answer.status_code, answer.content) == (200, DATA)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-length"] == str(len(DATA))
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["etag"] == '"aaaaaaaaaaaa"'
    assert answer.headers["accept-ranges"] == "bytes"


async def test_pages_of_other_origins_may_read_it_and_none_may_be_built_from_it(client: httpx.AsyncClient) -> None:
    for path in (public(1), "/m/open/avatar-9-bbbbbbbbbbbb.webp", "/m/nothing"):
        headers = (await client.get(path)).headers
        assert headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in headers
        assert "content-range" in headers["access-control-expose-headers"].lower()
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_a_part_is_sent_as_a_part(client: httpx.AsyncClient) -> None:
    answer = await client.get(public(1), headers={"Range": "bytes=1048570-2097160"})
    assert (answer.status_code, answer.content) == (206, DATA[1048570:2097161])
    assert answer.headers["content-range"] == f"bytes 1048570-2097160/{len(DATA)}"


async def test_a_part_beyond_the_end_is_refused_with_the_size(client: httpx.AsyncClient) -> None:
    answer = await client.get(public(1), headers={"Range": f"bytes={len(DATA)}-"})
    assert (answer.status_code, answer.content) == (416, b"")
    assert answer.headers["content-range"] == f"bytes */{len(DATA)}"


async def test_head_tells_everything_but_the_bytes(client: httpx.AsyncClient) -> None:
    told, sent = await client.head(public(1)), await client.get(public(1))
    assert (told.status_code, told.content) == (200, b"")
    without = {"x-request-id"}
    assert {k: v for k, v in told.headers.items() if k not in without} == {
        k: v for k, v in sent.headers.items() if k not in without
    }


async def test_what_the_client_has_is_not_sent_again(client: httpx.AsyncClient) -> None:
    answer = await client.get(public(1), headers={"If-None-Match": '"aaaaaaaaaaaa"'})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == '"aaaaaaaaaaaa"'
    assert "content-length" not in answer.headers


async def test_a_browser_may_ask_before_it_asks_for_a_part(client: httpx.AsyncClient) -> None:
    answer = await client.options(
        public(1), headers={"Origin": "https://videos.example", "Access-Control-Request-Headers": "range"}
    )
    assert answer.status_code == 204
    assert "Range" in answer.headers["access-control-allow-headers"]
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"


async def test_nothing_can_be_changed_here(client: httpx.AsyncClient) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = await client.request(method, public(1))
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS"
    assert (await client.request("GET", public(1), content=b"body")).status_code == 413


async def test_types_follow_the_ending(client: httpx.AsyncClient, objects: storage.Storage) -> None:
    types = {
        "master-cccccccccccc.m3u8": "application/vnd.apple.mpegurl",
        "en-cccccccccccc.vtt": "text/vtt; charset=utf-8",
        "poster-cccccccccccc.jpg": "image/jpeg",
        "preview-cccccccccccc.webp": "image/webp",
    }
    for name, content_type in types.items():
        await objects.put_bytes(f"assets/1/{name}", b"x", content_type)
        assert (await client.get(public(1, name=name))).headers["content-type"] == content_type


async def test_a_file_that_is_to_be_kept_has_a_name_and_every_other_is_shown(
    client: httpx.AsyncClient, config: settings.Settings
) -> None:
    for address in (public(1), signed(config, 2)):
        kept = await client.get(addresses.save_url(address, "juno-7"), headers={"Range": "bytes=0-1"})
        assert (kept.status_code, kept.content) == (206, DATA[:2])
        assert kept.headers["content-disposition"] == 'attachment; filename="juno-7.mp4"'
        for query in ("", "?save=", "?save=..", "?save=a%22b", "?save=a/b", "?save=a&b", f"?save={'a' * 81}"):
            assert "content-disposition" not in (await client.get(address + query)).headers, query
    assert (await client.get(addresses.save_url(public(2), "juno-7"))).status_code == 404


async def test_a_private_video_has_no_plain_address(client: httpx.AsyncClient, config: settings.Settings) -> None:
    plain, by_signature = await client.get(public(2)), await client.get(signed(config, 2))
    assert plain.status_code == 404
    assert plain.headers["cache-control"] == "no-store"
    assert (by_signature.status_code, by_signature.content) == (200, DATA)
    kept, seconds = by_signature.headers["cache-control"].split("max-age=")
    assert kept == "private, "
    assert 0 < int(seconds.split(",")[0]) <= addresses.LIFETIME_S + 3600


async def test_a_signed_address_ends_with_its_time(
    client: httpx.AsyncClient, config: settings.Settings, frozen_clock: ModuleType
) -> None:
    url = signed(config, 2)
    frozen_clock.advance(timedelta(hours=5))
    assert (await client.get(url)).status_code == 200
    frozen_clock.advance(timedelta(hours=2))
    answer = await client.get(url)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "address_expired"


async def test_another_servers_signature_is_worth_nothing(client: httpx.AsyncClient) -> None:
    url = addresses.signed_url("", 2, FOLDER_KEY, NAME, key=secrets.token_bytes(32), now=clock.now())
    assert (await client.get(url)).status_code == 404


async def test_an_old_folder_key_opens_nothing_signed_or_not(
    client: httpx.AsyncClient, config: settings.Settings
) -> None:
    assert (await client.get(public(1, "X" * 16))).status_code == 404
    assert (await client.get(signed(config, 2, "X" * 16))).status_code == 404


async def test_an_original_or_a_missing_file_is_not_found(client: httpx.AsyncClient) -> None:
    for path in (
        "/m/originals/1",
        public(1, name="../../originals/1"),
        public(1, name="720-aaaaaaaaaaaa.mp4"),
        public(3),
    ):
        answer = await client.get(path)
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "not_found"


async def test_a_picture_of_a_person_needs_no_asset(client: httpx.AsyncClient) -> None:
    answer = await client.get("/m/open/avatar-9-bbbbbbbbbbbb.webp")
    assert (answer.status_code, answer.content) == (200, b"a face")
    assert answer.headers["content-type"] == "image/webp"


async def test_https_is_kept_to_once_it_is_used(database: str, tmp_path: Path) -> None:
    config = settings.Settings(data_dir=tmp_path, database_url=database, public_url="https://videos.example")
    async with running(delivery.create_app(config)) as client:
        assert (await client.get("/m/nothing")).headers["strict-transport-security"] == "max-age=31536000"


async def test_a_video_that_stops_being_public_is_gone_at_once(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(10):
        while True:  # the listener connects in the background; a change before that is seen when it does
            assert (await client.get(public(1))).status_code == 200
            async with db.engine().connect() as connection:
                listening = await connection.exec_driver_sql(
                    "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%nonet_media%'"
                )
                if listening.scalar():
                    break
    async with db.transaction() as session:
        await session.execute(update(Asset).where(Asset.id == 1).values(public=False, folder_key="N" * 16))
        realtime.notify(session, access.CHANNEL, "1")
    await until_status(client, public(1), 404, within_s=access.FRESH_S - 2)


@dataclass
class Switched:
    """An address of the database that can be taken away: a link to its socket's folder."""

    url: str
    link: Path
    to: Path

    def on(self) -> None:
        self.link.symlink_to(self.to)

    async def off(self, real_url: str) -> None:
        self.link.unlink()
        connection = await asyncpg.connect(real_url)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'nonet media'"
        )
        await connection.close()


@pytest.fixture
def switched(database: str) -> Iterator[Switched]:
    link = Path("/tmp") / f"nonet-{secrets.token_hex(4)}"  # noqa: S108 - a socket's path must be short
    url, host = database.split("host=")
    switch = Switched(f"{url}host={link}", link, Path(host.replace("%2F", "/")))
    switch.on()
    yield switch
    link.unlink(missing_ok=True)


@pytest.mark.usefixtures("objects", "assets")
async def test_who_was_watching_goes_on_watching_while_the_database_is_away(
    switched: Switched, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "FRESH_S", 0.0)
    config = settings.Settings(data_dir=tmp_path, database_url=switched.url)
    async with running(delivery.create_app(config)) as client:
        assert (await client.get(public(1))).status_code == 200
        await switched.off(database)
        for _ in range(3):
            assert (await client.get(public(1))).status_code == 200
        unknown = await client.get(public(2))
        assert (unknown.status_code, unknown.headers["retry-after"]) == (503, "2")
        assert unknown.json()["error"]["code"] == "database_away"
        switched.on()
        await until_status(client, public(2), 404, within_s=10)


async def test_what_is_remembered_is_bounded_and_a_change_under_way_is_not_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(access, "REMEMBERED", 2)
    asked: list[int] = []

    async def fetch(asset_id: int) -> access.Folder:
        asked.append(asset_id)
        if asset_id == 9:
            folders.forget("9")
        return access.Folder("k" * 16, public=True)

    folders = access.Folders(fetch)
    for asset_id in (1, 2, 1, 3, 1, 2, 9, 9):
        await folders.find(asset_id)
    assert asked == [1, 2, 3, 2, 9, 9]
    folders.forget("no number")


async def test_nginx_is_told_which_file_to_send(database: str, tmp_path: Path, assets: None) -> None:
    _ = assets
    config = settings.Settings(data_dir=tmp_path, database_url=database, sendfile="accel")
    async with running(delivery.create_app(config)) as client:
        answer = await client.get(public(1), headers={"Range": "bytes=0-1"})
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["x-accel-redirect"] == f"/protected/assets/1/{NAME}"
        assert answer.headers["content-type"] == "video/mp4"
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert (await client.get(public(2))).status_code == 404
        kept = await client.get(addresses.save_url(public(1), "juno-7"))
        assert kept.headers["content-disposition"] == 'attachment; filename="juno-7.mp4"'


def test_a_way_out_that_the_storage_has_not_got_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="NONET_SENDFILE=presigned"):
        delivery.create_app(settings.Settings(data_dir=tmp_path, sendfile="presigned"))


@pytest.mark.s3
@pytest.mark.parametrize("sendfile", ["", "presigned"])
async def test_bytes_of_a_bucket_are_streamed_or_redirected_to(
    database: str, tmp_path: Path, assets: None, sendfile: str
) -> None:
    _ = assets
    bucket = seaweed.server().settings_for(tmp_path, f"t{secrets.token_hex(6)}")
    config = bucket.model_copy(update={"database_url": database, "sendfile": sendfile})
    objects = storage.open(config.objects_url, config)
    await objects.put_bytes(f"assets/1/{NAME}", DATA, "video/mp4")
    await objects.put_bytes("assets/1/master-cccccccccccc.m3u8", b"#EXTM3U", "application/vnd.apple.mpegurl")
    async with running(delivery.create_app(config)) as client, httpx.AsyncClient() as outside:
        wanted = {"Range": "bytes=1048570-2097160"}
        answer = await client.get(public(1), headers=wanted)
        if sendfile:
            assert answer.status_code == 302
            answer = await outside.get(answer.headers["location"], headers=wanted)
        assert (answer.status_code, answer.content) == (206, DATA[1048570:2097161])
        assert answer.headers["content-type"] == "video/mp4"
        playlist = await client.get(public(1, name="master-cccccccccccc.m3u8"))
        assert (playlist.status_code, playlist.content) == (200, b"#EXTM3U")
        assert (await client.head(public(1))).headers["content-length"] == str(len(DATA))
        kept = await client.get(addresses.save_url(public(1), "juno-7"))
        assert (kept.content, kept.headers["content-disposition"]) == (DATA, 'attachment; filename="juno-7.mp4"')
        assert (await client.get(public(1, name="720-aaaaaaaaaaaa.mp4"))).status_code == (302 if sendfile else 404)


class Reader:
    """A client that reads when it is told to, through a small window unless it is given a larger one."""

    def __init__(self, port: int, window: int = 8192) -> None:
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.socket.setblocking(False)  # noqa: FBT003 - the standard library's signature
        self.port = port

    async def ask(self, path: str) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self.socket, ("127.0.0.1", self.port))
        await loop.sock_sendall(self.socket, f"GET {path} HTTP/1.1\r\nHost: media.test\r\n\r\n".encode())
        assert (await loop.sock_recv(self.socket, 12)).startswith(b"HTTP/1.1 200")

    async def ended(self) -> bool:
        """Read on until the server ends the connection."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(ConnectionError):
            while await loop.sock_recv(self.socket, 1 << 16):
                pass
        return True


@dataclass
class Listening:
    port: int
    sender: sending.Sender


@pytest.fixture
async def listening(config: settings.Settings, tmp_path: Path) -> AsyncIterator[Listening]:
    """Serve one open picture of 512 MiB over a real socket, as the role does."""
    big = tmp_path / "objects" / "open" / "a-bbbbbbbbbbbb.jpg"
    big.parent.mkdir(parents=True)
    with big.open("wb") as file:
        file.truncate(512 << 20)

    async def nobody(_: int) -> access.Folder:
        return access.NONE

    made = delivery.Delivery(config, storage.open(config.objects_url, config), access.Folders(nobody))
    uvicorn_config = uvicorn.Config(http.Observed(made), http=server.Protocol, lifespan="off", log_config=None)
    uvicorn_config.load()
    state = uvicorn.server.ServerState()
    state.default_headers = []
    serving = await asyncio.get_running_loop().create_server(
        lambda: server.Protocol(config=uvicorn_config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    try:
        yield Listening(serving.sockets[0].getsockname()[1], made.sender)
    finally:
        serving.close()
        for connection in list(state.connections):
            connection.transport.abort()
        await asyncio.gather(*state.tasks, return_exceptions=True)


OPEN = "/m/open/a-bbbbbbbbbbbb.jpg"


async def eventually(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not what():  # noqa: ASYNC110 - the kernel decides when
            await asyncio.sleep(0.01)


async def test_clients_that_read_nothing_hold_a_bounded_memory_and_are_dropped(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "BUDGET_BYTES", 2 << 20)
    monkeypatch.setattr(server, "STALL_S", 2.0)
    readers = [Reader(listening.port) for _ in range(6)]
    for reader in readers:
        await reader.ask(OPEN)
    assert listening.sender.held_bytes == 2 * storage.CHUNK_BYTES + 4 * sending.SMALL_BYTES
    await eventually(lambda: listening.sender.held_bytes == 0)
    for reader in readers:
        assert await reader.ended()
        reader.socket.close()


async def test_a_client_that_leaves_is_read_for_no_longer(listening: Listening) -> None:
    reader = Reader(listening.port)
    await reader.ask(OPEN)
    assert listening.sender.held_bytes == storage.CHUNK_BYTES
    reader.socket.close()
    await eventually(lambda: listening.sender.held_bytes == 0)


async def test_a_head_without_end_is_refused_before_and_during_an_answer(listening: Listening) -> None:
    loop = asyncio.get_running_loop()
    for before in (b"", f"GET {OPEN} HTTP/1.1\r\nHost: m\r\n\r\n".encode()):
        reader = Reader(listening.port, 1 << 20)
        await loop.sock_connect(reader.socket, ("127.0.0.1", listening.port))
        await loop.sock_sendall(reader.socket, before)
        with contextlib.suppress(ConnectionError):
            await loop.sock_sendall(reader.socket, b"GET / HTTP/1.1\r\n")
            for _ in range(1000):  # until the line breaks
                await loop.sock_sendall(reader.socket, b"X-Long: " + b"x" * 1000 + b"\r\n")
        async with asyncio.timeout(20):
            assert await reader.ended()
        reader.socket.close()


def test_an_answer_under_way_is_finished_when_the_role_is_told_to_end(tmp_path: Path) -> None:
    file = tmp_path / "objects" / OPEN.removeprefix("/m/")
    file.parent.mkdir(parents=True)
    file.write_bytes(bytes(48 << 20))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {n: v for n, v in os.environ.items() if not n.startswith("NONET_")}
    environment |= {"NONET_DATA_DIR": str(tmp_path), "NONET_MEDIA_PORT": str(port)}
    environment |= {"NONET_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    role = subprocess.Popen([sys.executable, "-m", "nonet.role", "media"], env=environment)
    try:
        base = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=base, transport=httpx.HTTPTransport(retries=8)) as client:
            assert client.get("/readyz").json() == {"status": "ready"}
            assert client.get("/healthz").json()["status"] == "alive"
            with client.stream("GET", OPEN) as answer:
                role.send_signal(signal.SIGTERM)
                assert sum(len(piece) for piece in answer.iter_bytes()) == file.stat().st_size
            assert role.wait(10) in {0, -signal.SIGTERM}
    finally:
        role.kill()
        role.wait()
