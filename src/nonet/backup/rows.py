"""The database of a backup: every table as PostgreSQL's text copy, read in one snapshot, written in one transaction.

The tables are asked of the database itself, since a backup before an upgrade meets an older revision than this code's.
"""

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Any

import asyncpg

from nonet.backup import ArchiveError, manifest, tar

if TYPE_CHECKING:
    from typing import TypeAlias

    Connection: TypeAlias = asyncpg.Connection[Any]

LEFT_OUT = frozenset({"alembic_version", "sessions", "links", "push_subscriptions", "buckets"})
"""What a backup lacks: the revision, which the manifest says, and what would open a door that was closed since."""

COMPRESSION = 3
_GZIP = 31
_OUR_TABLES = (
    "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
    " AND NOT c.relispartition AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"
)
_COLUMNS = (
    "SELECT attname FROM pg_attribute WHERE attrelid = ('public.' || quote_ident($1))::regclass"
    " AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum"
)
_PARTITIONS = (
    "SELECT p.relname AS parent, c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds FROM pg_inherits i"
    " JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent"
    " WHERE c.relnamespace = 'days'::regnamespace AND c.relkind = 'r'"
    " AND pg_get_expr(c.relpartbound, c.oid) IS NOT NULL ORDER BY 2"
)
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
_REFERENCES = (
    "SELECT a.relname AS child, b.relname AS above FROM pg_constraint k JOIN pg_class a ON a.oid = k.conrelid"
    " JOIN pg_class b ON b.oid = k.confrelid WHERE k.contype = 'f' AND a.oid <> b.oid"
    " AND a.relnamespace = 'public'::regnamespace"
)


async def connect(url: str) -> "Connection":
    """Open a connection that writes dates one way, whatever the server is set to, and waits for long copies."""
    plain = {
        "application_name": "nonet backup",
        "DateStyle": "ISO, YMD",
        "TimeZone": "UTC",
        "IntervalStyle": "postgres",
    }
    return await asyncpg.connect(url, timeout=10, server_settings=plain)


async def exists(connection: "Connection", table: str) -> bool:
    """Tell whether there is such a table of ours."""
    return bool(await connection.fetchval("SELECT to_regclass('public.' || quote_ident($1)) IS NOT NULL", table))


async def inhabited(connection: "Connection") -> bool:
    """Tell whether anybody has an account here."""
    if not await exists(connection, "accounts"):
        return False
    return bool(await connection.fetchval("SELECT EXISTS (SELECT 1 FROM accounts)"))


async def names(connection: "Connection") -> set[str]:
    """Return every table of ours, those of extensions and partitions aside."""
    return {row[0] for row in await connection.fetch(_OUR_TABLES)}


async def write(connection: "Connection", writer: tar.Writer) -> list[manifest.Table]:
    """Add every table to the archive; the connection is in a transaction of one snapshot."""
    made = []
    for name in sorted(await names(connection) - LEFT_OUT):
        columns = [row[0] for row in await connection.fetch(_COLUMNS, name)]
        squeeze = zlib.compressobj(COMPRESSION, zlib.DEFLATED, _GZIP)
        with writer.member(f"database/{name}.copy.gz") as put:

            async def add(piece: bytes, squeeze: Any = squeeze, put: tar.Put = put) -> None:  # noqa: ANN401 - zlib's
                put(squeeze.compress(piece))

            listed = ", ".join(f'"{column}"' for column in columns)
            done = await connection.copy_from_query(f'SELECT {listed} FROM public."{name}"', output=add)  # noqa: S608
            put(squeeze.flush())
        made.append(manifest.Table(name=name, columns=columns, rows=int(done.split()[-1])))
    return made


async def days(connection: "Connection") -> list[manifest.Day]:
    """Return the partitions by days."""
    if not await connection.fetchval("SELECT to_regnamespace('days') IS NOT NULL"):
        return []
    found = []
    for row in await connection.fetch(_PARTITIONS):
        start, until = row["bounds"].split("'")[1:4:2]
        found.append(manifest.Day(parent=row["parent"], name=row["name"], start=start[:10], until=until[:10]))
    return found


