"""What both storages promise, asked of a folder and of a real S3 server; and of processes killed in the middle."""

import asyncio
import hashlib
import os
import secrets
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seaweed
from nonet.core import keys, settings, storage
from nonet.core.storage.local import INCOMING, LocalStorage

TYPE = "video/mp4"
BIG = 20 << 20
"""More than two parts of a multipart upload."""


@pytest.fixture(params=["file", pytest.param("s3", marks=pytest.mark.s3)])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> settings.Settings:
    if request.param == "s3":
        return seaweed.server().settings_for(tmp_path, f"t{secrets.token_hex(6)}")
    return settings.Settings(data_dir=tmp_path, storage_url=(tmp_path / "objects").as_uri())


@pytest.fixture
def objects(config: settings.Settings) -> storage.Storage:
    return storage.open(config.objects_url, config)


@pytest.fixture
def local(tmp_path: Path) -> storage.Storage:
    return storage.open((tmp_path / "objects").as_uri())


def made_of(seed: int, size: int) -> bytes:
    return hashlib.shake_128(bytes([seed])).digest(size)


async def read_all(objects: storage.Storage, key: str, start: int, end: int) -> bytes:
    return b"".join([bytes(piece) async for piece in objects.read(key, start, end)])


async def keys_of(objects: storage.Storage, prefix: str = "") -> list[str]:
    return sorted([each.key async for each in objects.list(prefix)])


async def test_a_file_that_is_put_stands_under_its_key_and_is_gone_from_where_it_was(
    objects: storage.Storage, tmp_path: Path
) -> None:
    source = tmp_path / "made.mp4"
    data = made_of(1, BIG)
    source.write_bytes(data)
    await objects.put_file("assets/42/540-aaaaaaaaaaaa.mp4", source, TYPE)
    assert not source.exists()
    head = await objects.head("assets/42/540-aaaaaaaaaaaa.mp4")
    assert head is not None
    assert head.size == BIG
    assert head.etag
    assert await read_all(objects, "assets/42/540-aaaaaaaaaaaa.mp4", 0, BIG) == data


async def test_a_put_that_is_repeated_after_it_was_done_is_done(objects: storage.Storage, tmp_path: Path) -> None:
    source = tmp_path / "made"
    source.write_bytes(b"once")
    await objects.put_file("a/b", source, TYPE)
    await objects.put_file("a/b", source, TYPE)
    assert await read_all(objects, "a/b", 0, 4) == b"once"


