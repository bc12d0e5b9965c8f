"""Shapes of the inbox on the wire."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from nonet.core import ids
from nonet.inbox.service import Kind
from nonet.people.schemas import Author


class Notification(BaseModel):
    """Something that happened to me; ``actors`` are the last three of ``count``, nobody for what the server did."""

    model_config = ConfigDict(from_attributes=True)

    id: ids.Id
    kind: Kind
    actors: list[Author]
    count: int
    subject_kind: str
    subject_id: ids.Id
    details: dict[str, Any]
    read: bool
    created_at: datetime
    updated_at: datetime


class NotificationPage(BaseModel):
    """A page of my inbox, the latest first."""

    items: list[Notification]
    next: str | None


class ReadUpTo(BaseModel):
    """The latest row that was seen."""

    up_to: ids.Id


class Unread(BaseModel):
    """How much I have not seen: news, conversations with something new, people who ask to follow me."""

    model_config = ConfigDict(from_attributes=True)

    notifications: int
    messages: int
    requests: int


class PushKey(BaseModel):
    """The server's public key, for ``applicationServerKey``."""

    key: str


class PushKeys(BaseModel):
    """A browser's keys, as ``PushSubscription.toJSON()`` names them."""

    p256dh: Annotated[str, Field(max_length=200)]
    auth: Annotated[str, Field(max_length=100)]


class PushSubscription(BaseModel):
    """A browser's subscription, as ``PushSubscription.toJSON()`` writes it."""

    endpoint: Annotated[str, Field(max_length=2000)]
    keys: PushKeys


class PushEnd(BaseModel):
    """The subscription to end."""

    endpoint: Annotated[str, Field(max_length=2000)]


class PushChoices(BaseModel):
    """The kinds of news that stay in the inbox and are not pushed."""

    quiet: Annotated[list[Kind], Field(max_length=50)]
