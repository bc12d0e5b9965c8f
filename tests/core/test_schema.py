"""The database's history leads to what the code declares."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from nonet import schema as migrations
from nonet.core import db


async def test_the_revisions_make_exactly_the_tables_that_the_slices_declare(database: str) -> None:
    _ = database

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, db.Base.metadata))

    async with db.engine().connect() as connection:
        assert await connection.run_sync(differences) == []


def test_a_migrated_database_is_left_as_it_is(schema: str) -> None:
    assert migrations.migrate(schema) == []
