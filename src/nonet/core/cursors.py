"""Cursors of lists: opaque texts that hold the sort key of the last item seen, so that a page is found again by key."""

import base64
import binascii
import json
from datetime import datetime
from typing import Annotated

from fastapi import Query

from nonet.core import errors

Cursor = Annotated[str | None, Query(max_length=300)]
"""The query parameter of a list's route; None asks for its beginning."""

_ID_DIGITS = 19
_ID_MOST = (1 << 63) - 1


class CursorInvalid(errors.Refusal):
    """Not a cursor of ours."""

    code = "cursor_invalid"
    sentence = "The page's address is damaged. Start from the top of the list."


def write_cursor(*parts: object) -> str:
    """Return an opaque cursor of a list's sort key."""
    return base64.urlsafe_b64encode(json.dumps([str(p) for p in parts]).encode()).decode().rstrip("=")


def read_cursor(text: str | None, parts: int) -> list[str] | None:
    """Return the parts of a cursor, None without one. Raises CursorInvalid."""
    if not text:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise CursorInvalid from None
    if not isinstance(found, list) or len(found) != parts or not all(isinstance(p, str) for p in found):
        raise CursorInvalid
    return found


def read_id_cursor(text: str | None) -> int | None:
    """Return the id in a cursor of one part."""
    found = read_cursor(text, 1)
    return None if found is None else _id(found[0])


def read_pair_cursor(text: str | None) -> tuple[int, int] | None:
    """Return the number and id in a cursor of two parts."""
    found = read_cursor(text, 2)
    return None if found is None else (_id(found[0]), _id(found[1]))


def read_time_cursor(text: str | None) -> tuple[datetime, int] | None:
    """Return the moment and id in a cursor of two parts."""
    found = read_cursor(text, 2)
    if found is None:
        return None
    try:
        at = datetime.fromisoformat(found[0])
    except ValueError:
        raise CursorInvalid from None
    if at.tzinfo is None:
        raise CursorInvalid
    return at, _id(found[1])


def _id(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > _ID_DIGITS:
        raise CursorInvalid
    return min(int(text), _ID_MOST)
