"""Statements of hot paths: written once in SQLAlchemy Core, compiled once, run on asyncpg as they are.

One query costs less than half of what it costs through a session (docs/decisions/0009-hot-paths.md).
"""

from typing import TYPE_CHECKING, Any, TypeAlias, cast

import asyncpg
from sqlalchemy import BindParameter, Boolean, ClauseElement, Integer, Numeric, String
from sqlalchemy.dialects.postgresql import asyncpg as dialect

from nonet.core import db

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy
    from sqlalchemy.sql.compiler import SQLCompiler

Row = asyncpg.Record
Connection: TypeAlias = "asyncpg.Connection[Row] | PoolConnectionProxy[Row]"
"""A plain connection, held for a transaction or taken from the pool for a moment."""


class _Compiler(dialect.PGCompiler_asyncpg):
    """Writes constants into the text: fewer parameters to send, and a plan that knows them."""

    def visit_bindparam(self, bindparam: BindParameter[Any], **options: Any) -> str:  # type: ignore[override] # noqa: ANN401
        """Write a constant of the program's own as it is; leave what is given at run time a parameter."""
        if bindparam.unique and isinstance(bindparam.value, str | int | float | list | tuple):
            kind = bindparam.type
            if kind._type_affinity in _PLAIN:  # noqa: SLF001 - the one name SQLAlchemy gives a type's family
                options["literal_binds"] = True
        return str(super().visit_bindparam(bindparam, **options))  # type: ignore[no-untyped-call]


_PLAIN = {Integer, String, Boolean, Numeric}


class Statement:
    """A compiled statement; its named parameters are given as keywords, and Core's own constants stand in the text."""

    def __init__(self, statement: ClauseElement) -> None:
        made = dialect.dialect()  # type: ignore[no-untyped-call]
        made.statement_compiler = _Compiler
        compiled = cast("SQLCompiler", statement.compile(dialect=made))
        self.sql = str(compiled)
        self._names = tuple(compiled.positiontup or ())
        self._constants: dict[str, Any] = {k: v for k, v in compiled.params.items() if v is not None}

    async def fetch(self, connection: Connection, **given: object) -> list[Row]:
        """Run it and return its rows."""
        values = self._constants | given
        return await connection.fetch(self.sql, *(values.get(name) for name in self._names))


async def raw(session: db.Transaction) -> Connection:
    """Return the connection under a session, inside the session's transaction."""
    if isinstance(session, db.Plain):
        return session.connection
    connection = await session.connection()
    found: asyncpg.Connection[Row] = (await connection.get_raw_connection()).driver_connection  # type: ignore[assignment]
    if not found.is_in_transaction():
        # The dialect begins its transaction at its first own statement; what came before would be committed alone.
        await connection.exec_driver_sql("SELECT 1")
    return found