async def test_a_put_of_a_file_that_never_was_says_so(objects: storage.Storage, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await objects.put_file("a/b", tmp_path / "nothing", TYPE)
    assert await objects.head("a/b") is None


async def test_bytes_replace_what_stood_under_the_key(objects: storage.Storage) -> None:
    await objects.put_bytes("a/b", b"first", TYPE)
    await objects.put_bytes("a/b", b"second", TYPE)
    assert await read_all(objects, "a/b", 0, 6) == b"second"


async def test_a_read_gives_the_bytes_between_start_and_end_and_no_others(objects: storage.Storage) -> None:
    data = made_of(2, 3 << 20)
    await objects.put_bytes("a/b", data, TYPE)
    for start, end in [
        (0, 1),
        (0, len(data)),
        (5, 5),
        (1 << 20, 2 << 20),
        ((1 << 20) - 1, (1 << 20) + 1),
        (9, 1 << 21),
    ]:
        assert await read_all(objects, "a/b", start, end) == data[start:end]


async def test_a_read_past_the_end_is_an_error_not_a_short_answer(objects: storage.Storage) -> None:
    await objects.put_bytes("a/b", b"12345", TYPE)
    with pytest.raises(EOFError):
        await read_all(objects, "a/b", 0, 6)


async def test_pieces_are_a_mebibyte_until_the_last(objects: storage.Storage) -> None:
    await objects.put_bytes("a/b", bytes(5 << 19), TYPE)
    sizes = [len(piece) async for piece in objects.read("a/b", 0, 5 << 19)]
    assert min(sizes[:-1]) >= storage.CHUNK_BYTES


async def test_what_is_missing_is_missing(objects: storage.Storage, tmp_path: Path) -> None:
    assert await objects.head("a/b") is None
    with pytest.raises(FileNotFoundError):
        await read_all(objects, "a/b", 0, 1)
    with pytest.raises(FileNotFoundError):
        await objects.get_file("a/b", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    await objects.delete("a/b")
    await objects.delete_prefix("a")
    assert await keys_of(objects) == []


async def test_a_file_that_is_fetched_is_whole_and_the_object_stays(objects: storage.Storage, tmp_path: Path) -> None:
    data = made_of(3, 9 << 20)
    await objects.put_bytes("a/b", data, TYPE)
    await objects.get_file("a/b", tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == data
    assert not [name for name in await asyncio.to_thread(os.listdir, tmp_path) if name.startswith(".")]
    assert await objects.head("a/b") is not None


async def test_a_listing_shows_a_folder_and_not_its_namesakes(objects: storage.Storage) -> None:
    for key in ("assets/4/a", "assets/4/b", "assets/42/a", "open/c"):
        await objects.put_bytes(key, b"12", TYPE)
    assert await keys_of(objects) == ["assets/4/a", "assets/4/b", "assets/42/a", "open/c"]
    assert await keys_of(objects, "assets/4") == ["assets/4/a", "assets/4/b"]
    assert await keys_of(objects, "assets/") == ["assets/4/a", "assets/4/b", "assets/42/a"]
    assert await keys_of(objects, "assets/5") == []
    listed = [each async for each in objects.list("open")]
    assert [each.size for each in listed] == [2]
    assert abs(listed[0].modified_at - datetime.now(UTC)) < timedelta(hours=1)


async def test_deleting_removes_one_object_or_a_folder_and_nothing_beside(objects: storage.Storage) -> None:
    for key in ("assets/4/a", "assets/4/b", "assets/42/a"):
        await objects.put_bytes(key, b"12", TYPE)
    await objects.delete("assets/4/a")
    assert await keys_of(objects) == ["assets/4/b", "assets/42/a"]
    await objects.delete_prefix("assets/4")
    assert await keys_of(objects) == ["assets/42/a"]
    await objects.put_bytes("assets/4/a", b"again", TYPE)
    assert await keys_of(objects, "assets/4") == ["assets/4/a"]


BAD_KEYS = [
    "",
    "/",
    "/etc/passwd",
    "..",
    "a/../b",
    "a//b",
    "a/",
    "./a",
    ".incoming/a",
    "a\0b",
    "a b",
    "a\\b",
    "é",
    "a\n",
]


@pytest.mark.parametrize("key", [*BAD_KEYS, "a/" * 300 + "a", "a" * 201])
async def test_a_key_that_could_leave_its_folder_is_refused(objects: storage.Storage, tmp_path: Path, key: str) -> None:
    with pytest.raises(storage.KeyShapeError):
        await objects.put_bytes(key, b"x", TYPE)
    with pytest.raises(storage.KeyShapeError):
        await objects.get_file(key, tmp_path / "x")
    with pytest.raises(storage.KeyShapeError):
        await objects.head(key)
    with pytest.raises(storage.KeyShapeError):
        objects.local_path(key)


async def test_everything_is_never_a_folder_to_delete(objects: storage.Storage) -> None:
    for prefix in ("", "/", "..", "a/..", "//"):
        with pytest.raises(storage.KeyShapeError):
            await objects.delete_prefix(prefix)


@given(st.text(max_size=40))
def test_a_key_that_passes_stays_below_its_folder(text: str) -> None:
    try:
        storage.check_key(text)
    except storage.KeyShapeError:
        return
    root = Path("/objects")
    assert Path(os.path.normpath(root / text)).is_relative_to(root)
    assert "\0" not in text


@pytest.mark.s3
async def test_an_s3_object_has_an_address_that_works_for_a_while_and_carries_its_type(tmp_path: Path) -> None:
    config = seaweed.server().settings_for(tmp_path, f"t{secrets.token_hex(6)}")
    objects = storage.open(config.objects_url, config)
    await objects.put_bytes("a/b.mp4", b"0123456789", TYPE)
    assert objects.local_path("a/b.mp4") is None
    address = await objects.presigned("a/b.mp4", 60)
    assert address is not None
    async with httpx.AsyncClient() as client:
        answer = await client.get(address, headers={"Range": "bytes=2-4"})
        unsigned = await client.get(urlsplit(address)._replace(query="").geturl())
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (206, b"234", TYPE)
    assert unsigned.status_code == 403


async def test_a_file_on_this_machine_has_a_path_and_no_address(local: storage.Storage) -> None:
    await local.put_bytes("a/b", b"x", TYPE)
    path = local.local_path("a/b")
    assert path is not None
    assert path.read_bytes() == b"x"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert await local.presigned("a/b", 60) is None


def elsewhere(folder: Path) -> Path:
    """Return a folder on another filesystem: Linux keeps one in memory, and may keep others."""
    for path in (Path("/dev/shm"), Path("/run"), Path("/var/tmp"), Path.home()):  # noqa: S108 - for a moment
        if os.access(path, os.W_OK) and path.stat().st_dev != folder.stat().st_dev:
            return path
    pytest.fail("there is no second filesystem to move a file from: run `mount -t tmpfs tmpfs /dev/shm`")


async def test_a_file_from_another_filesystem_is_copied(local: storage.Storage, tmp_path: Path) -> None:
    source = elsewhere(tmp_path) / f"nonet-{secrets.token_hex(6)}"
    source.write_bytes(b"from afar")
    await local.put_file("a/b", source, TYPE)
    assert not source.exists()
    assert await read_all(local, "a/b", 0, 9) == b"from afar"


async def test_puts_and_deletes_of_one_folder_at_once_lose_no_put_that_came_last(local: storage.Storage) -> None:
    async def put(number: int) -> None:
        await local.put_bytes(f"a/{number}", b"x", TYPE)

    async def delete() -> None:
        await local.delete_prefix("a")

    await asyncio.gather(*[put(n) if n % 3 else delete() for n in range(90)])
    await put(1000)
    assert "a/1000" in await keys_of(local)


async def test_what_killed_processes_left_is_swept_after_a_day_at_the_next_start(tmp_path: Path) -> None:
    LocalStorage(tmp_path / "objects")
    old, new = tmp_path / "objects" / INCOMING / "old", tmp_path / "objects" / INCOMING / "new"
    for path in (old, new):
        path.write_bytes(b"half")
    long_ago = time.time() - 25 * 3600
    os.utime(old, (long_ago, long_ago))
    LocalStorage(tmp_path / "objects")
    assert not old.exists()
    assert new.exists()


@pytest.mark.parametrize("url", ["", "objects", "http://example.org/x", "file://elsewhere/x", "s3:///x", "file://"])
def test_an_address_that_is_no_storage_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="NONET_STORAGE_URL"):
        storage.open(url)


PUT_FOR_EVER = """
import asyncio, hashlib, pathlib, sys
from nonet.core import settings, storage
config = settings.load()
objects = storage.open(config.objects_url, config)
data = hashlib.shake_128(b"nonet").digest(int(sys.argv[1]))
scratch = config.data_dir / "scratch"

async def main():
    print("ready", flush=True)
    number = 0
    while True:
        number += 1
        await objects.put_bytes(f"a/bytes-{number % 3}", data, "video/mp4")
        scratch.write_bytes(data)
        await objects.put_file(f"a/file-{number % 3}", scratch, "video/mp4")

asyncio.run(main())
"""


@pytest.fixture
def putter(config: settings.Settings) -> Iterator[subprocess.Popen[str]]:
    """Start a process that puts the same bytes under six keys again and again."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NONET_")}
    for name in ("data_dir", "storage_url", "s3_endpoint", "s3_access_key", "s3_secret_key"):
        environment[f"NONET_{name.upper()}"] = str(getattr(config, name))
    process = subprocess.Popen(
        [sys.executable, "-c", PUT_FOR_EVER, str(BIG)], stdout=subprocess.PIPE, text=True, env=environment
    )
    yield process
    process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


@pytest.mark.parametrize("after_ms", [3, 41, 160])
async def test_a_put_that_is_killed_leaves_the_whole_object_or_none(
    objects: storage.Storage, putter: subprocess.Popen[str], after_ms: int
) -> None:
    assert putter.stdout
    assert putter.stdout.readline() == "ready\n"
    try:
        putter.wait(after_ms / 1000)
    except subprocess.TimeoutExpired:
        putter.send_signal(signal.SIGKILL)
    assert putter.wait() == -signal.SIGKILL
    whole = hashlib.shake_128(b"nonet").digest(BIG)
    for key in await keys_of(objects):
        head = await objects.head(key)
        assert head is not None
        assert head.size == BIG
        assert await read_all(objects, key, 0, BIG) == whole


def test_the_server_key_is_made_once_however_many_ask_at_once(tmp_path: Path) -> None:
    program = "import sys; from nonet.core import keys, settings; print(keys.server_key(settings.load()).hex())"
    environment = {**os.environ, "NONET_DATA_DIR": str(tmp_path)}
    asking = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(4)
    ]
    answers = {process.communicate()[0].strip() for process in asking}
    assert len(answers) == 1
    assert len(bytes.fromhex(answers.pop())) == keys.KEY_BYTES
    path = tmp_path / "keys" / "server.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_server_key_of_another_length_is_refused(tmp_path: Path) -> None:
    config = settings.Settings(data_dir=tmp_path)
    (config.folder("keys") / "server.key").write_bytes(b"short")
    with pytest.raises(keys.KeyFileError, match="5 bytes instead of 32"):
        keys.server_key(config)
