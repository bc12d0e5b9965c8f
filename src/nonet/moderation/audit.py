"""The audit log: who with a role did what to whom, and who read what isn't public. Entries are only ever added.

A trigger of the database refuses to change or remove one, whoever asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from nonet.accounts import handles
from nonet.accounts.tables import Account
from nonet.core import db
from nonet.moderation.tables import AuditEntry


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries to read; an empty field doesn't narrow. ``actor`` is a handle, ``action`` may be a beginning."""

    actor: str = ""
    action: str = ""
    kind: str = ""
    subject_id: int | None = None


async def write(  # noqa: PLR0917 - one door for every slice
    session: db.Session, actor_id: int, action: str, kind: str, subject_id: int, details: dict[str, Any] | None = None
) -> None:
    """Add an entry, durable with the act itself; ``action`` is ``<noun>.<past participle>``."""
    session.add(
        AuditEntry(actor_id=actor_id, action=action, kind=kind, subject_id=subject_id, details=dict(details or {}))
    )
    await session.flush()


async def page(session: db.Session, asked: Asked, before_id: int | None, most: int) -> Sequence[AuditEntry]:
    """Return entries, the newest first, older than ``before_id``."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(most)
    if asked.actor:
        actor = asked.actor if handles.well_formed(asked.actor) else ""
        query = query.where(AuditEntry.actor_id.in_(select(Account.id).where(Account.handle == actor)))
    if asked.action:
        query = query.where(AuditEntry.action.startswith(asked.action, autoescape=True))
    if asked.kind:
        query = query.where(AuditEntry.kind == asked.kind)
    if asked.subject_id is not None:
        query = query.where(AuditEntry.subject_id == asked.subject_id)
    if before_id is not None:
        query = query.where(AuditEntry.id < before_id)
    return (await session.scalars(query)).all()
