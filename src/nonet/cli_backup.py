"""``nonet backup`` and ``nonet restore``: the whole server into one file, and back into an empty one."""

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import asyncpg
import typer
from sqlalchemy.exc import DBAPIError

from nonet import backup as archives
from nonet import cli_database, instance, schema, terminal
from nonet.backup import making, restoring, tar
from nonet.core import postgres, settings


def backup(file: Annotated[Path, typer.Argument(help="Where to write it; nothing may be there yet.")]) -> None:
    """Write database, objects and keys into one file, whether or not Nonet runs."""
    with _told(), cli_database.database(migrate=False), _bar("Backing up") as step:
        made = asyncio.run(making.make(settings.load(), file.resolve(), step))
    people = next((table.rows for table in made.tables if table.name == "accounts"), 0)
    whole = archives.size(file.stat().st_size)
    typer.echo(f"{file}: {people} accounts, {made.objects} objects, {whole}. It holds the server's keys: keep it safe.")
    if made.gone:
        typer.echo(f"{made.gone} objects were deleted meanwhile and are not in it.")


def restore(file: Annotated[Path, typer.Argument(help="A file that nonet backup wrote.", exists=True)]) -> None:
    """Read a backup into an empty instance that does not run: the database and storage that the settings name."""
    with _told(), contextlib.closing(tar.Reader(file)) as archive:
        with cli_database.database(migrate=False, alone=True), _bar("Restoring") as step:
            asyncio.run(restoring.restore(settings.load(), archive, step))
        said = archive.manifest
    typer.echo(
        f"Restored as it was at {said.made_at:%Y-%m-%d %H:%M} UTC. Everybody signs in anew. Start it with: nonet up"
    )


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """End the command with a sentence when it can't be done."""
    try:
        yield
    except (
        archives.BackupError,
        instance.AlreadyRunningError,
        postgres.PostgresError,
        schema.DatabaseTooOldError,
    ) as error:
        terminal.trouble(str(error))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, DBAPIError) as error:
        terminal.trouble(f"The database can't be used: {type(error).__name__}: {error}")
    except OSError as error:
        terminal.trouble(f"{error.filename or 'This'} can't be used: {error.strerror or error}")
    else:
        return
    raise typer.Exit(1)


@contextlib.contextmanager
def _bar(what: str) -> Iterator[making.Step]:
    """Draw how many bytes are done, where somebody looks."""
    if not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    from rich.console import Console  # noqa: PLC0415 - a terminal's own
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as drawn:
        task = drawn.add_task(what, total=None)
        yield lambda done, total: drawn.update(task, completed=done, total=max(done, total))
