"""Shapes of people on the wire, and of the forms whose answer is ``Me``."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from nonet.accounts.schemas import Typed
from nonet.core import ids
from nonet.people.privacy import MessagesFrom

MuteKind = Literal["person", "tag", "sound", "word"]


class Author(BaseModel):
    """Who made something."""

    model_config = ConfigDict(from_attributes=True)

    id: ids.Id
    handle: str
    name: str
    avatar_url: str | None


class Relation(BaseModel):
    """How I stand to someone; only ``followed_by`` is their doing."""

    model_config = ConfigDict(from_attributes=True)

    following: Literal["none", "requested", "accepted"]
    followed_by: bool
    blocked: bool
    muted: bool
    restricted: bool


class Person(Author):
    """What anyone may know of someone; ``name`` is the handle until they give one, ``relation`` null for visitors."""

    bio: str
    link: str
    private: bool
    followers: int
    following: int
    video_count: int
    relation: Relation | None


class Me(Person):
    """What someone knows of themselves besides; ``minor`` is under the server's adult age."""

    email: str
    email_verified: bool
    pending_email: str | None
    role: Literal["person", "moderator", "operator"]
    state: Literal["active", "suspended"]
    minor: bool
    created_at: datetime


class SignedIn(BaseModel):
    """Who is signed in in a browser; nobody is None."""

    me: Me | None


class Listed(Author):
    """Someone in a list, since when they stand in it, and how I stand to them."""

    relation: Relation | None
    at: datetime


class PeoplePage(BaseModel):
    """A page of people, the latest first."""

    items: list[Listed]
    next: str | None


class Muted(BaseModel):
    """What I muted: ``value`` is a person's or sound's number, a folded hashtag or word."""

    kind: MuteKind
    value: str
    person: Author | None
    at: datetime


class MutedList(BaseModel):
    """Everything I muted, the latest first."""

    items: list[Muted]


class Privacy(BaseModel):
    """Who sees my videos and who may write to me."""

    model_config = ConfigDict(from_attributes=True)

    private: bool
    messages_from: MessagesFrom


class PrivacyChange(BaseModel):
    """What to change; a field that is missing stays."""

    private: bool | None = None
    messages_from: MessagesFrom | None = None


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
