"""What an e-mail address is, and when two are one. Pure."""

import re

from nonet.core import errors

LONGEST = 254
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


class EmailInvalid(errors.Refusal):
    """It can't be an address that mail reaches."""

    code = "email_invalid"
    sentence = "That doesn't look like an e-mail address. It has the form name@example.org."


def parse(text: str) -> str:
    """Return an address as it is written from now on, its domain in ASCII; raises EmailInvalid.

    The local part is what HTML's ``input type=email`` takes: no quotes, no comments, no letters outside ASCII.
    """
    local, at, domain = text.strip().rpartition("@")
    if len(text) > LONGEST:
        raise EmailInvalid
    try:
        host = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise EmailInvalid from None
    address = f"{local}@{host}"
    fits = at and len(local) <= 64 and len(address) <= LONGEST  # noqa: PLR2004 - RFC 5321, 4.5.3.1.1
    if not fits or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(host):
        raise EmailInvalid
    return address


def key(address: str) -> str:
    """Return what a parsed address is found by: servers that tell upper from lower case have died out."""
    return address.casefold()
