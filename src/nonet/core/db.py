"""The database: one engine a process, explicit sessions, one transaction a request or job step.

``SessionDep`` commits before the response leaves (``scope="function"``); with FastAPI's default scope a commit
that fails would come after a 200. A test keeps that true.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import asyncpg
from fastapi import Depends
from sqlalchemy import BigInteger, DateTime, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from nonet.core import settings

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

Session = AsyncSession

POOL_SIZE = 8
IDLE_IN_TRANSACTION = "20s"
"""How long PostgreSQL lets a transaction stand still before it ends the connection: a process that froze, or a machine
that went, keeps no lock for longer. No transaction of ours waits for anything but the database."""

AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
)
"""What a plain asyncpg connection raises when the database is away, is ending or is starting."""
_engine: AsyncEngine | None = None
_pool: "asyncpg.Pool[asyncpg.Record] | None" = None
_opening = asyncio.Lock()


class Base(DeclarativeBase):
    """Every table's base: bigint ids, time zones kept, constraint names that a migration can find again."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {int: BigInteger, datetime: DateTime(timezone=True), dict[str, Any]: JSONB}  # noqa: RUF012


def driver_url(url: str) -> str:
    """Turn a ``postgresql://`` address into the one SQLAlchemy's asyncpg dialect takes."""
    return "postgresql+asyncpg://" + url.split("://", 1)[1]


def _session_settings() -> dict[str, str]:
    return {"application_name": "nonet", "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION}


def engine() -> AsyncEngine:
    """Return this process's engine, made on first use."""
    global _engine  # noqa: PLW0603 - one pool a process
    if _engine is None:
        _engine = create_async_engine(
            driver_url(settings.load().database_url),
            pool_size=POOL_SIZE,
            max_overflow=POOL_SIZE,
            pool_pre_ping=True,
            connect_args={"server_settings": _session_settings(), "timeout": 10, "command_timeout": 30},
        )
    return _engine


async def pool() -> "asyncpg.Pool[asyncpg.Record]":
    """Return this process's pool of plain asyncpg connections, for the hot paths; made on first use.

    Their statements are written once and planned once a connection, whatever the parameters.
    """
    global _pool  # noqa: PLW0603 - one pool a process
    async with _opening:
        if _pool is None:
            _pool = await asyncpg.create_pool(
                settings.load().database_url,
                min_size=1,
                max_size=POOL_SIZE,
                command_timeout=30,
                timeout=10,
                server_settings=_session_settings() | {"plan_cache_mode": "force_generic_plan", "jit": "off"},
                reset=_as_it_is,
            )
    return _pool


async def _as_it_is(connection: Any) -> None:  # noqa: ANN401 - asyncpg's connection
    """Give a connection back without a round trip: nobody changes its settings, listens on it or locks for long."""


async def close() -> None:
    """Give back every connection of this process."""
    global _engine, _pool, _opening  # noqa: PLW0603 - one pool a process
    _opening = asyncio.Lock()  # a lock belongs to the loop that first waited for it
    if _pool is not None:
        pool, _pool = _pool, None
        await pool.close()
    if _engine is not None:
        await _engine.dispose()
        _engine = None


@asynccontextmanager
async def transaction() -> AsyncIterator[Session]:
    """Open a session that commits when the block ends and rolls back when it raises."""
    async with AsyncSession(engine(), expire_on_commit=False) as session:
        async with session.begin():
            yield session
        for step in session.info.pop("after_commit", ()):
            await step()


class Plain:
    """A transaction on a connection of the plain pool: what hot paths have in place of a session, at half its cost.

    ``after_commit`` and everything that tells or writes by ``statements.raw`` take it as they take a session. Whoever
    holds one never waits for a second, as ``limits.take`` does: the pool is small, and all would wait for each other.
    """

    def __init__(self, connection: "PoolConnectionProxy[asyncpg.Record]") -> None:
        self.connection = connection
        self.info: dict[str, Any] = {}


Transaction: TypeAlias = AsyncSession | Plain


@asynccontextmanager
async def plain() -> AsyncIterator[Plain]:
    """Open a plain transaction that commits when the block ends and rolls back when it raises."""
    async with (await pool()).acquire() as connection:
        opened = Plain(connection)
        async with connection.transaction():
            yield opened
    for step in opened.info.pop("after_commit", ()):
        await step()


def after_commit(session: Transaction, step: Callable[[], Awaitable[None]]) -> None:
    """Run ``step`` once the session's transaction is durable; never when it rolls back."""
    session.info.setdefault("after_commit", []).append(step)


async def _session() -> AsyncIterator[Session]:
    async with transaction() as session:
        yield session


SessionDep = Annotated[Session, Depends(_session, scope="function")]
