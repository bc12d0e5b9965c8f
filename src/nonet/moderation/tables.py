"""Rows of moderation. A subject is ``kind`` (video, comment, person, message, sound, playlist) and its number."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import clock, db, ids


class Label(db.Base):
    """What was decided of a subject and holds now; ``name`` is hidden, or sensitive: covered until asked for."""

    __tablename__ = "labels"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    decision_id: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Report(db.Base):
    """One person's report of a subject, which is hidden from them from then on."""

    __tablename__ = "reports"
    __table_args__ = (Index("ix_reports_case", "case_id"),)

    reporter_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    category: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Case(db.Base):
    """What moderators look at: one open case a subject gathers its reports; ``state`` is open or decided.

    ``owner_id`` is whose the subject is; ``excerpt`` what it said when it was first reported.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("uq_cases_open", "kind", "subject_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_cases_queue", "state", "priority", "id"),
        Index("ix_cases_owner", "owner_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int]
    owner_id: Mapped[int]
    state: Mapped[str] = mapped_column(Text, default="open")
    priority: Mapped[int] = mapped_column(default=0)
    reports: Mapped[int] = mapped_column(default=0)
    excerpt: Mapped[str] = mapped_column(Text, default="")
    claimed_by: Mapped[int | None]
    claimed_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_at: Mapped[datetime | None]


class Decision(db.Base):
    """What a moderator decided and why; ``action`` is keep, or one of ``decisions.LABELS`` or ``decisions.ENDS``.

    A cover, hide or suspend holds until ``ended_at``: it was taken back by another decision or by an appeal.
    """

    __tablename__ = "decisions"
    __table_args__ = (Index("ix_decisions_owner", "owner_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    owner_id: Mapped[int]
    moderator_id: Mapped[int]
    action: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(Text)
    statement: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]


class Appeal(db.Base):
    """An owner's objection to a decision; ``state`` is open, upheld or overturned, by another moderator."""

    __tablename__ = "appeals"
    __table_args__ = (Index("ix_appeals_queue", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"), unique=True)
    account_id: Mapped[int] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="open")
    moderator_id: Mapped[int | None]
    statement: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_at: Mapped[datetime | None]


class AuditEntry(db.Base):
    """Who with a role did what to whom; rows are only ever added."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_subject", "kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    actor_id: Mapped[int]
    action: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int]
    details: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
