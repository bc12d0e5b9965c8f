"""What commands on rows stand on: the database of a product that runs, or one that is started for the command alone."""

import asyncio
import contextlib
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import asyncpg
import typer
from sqlalchemy.exc import DBAPIError

from nonet import handlers, instance, schema, terminal
from nonet.core import db, errors, initdb, postgres, postmaster, settings

T = TypeVar("T")
STOP_S = 8.0
NO_ADDRESS = "no address: a command of nonet uses it"


def work(step: Callable[[db.Session], Awaitable[T]]) -> T:
    """Run one step in one transaction and return what it returned; a refusal ends the command with its sentence."""
    handlers.load()

    async def run() -> T:
        try:
            async with db.transaction() as session:
                return await step(session)
        finally:
            await db.close()

    try:
        with database():
            return asyncio.run(run())
    except errors.Refusal as refusal:
        terminal.trouble(refusal.text)
    except (postgres.PostgresError, instance.AlreadyRunningError, schema.RestoreUnfinishedError) as error:
        terminal.trouble(str(error))
    except (OSError, DBAPIError, asyncpg.PostgresError) as error:
        terminal.trouble(f"The database does not answer: {type(error).__name__}. Run: nonet doctor")
    raise typer.Exit(1)


@contextlib.contextmanager
def database(*, migrate: bool = True, alone: bool = False) -> Iterator[None]:
    """Make the settings name a database that answers, and is up to date unless it is to be taken as it is.

    ``alone`` refuses, as a start does, while a product runs on the data folder.
    """
    conf = settings.load()
    if alone or not conf.database_url:
        for name in ("run", "logs", "keys"):
            conf.folder(name)
    if conf.database_url:
        with instance.claim(conf.data_dir, NO_ADDRESS) if alone else contextlib.nullcontext():
            yield
        return
    if not alone and (running := instance.running(conf.data_dir)):
        os.environ.setdefault("NONET_PUBLIC_URL", running["address"])  # links lead to where it was started
        _use(postgres.url(conf.data_dir))
        yield
        return
    with instance.claim(conf.data_dir, NO_ADDRESS):
        server = postmaster.Server(initdb.open_cluster(conf.data_dir, str(conf.pg_bindir or "")))
        try:
            server.start_and_wait(time.sleep)
            _use(postgres.url(conf.data_dir))
            if migrate:
                schema.migrate(settings.load().database_url)
            yield
        finally:
            server.stop(time.monotonic() + STOP_S)


def _use(url: str) -> None:
    os.environ["NONET_DATABASE_URL"] = url
    settings.load.cache_clear()
