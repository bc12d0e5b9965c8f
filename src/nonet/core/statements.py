"""Statements of hot paths: written once in SQLAlchemy Core, compiled once, run on asyncpg as they are.

One query costs less than half of what it costs through a session (docs/decisions/0009-hot-paths.md).
"""

from typing import TYPE_CHECKING, Any, cast

import asyncpg
from sqlalchemy import ClauseElement
from sqlalchemy.dialects.postgresql import asyncpg as dialect

from nonet.core import db

if TYPE_CHECKING:
    from sqlalchemy.sql.compiler import SQLCompiler

Row = asyncpg.Record


class Statement:
    """A compiled statement; its named parameters are given as keywords, and Core's own constants are filled in."""

    def __init__(self, statement: ClauseElement) -> None:
        made = dialect.dialect()  # type: ignore[no-untyped-call]
        compiled = cast("SQLCompiler", statement.compile(dialect=made))
        self.sql = str(compiled)
        self._names = tuple(compiled.positiontup or ())
        self._constants: dict[str, Any] = {k: v for k, v in compiled.params.items() if v is not None}

    async def fetch(self, connection: "asyncpg.Connection[Row]", **given: object) -> list[Row]:
        """Run it and return its rows."""
        values = self._constants | given
        return await connection.fetch(self.sql, *(values.get(name) for name in self._names))


async def raw(session: db.Session) -> "asyncpg.Connection[Row]":
    """Return the connection under a session, inside the session's transaction."""
    connection = await session.connection()
    found: asyncpg.Connection[Row] = (await connection.get_raw_connection()).driver_connection  # type: ignore[assignment]
    if not found.is_in_transaction():
        # The dialect begins its transaction at its first own statement; what came before would be committed alone.
        await connection.exec_driver_sql("SELECT 1")
    return found
