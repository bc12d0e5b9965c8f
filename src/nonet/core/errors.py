"""Refusals: the business says no, with a status, a stable code and one sentence. Crashes are any other exception.

A refusal is defined beside the function that raises it and declared on the route by ``refusals``,
so that the generated client gets every code a call can answer with.
"""

from typing import Any, ClassVar

from pydantic import BaseModel, Field, create_model

ALL: dict[str, type["Refusal"]] = {}
"""Every refusal by code; docs/reference/refusals.md is compared with it by a test."""


class Refusal(Exception):  # noqa: N818 - named as the condition it states, never as an error
    """A no that a person can act on.

    Subclasses set ``status`` (HTTP), ``code`` (stable, snake case) and ``sentence``, a format string over ``details``.
    """

    status: ClassVar[int] = 422
    code: ClassVar[str]
    sentence: ClassVar[str]

    def __init__(self, *, headers: dict[str, str] | None = None, **details: Any) -> None:  # noqa: ANN401 - JSON values
        self.details = details
        self.headers = headers or {}
        super().__init__(self.text)

    def __init_subclass__(cls) -> None:
        """Register the code, so that no two refusals share one."""
        if "code" in cls.__dict__:
            known = ALL.setdefault(cls.code, cls)
            if known.__qualname__ != cls.__qualname__ or known.__module__ != cls.__module__:
                raise TypeError(f"two refusals have the code {cls.code}")

    @property
    def text(self) -> str:
        """The sentence with its details filled in."""
        return self.sentence.format(**self.details)


class NotFound(Refusal):
    """Nothing stands at this address, or nothing this person may see."""

    status = 404
    code = "not_found"
    sentence = "There is nothing at this address, or it is not shared with you."


class SignInNeeded(Refusal):
    """The call needs a signed-in person."""

    status = 401
    code = "sign_in_needed"
    sentence = "Sign in to go on."


class NotAllowed(Refusal):
    """The person is known and may not do this."""

    status = 403
    code = "not_allowed"
    sentence = "Your account may not do this."


class Invalid(Refusal):
    """A field is missing or malformed; ``details.fields`` says which, and what is wrong with it."""

    code = "invalid"
    sentence = "Something in this request is missing or has the wrong form."


class Problem(BaseModel):
    """What an answer other than 2xx says."""

    code: str
    sentence: str
    details: dict[str, Any] = Field(default_factory=dict)
    request_id: str = ""


def body(code: str, sentence: str, details: dict[str, Any], request_id: str) -> dict[str, Any]:
    """Shape the JSON of an error: ``{"error": {code, sentence, details, request_id}}``."""
    return {"error": {"code": code, "sentence": sentence, "details": details, "request_id": request_id}}


def refusals(*kinds: type[Refusal]) -> dict[int | str, dict[str, Any]]:
    """Declare on a route what it may refuse: FastAPI's ``responses``, one model a status, naming the codes."""
    by_status: dict[int, list[type[Refusal]]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    return {
        status: {"model": _model(status, group), "description": " · ".join(k.code for k in group)}
        for status, group in by_status.items()
    }


def also(declared: dict[int | str, dict[str, Any]], *kinds: type[Refusal]) -> dict[int | str, dict[str, Any]]:
    """Return what a route declares, ``refusals`` and others, with more refusals among them; twice is like once."""
    known = [kind for each in declared.values() for kind in _GROUPS.get(each.get("model"), ())]
    return declared | refusals(*dict.fromkeys([*known, *kinds]))


def _model(status: int, group: list[type[Refusal]]) -> type[BaseModel]:
    from typing import Literal  # noqa: PLC0415 - used to build a type at run time

    codes = tuple(sorted(k.code for k in group))
    name = f"Refused{status}" + "".join(c.title().replace("_", "") for c in codes)
    if name not in _MODELS:
        fields: dict[str, Any] = {"code": (Literal[codes], ...)}
        problem = create_model(f"{name}Problem", __base__=Problem, **fields)
        _MODELS[name] = create_model(name, error=(problem, ...))
        _GROUPS[_MODELS[name]] = tuple(group)
    return _MODELS[name]


_MODELS: dict[str, type[BaseModel]] = {}
_GROUPS: dict[type[BaseModel] | None, tuple[type[Refusal], ...]] = {}
"""Which refusals a model stands for."""
