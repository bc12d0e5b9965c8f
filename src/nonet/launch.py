"""What ``nonet up`` decides before it starts anything: the address people use, and the certificate for https."""

from urllib.parse import urlsplit

from pydantic import ValidationError

from nonet.core import network, tls
from nonet.core.settings import Settings


class ContradictionError(Exception):
    """Two settings that can't both be; the text says which and what to do."""


def environment(conf: Settings, *, https: bool) -> dict[str, str]:
    """Return the settings that roles get beside what the environment holds: everything decided, nothing left open."""
    local_tls = https and conf.tls_cert is None
    if https and conf.public_url.startswith("http://"):
        raise ContradictionError("NONET_PUBLIC_URL is plain http and --https was asked for. Leave one of them out.")
    if bool(conf.tls_cert) != bool(conf.tls_key):
        raise ContradictionError("NONET_TLS_CERT and NONET_TLS_KEY go together: set both or neither.")
    origin = conf.origin if conf.public_url else _origin(conf, secure=https or bool(conf.tls_cert))
    decided = {
        "NONET_DATA_DIR": str(conf.data_dir),
        "NONET_HOST": conf.host,
        "NONET_PORT": str(conf.port),
        "NONET_MEDIA_PORT": str(conf.bytes_port),
        "NONET_PUBLIC_URL": origin,
    }
    if local_tls:
        host = urlsplit(origin).hostname or ""
        if not tls.may_name(host):
            raise ContradictionError(
                f"--https makes a certificate for this machine's own network, not for {host}. "
                "Set NONET_TLS_CERT and NONET_TLS_KEY, or put a proxy that has one in front."
            )
        chain, key = tls.ensure(conf.folder("keys"), [host, *network.names()])
        decided |= {"NONET_TLS_CERT": str(chain), "NONET_TLS_KEY": str(key)}
    try:
        Settings.model_validate({**conf.model_dump(), "public_url": origin})
    except ValidationError:
        raise ContradictionError(
            f"Listening on {conf.host} would serve plain http at {origin}, which is not a private address. "
            "Set NONET_PUBLIC_URL to the https address people use, or start with --https on a private network."
        ) from None
    return decided


def _origin(conf: Settings, *, secure: bool) -> str:
    """Name the address for people: localhost, or this machine's own on its network when others may come in."""
    host = "localhost"
    if not network.is_loopback(conf.host):
        host = network.own_address() if conf.host in {"0.0.0.0", "::"} else conf.host  # noqa: S104 - compared
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if secure else 'http'}://{shown}:{conf.port}"
