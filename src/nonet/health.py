"""Whether the roles that run on a data folder are well: what a container engine asks for every half minute.

A role that runs holds its lock. Those that listen are asked for ``/readyz``; a worker, which doesn't, notes when it
last reached the database.
"""

import ssl
import time
import urllib.error
import urllib.request

from nonet.core import beat, lifeline
from nonet.core.settings import Settings

ANSWER_S = 4.0
LATE_S = 45.0


def look(conf: Settings) -> dict[str, str]:
    """Return what is wrong with each role that runs here, by name; an empty text means that it is well."""
    running = [name for name in ("api", "media", "worker") if lifeline.held(conf.data_dir / "run" / f"{name}.lock")]
    ports = {"api": conf.port, "media": conf.bytes_port}
    return {name: _asked(conf, ports[name]) if name in ports else _late(conf) for name in running}


def _asked(conf: Settings, port: int) -> str:
    """Ask a role on this machine whether it is ready; its certificate names the address people use, not this one."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(conf.host, conf.host)  # noqa: S104 - compared
    trust = ssl._create_unverified_context() if conf.tls_cert else None  # noqa: S323, SLF001 - our own machine
    try:
        url = f"{'https' if trust else 'http'}://{host}:{port}/readyz"
        with urllib.request.urlopen(url, timeout=ANSWER_S, context=trust):  # noqa: S310 - http or https, see above
            return ""
    except urllib.error.HTTPError as error:
        return f"not ready: {error.read(200).decode(errors='replace')}"
    except OSError as error:
        return f"does not answer: {error}"


def _late(conf: Settings) -> str:
    seen_at = beat.last(conf)
    age_s = time.time() - seen_at
    return "" if age_s < LATE_S else f"has not reached the database for {age_s:.0f} s" if seen_at else "is starting"
