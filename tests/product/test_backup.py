"""A whole server in a file: taken while it runs, read into a folder, into a bucket and back, cut off, refused."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from corpus import clip
from person import Person
from running import Product, wait_for

import seaweed
from nonet import schema
from nonet.backup import tar
from nonet.core import initdb, postgres, postmaster

pytestmark = pytest.mark.product

ACCOUNT = {"login": "juno", "password": "nine quiet glasses"}
BIG = 96 << 20


def nonet(product: Product, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nonet", *arguments]
    told = product.environment(**environment)
    return subprocess.run(command, env=told, capture_output=True, text=True, check=False, timeout=120)


@contextlib.contextmanager
def another(folder: Path) -> Iterator[Product]:
    """Give one more product, and end what is left of it."""
    made = Product(folder)
    try:
        yield made
    finally:
        for pid in made.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def bucket() -> dict[str, str]:
    return {
        "NONET_STORAGE_URL": f"s3://{seaweed.BUCKET}/restored-{os.getpid()}",
        "NONET_S3_ENDPOINT": seaweed.server().endpoint,
        "NONET_S3_ACCESS_KEY": seaweed.ACCESS_KEY,
        "NONET_S3_SECRET_KEY": seaweed.SECRET_KEY,
    }


def played(product: Product, video_id: str) -> bytes:
    """Sign in, and return the bytes of a video that its author liked."""
    with httpx.Client(base_url=product.address, headers={"Origin": product.address}) as http:
        assert http.post("/api/v1/session", json=ACCOUNT).json()["handle"] == "juno"
        card: dict[str, Any] = http.get(f"/api/v1/videos/{video_id}").json()
        assert card["counts"]["likes"] == 1, card
        assert http.get(card["poster_url"]).status_code == 200
        answer = http.get(card["mp4_url"])
        assert answer.status_code == 200
        return answer.content


def lived_in(product: Product) -> tuple[Person, str, bytes]:
    """Let someone publish a clip and like it; returns them, the video's id and its bytes."""
    person = Person(product.address, handle="juno")
    person.sign_up()
    video = person.wait(person.upload(clip().read_bytes(), caption="Kept"), "complete", "failed")
    assert video["upload"]["state"] == "complete", video["upload"]
    assert person.ask("PUT", f"/api/v1/videos/{video['id']}/like").is_success
    wait_for(lambda: person.ask("GET", f"/api/v1/videos/{video['id']}").json()["counts"]["likes"] == 1, "the like")
    return person, video["id"], played(product, video["id"])


@pytest.mark.s3
def test_what_is_backed_up_while_it_runs_plays_in_an_empty_folder_in_a_bucket_and_back(
    product: Product, tmp_path: Path
) -> None:
    product.start()
    person, video, whole = lived_in(product)
    files = [tmp_path / f"{number}.tar" for number in range(3)]
    made = nonet(product, "backup", str(files[0]))
    assert made.returncode == 0, made.stderr
    assert " 1 accounts, " in made.stdout
    assert files[0].stat().st_mode & 0o777 == 0o600
    refused = nonet(product, "restore", str(files[0]))
    assert (refused.returncode, "already runs" in refused.stderr) == (1, True)
    cookies = dict(person.http.cookies)
    person.http.close()
    product.stop()
    inhabited = nonet(product, "restore", str(files[0]))
    assert inhabited.stderr == "People have accounts here already. A backup is restored into an empty instance only.\n"
    where: list[dict[str, str]] = [{}, bucket(), {}]
    for number, environment in enumerate(where):
        with another(tmp_path / f"data-{number}") as copy:
            if number == len(files) - 1:  # started once, and left by nobody
                copy.start()
                copy.stop()
            done = nonet(copy, "restore", str(files[number]), **environment)
            assert done.returncode == 0, done.stderr
            copy.start(**environment)
            assert played(copy, video) == whole
            assert httpx.get(f"{copy.address}/api/v1/me", cookies=cookies).status_code == 401
            assert any((copy.data_dir / "objects").rglob("*.mp4")) is not bool(environment)
            for key in ("server.key", "push.key"):
                kept = product.data_dir / "keys" / key
                assert not kept.exists() or (copy.data_dir / "keys" / key).read_bytes() == kept.read_bytes()
            if number + 1 < len(files):
                assert nonet(copy, "backup", str(files[number + 1]), **environment).returncode == 0
            assert copy.stop() == 0


