"""The supervisor's short child before the roles: brings the schema up to date and finds out what to tell people.

Its standard input ends when the database answers; its standard output is one JSON object, ``lines`` to show and the
clock of a ``demo`` that is to be filled.
"""

import asyncio
import contextlib
import io
import json
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import asyncpg
import segno
from sqlalchemy.exc import DBAPIError

from nonet import schema, terminal
from nonet.accounts import service as accounts
from nonet.backup import BackupError, upgrade
from nonet.core import db, network, settings, tls
from nonet.demo import service as community

PATIENCE_S = 30.0


def main() -> int:
    """Migrate, then say on standard output what the terminal shows once the product answers; return the exit code."""
    sys.stdin.read()
    url = settings.load().database_url
    try:
        asyncio.run(_answering(url))
        with _bar("Keeping the database as it was") as kept, _bar("Bringing the database up to date") as step:
            schema.migrate(url, step, before=lambda: upgrade.keep(settings.load(), kept))
        demo, lines = asyncio.run(_news())
    except (schema.DatabaseNewerError, schema.DatabaseTooOldError, schema.RestoreUnfinishedError, BackupError) as error:
        terminal.trouble(str(error))
        return 1
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, DBAPIError, ValueError) as error:
        terminal.trouble(f"The database can't be used: {type(error).__name__}: {error}")
        return 1
    json.dump({"lines": lines, "demo": demo}, sys.stdout)
    return 0


async def _answering(url: str) -> None:
    """Wait for a database that is starting as we are; one that answers anything else than a connection is at fault."""
    given_up_at = time.monotonic() + PATIENCE_S
    told = False
    while True:
        try:
            connection = await asyncpg.connect(url, timeout=5)
        except (OSError, asyncpg.CannotConnectNowError):
            if time.monotonic() > given_up_at:
                raise
            if not told:
                terminal.trouble(f"Waiting for the database, up to {PATIENCE_S:.0f} s.")
            told = True
            await asyncio.sleep(0.5)
        else:
            await connection.close()
            return


@contextlib.contextmanager
def _bar(what: str) -> Iterator[schema.Step]:
    """Draw how far the migration is, where somebody looks; nothing when there is nothing to do."""
    if not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    from rich.console import Console  # noqa: PLC0415 - a terminal's own
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as drawn:
        task = drawn.add_task(what, total=None, visible=False)
        yield lambda done, total: drawn.update(task, completed=done, total=total, visible=True)


async def _news() -> tuple[str, list[str]]:
    """Return whether a demo is to be filled, by which clock, and what to show."""
    conf = settings.load()
    lines = ["", f"Nonet is at {conf.origin}", *_for_phones(conf)]
    async with db.transaction() as session:
        demo = await community.wanted(session, conf)
        link = await accounts.setup_link(session)
    await db.close()
    if demo:
        lines += ["", "A demo community moves in: made-up people, clips made here. nonet demo remove takes it away."]
    if link:
        lines += ["", f"Nobody runs this server yet. Become its operator with this link, once: {link}"]
    return demo, [*lines, "", "Ctrl-C stops it."]


def _for_phones(conf: settings.Settings) -> list[str]:
    """Draw the address for a phone's camera when others may come in; first the page that explains how to trust it."""
    own_authority = conf.tls_cert is not None and conf.tls_cert.parent == conf.data_dir / "keys"
    if network.is_loopback(urlsplit(conf.origin).hostname or "") or network.is_loopback(conf.host):
        return []
    drawn = io.StringIO()
    segno.make(conf.origin + ("/trust" if own_authority else ""), micro=False).terminal(drawn, compact=True)
    lines = ["", drawn.getvalue().rstrip()]
    if own_authority:
        lines.append("A phone warns once, until it trusts this server's authority. The page shows how; compare this:")
        lines.append(f"SHA-256 {tls.fingerprint(conf.data_dir / 'keys')}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
