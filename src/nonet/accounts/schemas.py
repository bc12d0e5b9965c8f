"""Shapes of accounts on the wire. ``Me`` is shaped by ``people``, which knows the profile as well."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from nonet.core import ids

Typed = Annotated[str, Field(max_length=2000)]
"""A text someone typed; what it may hold is checked where its refusal is known."""


class Instance(BaseModel):
    """What this server says of itself to anyone."""

    name: str
    description: str
    registration: Literal["open", "invitation", "closed"]
    minimum_age: int
    adult_age: int
    upload_max_bytes: int
    upload_max_ms: int
    media_url: str
    secure: bool
    version: str


class HandleState(BaseModel):
    """Whether a handle can be had now, and why not."""

    handle: str
    free: bool
    code: str | None = None
    sentence: str | None = None
    suggestions: list[str] = []


class SessionView(BaseModel):
    """A browser that is signed in."""

    id: ids.Id
    current: bool
    device: str
    created_at: datetime
    last_seen_at: datetime


class SessionList(BaseModel):
    """Every browser of a person."""

    items: list[SessionView]


class PasswordChange(BaseModel):
    """The present password and the next."""

    current: Typed
    password: Typed


class PasswordResetRequest(BaseModel):
    """A handle or e-mail whose password was lost."""

    login: Typed


class PasswordReset(BaseModel):
    """The next password."""

    password: Typed


class Mail(BaseModel):
    """A mail of the outbox."""

    id: ids.Id
    to: str
    subject: str
    text: str
    state: Literal["kept", "waiting", "sent", "failed"]
    error: str | None
    created_at: datetime
    sent_at: datetime | None


class MailPage(BaseModel):
    """Mails, the newest first."""

    items: list[Mail]
    next: str | None


JobState = Literal["waiting", "running", "done", "failed"]


class Job(BaseModel):
    """A piece of work, and why it failed when it did."""

    id: ids.Id
    topic: str
    handler: str
    state: JobState
    attempts: int
    error: str | None
    args: dict[str, Any]
    run_at: datetime
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobPage(BaseModel):
    """Work, the newest first; ``counts`` says how much there is in each state."""

    items: list[Job]
    next: str | None
    counts: dict[str, int]


PrefValue = str | int | bool


class Pref(BaseModel):
    """A preference of the operator's; ``low`` and ``high`` bound a number, ``high`` the letters of a text."""

    name: str
    kind: Literal["choice", "text", "number", "flag"]
    help: str
    value: PrefValue
    default: PrefValue
    options: list[str] | None
    low: int | None
    high: int | None


class PrefList(BaseModel):
    """Every preference."""

    items: list[Pref]


class InvitationForm(BaseModel):
    """How many people may come by an invitation, and for how long."""

    uses: Annotated[int, Field(ge=1, le=10_000)] = 1
    days: Annotated[int, Field(ge=1, le=365)] = 14


class Invitation(BaseModel):
    """A way in, as long as it isn't used up or expired."""

    id: ids.Id
    code: str
    url: str
    uses: int
    used: int
    used_at: datetime | None
    created_at: datetime
    expires_at: datetime


class InvitationPage(BaseModel):
    """Invitations, the newest first."""

    items: list[Invitation]
    next: str | None


class Export(BaseModel):
    """An archive of my data; ``done`` of ``total`` files are in it while it is made."""

    id: ids.Id
    state: Literal["waiting", "ready", "failed"]
    size_bytes: int
    done: int
    total: int
    created_at: datetime
    expires_at: datetime | None
    archive_url: str | None


class ExportList(BaseModel):
    """My archives, the latest first."""

    items: list[Export]


class Leave(BaseModel):
    """The present password, so that nobody else removes an account."""

    password: Typed


class Leaving(BaseModel):
    """When everything is removed; until then signing in takes it back."""

    leaves_at: datetime
