"""What part of a file a request asks for, by RFC 9110 (sections 13 and 14). Pure."""

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes to send, ``end`` exclusive, and the status that says so; 416 and 304 send none."""

    status: int
    start: int = 0
    end: int = 0


def choose(size: int, etag: str, headers: dict[str, str], *, head: bool = False) -> Part:
    """Decide the answer to a GET or HEAD of a file of ``size`` bytes from the request's headers (lower-case names).

    One range is honoured; several, or one that can't be read, count as none, which the RFC allows.
    """
    if _names(headers.get("if-none-match"), etag):
        return Part(304)
    wanted = headers.get("range")
    if wanted is None or head or headers.get("if-range", etag).strip() != etag:
        return Part(200, 0, size)
    return _ranged(size, wanted)


def _ranged(size: int, wanted: str) -> Part:
    found = _ONE_RANGE.fullmatch(wanted)
    if found is None or found.groups() == ("", ""):
        return Part(200, 0, size)
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < int(first):
            return Part(200, 0, size)
    if start >= size:
        return Part(416)
    return Part(206, start, end)


def _names(condition: str | None, etag: str) -> bool:
    """Tell whether If-None-Match names this tag; weak comparison, and ``*`` names every tag."""
    if condition is None:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in condition.split(",")}
    return etag in tags or "*" in tags
