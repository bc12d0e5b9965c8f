"""The database: the embedded one's programs, or whether the one that is set answers and is new enough."""

import asyncio
from collections.abc import Iterator
from urllib.parse import urlsplit

import asyncpg

from nonet.core import postgres as embedded
from nonet.core.settings import Settings
from nonet.doctor.finding import Finding

ANSWER_S = 5.0


def postgres(conf: Settings) -> Iterator[Finding]:
    """Look at the database that ``nonet up`` would use."""
    if not conf.database_url:
        yield _embedded(conf)
        return
    where = urlsplit(conf.database_url)
    name = f"{where.hostname or 'a socket'}{where.path}"
    try:
        version, has_trgm, owns = asyncio.run(_ask(conf.database_url))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        said = f"{name} does not answer: {type(error).__name__}: {error}"
        yield Finding(
            "Database", said, ok=False, mend="check NONET_DATABASE_URL, or unset it for the embedded database"
        )
        return
    new = version // 10_000 >= embedded.OLDEST
    mend = f"use PostgreSQL {embedded.OLDEST} or newer"
    yield Finding("Database", f"PostgreSQL {version // 10_000}.{version % 10_000} at {name}", new, mend)
    said = "available" if has_trgm else "not available"
    yield Finding("pg_trgm", said, has_trgm, f"sudo apt-get install postgresql-contrib-{version // 10_000}")
    said = "we may make tables" if owns else "we may not make tables in it"
    yield Finding(
        "Database rights", said, owns, f"psql -c 'GRANT CREATE ON DATABASE {where.path[1:]} TO {where.username}'"
    )


def _embedded(conf: Settings) -> Finding:
    try:
        bindir = embedded.find_bindir(str(conf.pg_bindir or ""))
    except embedded.PostgresError as error:
        return Finding("Database", str(error), ok=False, mend="make env")
    version = embedded.version(bindir)
    made_by = conf.data_dir / "postgres" / "PG_VERSION"
    old = made_by.read_text().strip() if made_by.exists() else str(version)
    said = f"embedded PostgreSQL {version}, {bindir}"
    if old != str(version):
        said += f"; but the data folder's database was made by PostgreSQL {old}"
    fits = version >= embedded.OLDEST and old == str(version)
    return Finding("Database", said, fits, f"set NONET_PG_BINDIR to the programs of PostgreSQL {old}")


async def _ask(url: str) -> tuple[int, bool, bool]:
    async with asyncio.timeout(ANSWER_S):
        connection = await asyncpg.connect(url)
        try:
            version = int(await connection.fetchval("SHOW server_version_num"))
            trgm = await connection.fetchval(
                "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_trgm')"
            )
            owns = await connection.fetchval("SELECT has_schema_privilege('public', 'CREATE')")
        finally:
            await connection.close()
    return version, bool(trgm), bool(owns)
