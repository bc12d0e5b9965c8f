"""What every test may ask for: a real PostgreSQL of its own, an application, clients, a clock that stands, due jobs.

Each test process has one cluster and one data folder, made on first use. Tables are emptied after a test that used
them, so a test commits like the product does. Only loopback can be reached.
"""

import inspect
import os
import shutil
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

for name in [name for name in os.environ if name.startswith("NONET_")]:
    del os.environ[name]
DATA = Path(tempfile.mkdtemp(prefix="nonet-test-"))
os.environ["NONET_DATA_DIR"] = str(DATA)

from sqlalchemy import text  # noqa: E402 - settings are read from the environment set above

from nonet.core import clock, db, initdb, jobs, postgres, postmaster, settings  # noqa: E402

LOOPBACK = ("127.", "::1", "localhost")
NOW = datetime(2026, 11, 22, 15, 20, tzinfo=UTC)
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
    made = initdb.open_cluster(DATA)
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
def schema(cluster: str) -> Iterator[str]:
    """Make every table once; gives the address of the database."""
    os.environ["NONET_DATABASE_URL"] = cluster
    settings.load.cache_clear()
    _make_tables(cluster)
    yield cluster
    del os.environ["NONET_DATABASE_URL"]
    settings.load.cache_clear()


def _make_tables(url: str) -> None:
    import asyncio  # noqa: PLC0415 - once a process, outside of any test's loop

    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

    _import_tables()

    async def make() -> None:
        engine = create_async_engine(db.driver_url(url))
        async with engine.begin() as connection:
            await connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
            await connection.run_sync(db.Base.metadata.create_all)
        await engine.dispose()

    asyncio.run(make())


def _import_tables() -> None:
    import importlib  # noqa: PLC0415
    import importlib.util  # noqa: PLC0415

    for module in ("core.prefs", "core.limits", "core.mail", "core.jobs"):
        importlib.import_module(f"nonet.{module}")
    for slice_ in ("accounts", "people", "media", "videos", "cards"):
        if importlib.util.find_spec(f"nonet.{slice_}.tables"):
            importlib.import_module(f"nonet.{slice_}.tables")


@pytest.fixture
async def database(schema: str) -> AsyncIterator[str]:
    """Give a database without rows, and leave it without rows; ``db.transaction()`` works inside."""
    yield schema
    names = ", ".join(f'"{table.name}"' for table in db.Base.metadata.sorted_tables)
    async with db.engine().begin() as connection:
        await connection.execute(text(f"TRUNCATE {names}"))
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
