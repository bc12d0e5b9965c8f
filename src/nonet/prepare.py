"""The supervisor's short child before the roles: brings the schema up to date and finds out what to tell people.

Its standard input ends when the database answers; its standard output is one JSON object, ``{"lines": [...]}``.
"""

import asyncio
import io
import json
import sys
from urllib.parse import urlsplit

import segno

from nonet import schema, terminal
from nonet.accounts import service as accounts
from nonet.core import db, network, settings, tls


def main() -> None:
    """Migrate, then say on standard output what the terminal shows once the product answers."""
    sys.stdin.read()
    schema.migrate(settings.load().database_url)
    lines = asyncio.run(_lines())
    json.dump({"lines": lines}, sys.stdout)


async def _lines() -> list[str]:
    conf = settings.load()
    lines = ["", f"Nonet is at {terminal.bold(conf.origin)}"]
    lines += _for_phones(conf)
    async with db.transaction() as session:
        link = await accounts.setup_link(session)
    await db.close()
    if link:
        lines += ["", f"Nobody runs this server yet. Become its operator with this link, once: {terminal.bold(link)}"]
    return [*lines, "", "Ctrl-C stops it."]


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
    main()