async def sequences(connection: "Connection") -> dict[str, int | None]:
    """Return how far each sequence is. They know no snapshot: read after the tables, they are never behind them."""
    return {row[0]: row[1] for row in await connection.fetch(_SEQUENCES)}


async def read(connection: "Connection", archive: tar.Reader) -> None:
    """Fill the empty tables of the archive's own revision; raises ArchiveError when they aren't those it has."""
    said = archive.manifest
    tables = {table.name: table for table in said.tables}
    if tables.keys() != await names(connection) - LEFT_OUT:
        raise ArchiveError(f"This backup says revision {said.revision} and has other tables.")
    await _make_days(connection, said.days)
    for name in await _in_order(connection, set(tables)):
        table = tables[name]
        known = {row[0] for row in await connection.fetch(_COLUMNS, name)}
        member = archive.small.get(f"database/{name}.copy.gz")
        if member is None or set(table.columns) != known:
            raise ArchiveError(f"This backup says revision {said.revision} and has another table {name}.")
        done = await connection.copy_to_table(
            name, schema_name="public", columns=table.columns, source=_unpacked(archive.read(member), name)
        )
        if int(done.split()[-1]) != table.rows:
            raise ArchiveError(f"This backup should have {table.rows} rows of {name}.")
    for sequence in (await sequences(connection)).keys() & said.sequences.keys():
        if (last := said.sequences[sequence]) is not None:
            await connection.execute("SELECT setval(('public.' || quote_ident($1))::regclass, $2)", sequence, last)


async def clear(connection: "Connection") -> None:
    """Drop every table, sequence and function of ours, those of extensions aside."""
    for name in await names(connection):
        await connection.execute(f'DROP TABLE public."{name}" CASCADE')
    await connection.execute("DROP SCHEMA IF EXISTS days CASCADE")
    for name in await sequences(connection):
        await connection.execute(f'DROP SEQUENCE public."{name}" CASCADE')
    functions = await connection.fetch(
        "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace"
        " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
    )
    for row in functions:
        await connection.execute(f"DROP FUNCTION {row[0]} CASCADE")


async def _make_days(connection: "Connection", wanted: list[manifest.Day]) -> None:
    parents = {row[0] for row in await connection.fetch("SELECT relname FROM pg_class WHERE relkind = 'p'")}
    for day in wanted:
        if day.parent not in parents:
            raise ArchiveError(f"This backup has days of {day.parent}, which has none.")
        await connection.execute(
            f'CREATE TABLE days."{day.name}" PARTITION OF public."{day.parent}"'
            f" FOR VALUES FROM ('{day.start}') TO ('{day.until}')"
        )


async def _in_order(connection: "Connection", tables: set[str]) -> Iterator[str]:
    """Return the tables so that each comes after those it refers to."""
    above: dict[str, set[str]] = {name: set() for name in tables}
    for row in await connection.fetch(_REFERENCES):
        if row["child"] in tables and row["above"] in tables:
            above[row["child"]].add(row["above"])
    return iter(tuple(TopologicalSorter(above).static_order()))


async def _unpacked(pieces: Iterator[bytes], name: str) -> AsyncIterator[bytes]:
    loose = zlib.decompressobj(_GZIP)
    try:
        for piece in pieces:
            while piece:
                if made := loose.decompress(piece, tar.PIECE_BYTES):
                    yield made
                piece = loose.unconsumed_tail  # noqa: PLW2901 - what one call left to the next
            await asyncio.sleep(0)
    except zlib.error:
        raise ArchiveError(f"This backup is damaged in the table {name}.") from None
    if not loose.eof:
        raise ArchiveError(f"This backup is damaged in the table {name}: it ends too early.")
