"""How Alembic runs a revision: on the connection that ``migrate`` holds, in one transaction for each revision."""

from alembic import context

from nonet.core import db
from nonet.schema import tables

tables.load()
given = context.config.attributes
context.configure(
    connection=given["connection"],
    target_metadata=db.Base.metadata,
    transaction_per_migration=True,
    on_version_apply=given["one_more"],
)
with context.begin_transaction():
    context.run_migrations()
