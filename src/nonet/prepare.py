"""Before the roles: brings the schema up to date and finds out what to tell people.

As the supervisor's short child its standard input ends when the database answers, and its standard output is one JSON
object, ``lines`` to show and the clock of a ``demo`` that is to be filled. ``nonet migrate`` is the same for roles that
are started by themselves.
"""

import asyncio
import contextlib
import io
import json
import sys
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar
from urllib.parse import urlsplit

import segno

from nonet import alone, schema, terminal
from nonet.accounts import service as accounts
from nonet.backup import BackupError, upgrade
from nonet.core import db, network, settings, tls
from nonet.demo import service as community

T = TypeVar("T")


def main() -> int:
    """Migrate, then say on standard output what the terminal shows once the product answers; return the exit code."""
    sys.stdin.read()
    if (news := _migrated(_news)) is None:
        return 1
    demo, lines = news
    json.dump({"lines": lines, "demo": demo}, sys.stdout)
    return 0


def migrate() -> int:
    """Migrate the database that the settings name and say so, with the link that makes its first operator."""
    if (lines := _migrated(_up_to_date)) is None:
        return 1
    for line in lines:
        terminal.say(terminal.lit(line))
    return 0


def _migrated(find_out: Callable[[], Awaitable[T]]) -> T | None:
    """Migrate, and return what is found out then; None when it can't be done, and the terminal says why."""
    url = settings.load().database_url
    try:
        asyncio.run(alone.answering(url))
        with _bar("Keeping the database as it was") as kept, _bar("Bringing the database up to date") as step:
            schema.migrate(url, step, before=lambda: upgrade.keep(settings.load(), kept))
        return asyncio.run(_closing(find_out))
    except (schema.DatabaseNewerError, schema.DatabaseTooOldError, schema.RestoreUnfinishedError, BackupError) as error:
        terminal.trouble(str(error))
    except alone.AWAY as error:
        terminal.trouble(f"The database can't be used: {type(error).__name__}: {error}")
    return None


async def _closing(find_out: Callable[[], Awaitable[T]]) -> T:
    try:
        return await find_out()
    finally:
        await db.close()


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
    if demo:
        lines += ["", "A demo community moves in: made-up people, clips made here. nonet demo remove takes it away."]
    return demo, [*lines, *_invited(link), "", "Ctrl-C stops it."]


async def _up_to_date() -> list[str]:
    async with db.transaction() as session:
        link = await accounts.setup_link(session)
    return ["The database is up to date.", *_invited(link)]


def _invited(link: str | None) -> list[str]:
    return ["", f"Nobody runs this server yet. Become its operator with this link, once: {link}"] if link else []


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
