"""The database's history leads to what the code declares."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
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


def test_who_looks_on_is_told_of_each_revision_that_is_applied(schema: str, told: list[tuple[int, int]]) -> None:
    _ = schema
    revisions = len(list(ScriptDirectory.from_config(migrations.config()).walk_revisions()))
    assert told == [(done, revisions) for done in range(revisions + 1)]
