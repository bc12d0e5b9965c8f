"""What every test may ask for: a real PostgreSQL of its own, an application, clients, a clock that stands, due jobs.

Each test process has one cluster and one data folder, made on first use. Tables are emptied after a test that used
them, so a test commits like the product does. Only loopback can be reached.
"""

import asyncio
import inspect
import os
import shutil
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOR_TESTS = {"NONET_BROWSER", "NONET_TEST_CACHE", "NONET_TEST_SEED", "NONET_FFMPEG", "NONET_FFPROBE", "NONET_PG_BINDIR"}
for name in [name for name in os.environ if name.startswith("NONET_") and name not in FOR_TESTS]:
    del os.environ[name]
DATA = Path(tempfile.mkdtemp(prefix="nonet-test-"))
os.environ["NONET_DATA_DIR"] = str(DATA)

import argon2  # noqa: E402 - settings are read from the environment set above
import httpx  # noqa: E402
import uvicorn  # noqa: E402
from fastapi import FastAPI  # noqa: E402
from sqlalchemy import text  # noqa: E402

from community import CHROME, NOW, PASSWORD, Browser, Member  # noqa: E402
from nonet import schema as migrations  # noqa: E402
from nonet import web  # noqa: E402
from nonet.accounts import passwords, service, sessions  # noqa: E402
from nonet.accounts.tables import Account  # noqa: E402
from nonet.core import clock, db, ids, initdb, jobs, log, postgres, postmaster, realtime, settings  # noqa: E402
from nonet.schema import tables  # noqa: E402

LOOPBACK = ("127.", "::1", "localhost")
QUICK = argon2.Parameters(argon2.Type.ID, 19, salt_len=16, hash_len=32, time_cost=1, memory_cost=64, parallelism=1)
_connect = socket.socket.connect


def _connect_to_loopback(self: socket.socket, address: Any) -> None:
    if self.family in {socket.AF_INET, socket.AF_INET6} and not str(address[0]).startswith(LOOPBACK):
        raise RuntimeError(f"a test tried to reach {address[0]}")
    _connect(self, address)


socket.socket.connect = _connect_to_loopback  # type: ignore[method-assign, assignment]


def pytest_unconfigure() -> None:
    shutil.rmtree(DATA, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(name: str, obj: object) -> None:
    """Run every asynchronous test on asyncio."""
    if name.startswith("test") and inspect.iscoroutinefunction(obj):
        pytest.mark.anyio(obj)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Start this process's PostgreSQL, quick because nothing in it outlives the tests; gives its address."""
    made = initdb.open_cluster(DATA, os.environ.get("NONET_PG_BINDIR", ""))
    quick = made.folder / "operator.conf"
    quick.write_text("fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nautovacuum = off\n")
    quick.chmod(0o644)
    server = postmaster.Server(made)
    try:
        server.start_and_wait(time.sleep)
        yield postgres.url(DATA)
    finally:
        server.stop(time.monotonic() + 5)


@pytest.fixture(scope="session")
def told() -> list[tuple[int, int]]:
    """Hold what the first migration said of its progress."""
    return []


@pytest.fixture(scope="session")
def schema(cluster: str, told: list[tuple[int, int]]) -> Iterator[str]:
    """Migrate an empty database once, as a first start does; gives its address."""
    os.environ["NONET_DATABASE_URL"] = cluster
    settings.load.cache_clear()
    log.start("tests")
    migrations.migrate(cluster, lambda done, total: told.append((done, total)))
    tables.load()
    yield cluster
    del os.environ["NONET_DATABASE_URL"]
    settings.load.cache_clear()


@pytest.fixture
async def database(schema: str) -> AsyncIterator[str]:
    """Give a database without rows, and leave it without rows; ``db.transaction()`` works inside."""
    yield schema
    await realtime.flush()
    async with db.engine().begin() as connection:
        # Emptying a table costs a file or more, and most hold nothing.
        names = [table.name for table in db.Base.metadata.sorted_tables]
        each = [f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names]  # noqa: S608 - our own names
        filled = (await connection.execute(text(" UNION ALL ".join(each)))).scalars().all()
        if filled:
            await connection.execute(text(f"TRUNCATE {', '.join(filled)} CASCADE"))
    await db.close()


@pytest.fixture
async def session(database: str) -> AsyncIterator[db.Session]:
    """Open a session that commits when the test ends; ``await session.commit()`` shows its rows to others before."""
    _ = database
    async with db.transaction() as opened:
        yield opened


@pytest.fixture
def frozen_clock() -> Iterator[ModuleType]:
    """Stop the clock at 15:20 on 22 November 2026; ``frozen_clock.advance(timedelta(...))`` moves it."""
    with clock.frozen(NOW):
        yield clock


@pytest.fixture
def drain(database: str) -> Callable[[], Awaitable[int]]:
    """Give a function that runs every due job in this process and says how many there were."""
    _ = database
    return jobs.drain


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> Iterator[argon2.Parameters]:
    """Make hashing cheap in this process; gives what the product uses."""
    real, passwords.COST = passwords.COST, QUICK
    yield real
    passwords.COST = real


@pytest.fixture(scope="session")
def built(schema: str) -> FastAPI:
    """Build the application once: FastAPI looks at each route anew for every application."""
    _ = schema
    return web.create_app()


@pytest.fixture
async def app(built: FastAPI, database: str) -> AsyncIterator[FastAPI]:
    """Give the application, started."""
    _ = database
    async with built.router.lifespan_context(built):
        yield built


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[Browser]:
    """Give a function that opens another browser: cookies of its own, at an address."""
    origin = settings.load().origin
    opened: list[httpx.AsyncClient] = []

    def open_one(address: str = "127.0.0.1", user_agent: str = CHROME) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app, client=(address, 50000))
        headers = {"origin": origin, "user-agent": user_agent}
        opened.append(httpx.AsyncClient(transport=transport, base_url=origin, headers=headers))
        return opened[-1]

    yield open_one
    for each in opened:
        await each.aclose()


@pytest.fixture
def client(browser: Browser) -> httpx.AsyncClient:
    """Open a browser that isn't signed in."""
    return browser()


@pytest.fixture
def member(browser: Browser) -> Callable[..., Awaitable[Member]]:
    """Give a function that makes an account, its address confirmed, its password PASSWORD, and signs a browser in."""

    async def make(handle: str, role: service.Role = "person") -> Member:
        hashed = argon2.PasswordHasher.from_parameters(passwords.COST).hash(PASSWORD)
        account = Account(id=ids.new(), handle=handle, password_hash=hashed, birth_date=date(1990, 5, 17), role=role)
        account.email = account.email_key = f"{handle}@example.org"
        account.email_verified_at = clock.now()
        async with db.transaction() as session:
            await service.add(session, account)
            token = await sessions.start(session, account.id, CHROME)
        opened = browser()
        opened.cookies.set("nonet", token, domain="localhost.local", path="/")
        return Member(account.id, handle, opened)

    return make


@pytest.fixture
async def served(app: FastAPI) -> AsyncIterator[str]:
    """Serve the application on a loopback port, for streams; gives the address."""
    config = uvicorn.Config(app, port=0, lifespan="off", log_config=None, ws="none", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve(None))  # noqa: SLF001 - without taking the test runner's signals
    while not server.started:  # noqa: ASYNC110 - uvicorn tells by a flag
        await asyncio.sleep(0.005)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    yield f"http://{host}:{port}"
    server.should_exit = True
    await running
