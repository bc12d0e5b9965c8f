"""Rows of the inbox and of the devices it is pushed to."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import clock, db, ids


class Notification(db.Base):
    """Something that happened to a person; likes of one video gather in one row by ``group_key`` until it is read.

    ``actor_ids`` are the latest actors, last first; ``count`` is how many there were. ``details`` is what the page
    shows besides: an excerpt, the number of a video.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        Index("uq_notifications_group", "account_id", "group_key", unique=True),
        Index("ix_notifications_page", "account_id", "updated_at", "id"),
        Index("ix_notifications_unread", "account_id", "kind", postgresql_where=text("read_at IS NULL")),
        Index("ix_notifications_subject", "subject_kind", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)
    group_key: Mapped[str] = mapped_column(Text)
    actor_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    count: Mapped[int] = mapped_column(default=1)
    subject_kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int]
    details: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
    read_at: Mapped[datetime | None]


class PushSubscription(db.Base):
    """A browser that wants to be told while the app is closed (Push API, RFC 8030 and 8291), while it is signed in."""

    __tablename__ = "push_subscriptions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    endpoint: Mapped[str] = mapped_column(Text, unique=True)
    p256dh: Mapped[str] = mapped_column(Text)
    auth: Mapped[str] = mapped_column(Text)
    failures: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class QuietKind(db.Base):
    """A kind of news that a person doesn't want pushed; it still stands in their inbox."""

    __tablename__ = "quiet_kinds"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