def test_a_restore_that_is_killed_says_so_and_can_be_run_again(product: Product, tmp_path: Path) -> None:
    assert nonet(product, "user", "create", "juno", *_someone()).returncode == 0
    kept = product.data_dir / "objects" / "open" / "kept.bin"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(os.urandom(BIG))
    file = tmp_path / "a.tar"
    assert nonet(product, "backup", str(file)).returncode == 0
    with another(tmp_path / "other") as copy:
        command = [sys.executable, "-m", "nonet", "restore", str(file)]
        cut = subprocess.Popen(command, env=copy.environment(), stderr=subprocess.PIPE)
        with cut:
            wait_for(lambda: (copy.data_dir / "spool" / "restoring").exists() or cut.poll() is not None, "an object")
            cut.kill()
        assert cut.returncode == -signal.SIGKILL
        up = copy.command()
        told, _ = up.communicate(timeout=60)
        assert up.returncode == 1
        assert "A restore into this database was not finished" in told
        account = nonet(copy, "user", "promote", "juno")
        assert "A restore into this database was not finished" in account.stderr
        assert nonet(copy, "restore", str(file)).returncode == 0
        assert (copy.data_dir / "objects" / "open" / "kept.bin").read_bytes() == kept.read_bytes()
        assert nonet(copy, "user", "promote", "juno").stdout == "@juno is operator now.\n"


def test_a_disk_that_is_too_full_is_told_before_anything_is_written(product: Product, tmp_path: Path) -> None:
    assert nonet(product, "user", "create", "juno", *_someone()).returncode == 0
    vast = product.data_dir / "objects" / "open" / "vast.bin"
    vast.parent.mkdir(parents=True)
    with vast.open("wb") as file:
        file.truncate(8 << 40)  # a file of holes: it takes no room here
    made = nonet(product, "backup", str(tmp_path / "a.tar"))
    assert made.returncode == 1
    assert "The backup may take 8.8 TB, and the disk of " in made.stderr
    assert not list(tmp_path.glob("a.tar*"))


def test_an_upgrade_keeps_the_database_as_it_was(product: Product, tmp_path: Path) -> None:
    _older(product.data_dir)
    product.start()
    assert product.stop() == 0
    kept = list((product.data_dir / "backups").iterdir())
    assert [path.name.startswith("before-upgrade-") for path in kept] == [True]
    archive = tar.Reader(kept[0])
    archive.close()
    assert (archive.manifest.revision, archive.manifest.with_objects) == ("0002", False)
    with another(tmp_path / "other") as copy:
        assert nonet(copy, "restore", str(kept[0])).returncode == 0
        assert nonet(copy, "user", "promote", "juno").stdout == "@juno is operator now.\n"
    product.start()
    assert product.stop() == 0
    assert list((product.data_dir / "backups").iterdir()) == kept


def _someone() -> tuple[str, ...]:
    return ("--email", "juno@people.example", "--born", "1990-12-31", "--password", ACCOUNT["password"])


def _older(data_dir: Path) -> None:
    """Make a database of the revision before the last, with an account in it."""
    data_dir.mkdir(mode=0o700)
    server = postmaster.Server(initdb.open_cluster(data_dir))
    try:
        server.start_and_wait(time.sleep)
        schema.migrate(postgres.url(data_dir), to="0002")
        asyncio.run(_settle(postgres.url(data_dir)))
    finally:
        server.stop(time.monotonic() + 5)


async def _settle(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        "INSERT INTO accounts (id, handle, email, email_key, password_hash, birth_date, role, state, created_at)"
        " VALUES (1, 'juno', 'juno@people.example', 'juno@people.example', '', '1990-12-31', 'person', 'active', now())"
    )
    await connection.close()
