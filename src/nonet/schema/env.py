"""How Alembic runs a revision: on the connection that ``migrate`` holds, in one transaction for each revision."""

from alembic import context

from nonet.core import db
from nonet.schema import tables

tables.load()
connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=db.Base.metadata, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
