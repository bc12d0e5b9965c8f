"""What routes of cards share: the id in an address, and answers of JSON that was shaped for the wire already."""

from typing import Any

import msgspec
from starlette.responses import Response

from nonet.core import errors, ids

_encode = msgspec.json.Encoder().encode


def reply(shaped: Any) -> Response:  # noqa: ANN401 - JSON
    """Encode what is shaped already; the route's ``response_model`` describes it."""
    return Response(_encode(shaped), media_type="application/json")


def number(text: str) -> int:
    """Return the id in an address; raises NotFound for what can't be one."""
    found = ids.parse(text)
    if found is None:
        raise errors.NotFound
    return found
