"""Invitations: codes an operator makes, each good for some people and some days."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update

from nonet.accounts.tables import Invitation
from nonet.core import clock, db, errors, settings


async def make(session: db.Session, made_by: int, uses: int, days: int) -> Invitation:
    """Add an invitation for ``uses`` people, good for ``days``."""
    expires_at = clock.now() + timedelta(days=days)
    invitation = Invitation(
        code=secrets.token_urlsafe(12), made_by=made_by, uses=uses, used=0, used_at=None, expires_at=expires_at
    )
    session.add(invitation)
    await session.flush()
    return invitation


async def page(session: db.Session, before: int | None, most: int) -> Sequence[Invitation]:
    """Return invitations, the newest first, older than ``before``."""
    query = select(Invitation).order_by(Invitation.id.desc()).limit(most)
    if before is not None:
        query = query.where(Invitation.id < before)
    return (await session.scalars(query)).all()


async def end(session: db.Session, invitation_id: int) -> None:
    """Let nobody in by an invitation from now on; who came by it stays. Raises NotFound."""
    ended = update(Invitation).where(Invitation.id == invitation_id).values(expires_at=clock.now())
    if (await session.execute(ended.returning(Invitation.id))).first() is None:
        raise errors.NotFound


def url(invitation: Invitation) -> str:
    """Return the page where an invited person signs up."""
    return f"{settings.load().origin}/signup?invitation={invitation.code}"
