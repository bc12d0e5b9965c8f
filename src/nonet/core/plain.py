"""Routes of hot paths: plain Starlette and msgspec, in the same application and the same OpenAPI as every other.

FastAPI's validation costs several times as much a request (docs/decisions/0009-hot-paths.md). What these routes take
and give is written as msgspec structs, whose schemas are merged into the one description; what is malformed is answered
exactly as everywhere else.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from nonet.core import errors

Body = TypeVar("Body")
Handler = Callable[[Request, Body], Awaitable[msgspec.Struct | Response]]

Id = Annotated[str, msgspec.Meta(pattern="^[0-9]{1,19}$")]
"""An id on the wire; ``ids.parse`` makes it a number, or None when it is none of ours."""

_REF = "#/components/schemas/{name}"
_encode = msgspec.json.Encoder().encode


def route(
    app: FastAPI,
    path: str,
    handler: Handler[Body],
    *,
    request: type[msgspec.Struct],
    response: type[msgspec.Struct],
    operation_id: str,
    refusals: Sequence[type[errors.Refusal]] = (),
    tags: Sequence[str] = (),
    decode: Callable[[bytes], Body] | None = None,
) -> None:
    """Answer POST at ``path`` by ``handler(request, body)``, which returns the response struct or a whole Response.

    The body is decoded as ``request``, whatever its content type says. ``decode`` takes the place of that where a body
    may be partly wrong; it raises ``msgspec.MsgspecError`` when it is wholly so.
    """
    read: Callable[[bytes], Any] = decode or msgspec.json.Decoder(request).decode

    async def answer(asked: Request) -> Response:
        made = await handler(asked, _body(read, await asked.body()))
        return made if isinstance(made, Response) else reply(made)

    # At the front: a hot path is not compared with every other address first.
    app.router.routes.insert(0, Route(path, answer, methods=["POST"], include_in_schema=False))
    operation = _operation(
        handler, request=request, response=response, operation_id=operation_id, refusals=refusals, tags=tags
    )
    _describe(app, path, operation)


def reply(made: msgspec.Struct) -> Response:
    """Encode a struct as the answer."""
    return Response(_encode(made), media_type="application/json")


def _body(read: Callable[[bytes], Body], raw: bytes) -> Body:
    try:
        return read(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise RequestValidationError([fault(error)]) from error


def fault(error: Exception) -> dict[str, Any]:
    """Shape a decoder's message like pydantic's: where, and what is wrong there."""
    message, _, where = str(error).partition(" - at `$")
    return {"loc": ("body", *re.findall(r"\w+", where)), "msg": message}


def _operation(
    handler: Handler[Any],
    *,
    request: type,
    response: type,
    operation_id: str,
    refusals: Sequence[type[errors.Refusal]],
    tags: Sequence[str],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Describe one call; return its operation and the schemas it refers to."""
    (asked, given), schemas = msgspec.json.schema_components([request, response], ref_template=_REF)
    answers = {"200": {"description": "Successful Response", "content": _json(given)}}
    for status, refused in errors.refusals(errors.Invalid, *refusals).items():
        named = refused["model"].model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= named.pop("$defs", {}) | {refused["model"].__name__: named}
        reference = {"$ref": _REF.format(name=refused["model"].__name__)}
        answers[str(status)] = {"description": refused["description"], "content": _json(reference)}
    operation = {
        "operationId": operation_id,
        "summary": operation_id.replace("_", " ").title(),
        "description": inspect.getdoc(handler) or "",
        "requestBody": {"required": True, "content": _json(asked)},
        "responses": answers,
    }
    return operation | ({"tags": list(tags)} if tags else {}), schemas


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _describe(app: FastAPI, path: str, described: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Merge a call into the application's description whenever that is made."""
    without = app.openapi

    def openapi() -> dict[str, Any]:
        made = without()
        operation, schemas = described
        made.setdefault("paths", {}).setdefault(path, {})["post"] = operation
        known = made.setdefault("components", {}).setdefault("schemas", {})
        for name, schema in schemas.items():
            known.setdefault(name, schema)
        return made

    app.openapi = openapi  # type: ignore[method-assign]
