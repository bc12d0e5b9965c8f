"""Answers of JSON that was shaped for the wire already."""

from typing import Any

import msgspec
from starlette.responses import Response

_encode = msgspec.json.Encoder().encode


def reply(shaped: Any) -> Response:  # noqa: ANN401 - JSON
    """Encode what is shaped already; the route's ``response_model`` describes it."""
    return Response(_encode(shaped), media_type="application/json")
