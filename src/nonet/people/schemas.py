"""Shapes of people on the wire, and of the forms whose answer is ``Me``."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from nonet.accounts.schemas import Typed
from nonet.core import ids


class Author(BaseModel):
    """Who made something."""

    model_config = ConfigDict(from_attributes=True)

    id: ids.Id
    handle: str
    name: str
    avatar_url: str | None


class Person(Author):
    """What anyone may know of someone; ``name`` is the handle until they give one."""

    bio: str
    link: str


class Me(Person):
    """What someone knows of themselves besides."""

    email: str
    email_verified: bool
    pending_email: str | None
    role: Literal["person", "moderator", "operator"]
    created_at: datetime


class SignUpForm(BaseModel):
    """What it takes to have an account; ``setup`` is the token of a set-up link, ``invitation`` a code."""

    handle: Typed
    email: Typed
    password: Typed
    birth_date: Annotated[str, Field(max_length=40, json_schema_extra={"format": "date"})]
    invitation: Typed = ""
    setup: Typed = ""


class SignInForm(BaseModel):
    """A handle or e-mail, and its password."""

    login: Typed
    password: Typed


class HandleChange(BaseModel):
    """The next handle."""

    handle: Typed


class EmailChange(BaseModel):
    """The present password and the next address."""

    password: Typed
    email: Typed


class ProfileChange(BaseModel):
    """What to change; a field that is missing stays, one that is empty or null is emptied."""

    name: Typed | None = None
    bio: Typed | None = None
    link: Typed | None = None
