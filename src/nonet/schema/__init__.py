"""The database's history: Alembic revisions of every slice's tables, and how they are applied."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, pool, text

from nonet.core import db

FOLDER = Path(__file__).parent
LOCK = 6_660_009
"""Number of the advisory lock that lets one process migrate at a time."""

Step = Callable[[int, int], None]
"""Told how many revisions of how many are applied: first zero, then after each. Not called when there is none to."""


class DatabaseNewerError(Exception):
    """The database was migrated by a later version of this program."""


class DatabaseTooOldError(Exception):
    """PostgreSQL older than 16, or one without pg_trgm."""


class DatabaseOlderError(Exception):
    """The database isn't brought up to this version yet."""


class RestoreUnfinishedError(Exception):
    """A backup is being restored into this database, or was, and that ended before its end."""


def config() -> Config:
    """Return Alembic's configuration; it needs no file."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("path_separator", "os")
    return made


def revisions() -> list[str]:
    """Return every revision that this version knows, oldest first."""
    return [each.revision for each in ScriptDirectory.from_config(config()).walk_revisions()][::-1]


def migrate(
    url: str,
    step: Step = lambda _done, _all: None,
    *,
    before: Callable[[], None] = lambda: None,
    to: str = "head",
) -> list[str]:
    """Bring the database to this version under an advisory lock and return the revisions applied, oldest first.

    ``before`` is called under the lock, before the first change to a database that has a revision; when it raises,
    nothing is changed. A restore goes ``to`` an older revision first. Raises DatabaseTooOldError, DatabaseNewerError
    and RestoreUnfinishedError, each with a sentence that says what to do.
    """
    import asyncio  # noqa: PLC0415 - a process that migrates does nothing else

    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

    async def run() -> list[str]:
        engine = create_async_engine(db.driver_url(url), poolclass=pool.NullPool)
        try:
            async with engine.connect() as connection:
                return await connection.run_sync(_upgrade, step, before, to)
        finally:
            await engine.dispose()

    return asyncio.run(run())


def check(url: str) -> None:
    """Change nothing; raise unless a role of this version can work with the database as it is.

    DatabaseOlderError, DatabaseNewerError and RestoreUnfinishedError have a sentence that says what to do.
    """
    import asyncio  # noqa: PLC0415 - a process that checks does nothing else yet

    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415

    async def run() -> None:
        engine = create_async_engine(db.driver_url(url), poolclass=pool.NullPool)
        try:
            async with engine.connect() as connection:
                await connection.run_sync(_check)
        finally:
            await engine.dispose()

    asyncio.run(run())


def _check(connection: Connection) -> None:
    _refuse_half(connection)
    at, known = _revision(connection), revisions()
    if at != known[-1]:
        state = f"at {at}" if at else "empty"
        raise DatabaseOlderError(f"This database is {state}; this Nonet needs {known[-1]}. Run once: nonet migrate")


def _upgrade(connection: Connection, step: Step, before: Callable[[], None], to: str) -> list[str]:
    major = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000
    if major < 16:  # noqa: PLR2004 - the oldest PostgreSQL the product is tested with
        raise DatabaseTooOldError(f"This database is PostgreSQL {major}; Nonet needs 16 or newer.")
    if not connection.exec_driver_sql("SELECT 1 FROM pg_available_extensions WHERE name='pg_trgm'").scalar():
        raise DatabaseTooOldError("This PostgreSQL has no pg_trgm; install its contrib package.")
    connection.execute(text("SELECT pg_advisory_lock(:n)"), {"n": LOCK})
    connection.commit()
    try:
        return _apply(connection, step, before, to)
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": LOCK})
        connection.commit()


def _apply(connection: Connection, step: Step, before: Callable[[], None], to: str) -> list[str]:
    made, known = config(), revisions()
    if to == "head":
        _refuse_half(connection)
    at = _revision(connection)
    connection.commit()
    end = len(known) if to == "head" else known.index(to) + 1
    ahead = known[known.index(at) + 1 if at else 0 : end]
    if ahead and at is not None:
        before()
    applied = 0

    def one_more(**_: object) -> None:
        nonlocal applied
        applied += 1
        step(applied, len(ahead))

    if ahead:
        step(0, len(ahead))
    made.attributes |= {"connection": connection, "one_more": one_more}
    command.upgrade(made, to)
    connection.commit()
    return ahead


def _refuse_half(connection: Connection) -> None:
    if connection.execute(text("SELECT to_regclass('public.restore_unfinished')")).scalar():
        raise RestoreUnfinishedError(
            "A restore into this database was not finished, so nothing of it can be used. Run again: nonet restore FILE"
        )


def _revision(connection: Connection) -> str | None:
    """Return the revision that the database is at, None for an empty one; an unknown one is a DatabaseNewerError."""
    at = MigrationContext.configure(connection).get_current_revision()
    if at is not None and at not in revisions():
        raise DatabaseNewerError(f"This database is at {at}, made by a newer Nonet. Start that version instead.")
    return at
