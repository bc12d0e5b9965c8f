"""Writes the next migration from the difference between the tables and what the revisions make.

``python tools/revision.py "add playlists"`` needs NONET_DATABASE_URL of a database it may change. Read what it wrote.
"""

import asyncio
import sys

from alembic import command
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from nonet import schema
from nonet.core import db, settings


def main() -> None:
    """Upgrade to the newest revision, then write the next."""
    url = settings.load().database_url
    schema.migrate(url)

    def write(connection: Connection) -> None:
        config = schema.config()
        config.attributes |= {"connection": connection, "one_more": None}
        number = len(list((schema.FOLDER / "versions").glob("[0-9]*.py"))) + 1
        command.revision(config, sys.argv[1], autogenerate=True, rev_id=f"{number:04d}")

    async def run() -> None:
        engine = create_async_engine(db.driver_url(url))
        async with engine.connect() as connection:
            await connection.run_sync(write)
        await engine.dispose()

    asyncio.run(run())


if __name__ == "__main__":
    main()
