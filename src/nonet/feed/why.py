"""Why a video stood on a page: the parts of its score as they were recorded, told to whom it was shown alone."""

from typing import Any

from sqlalchemy import select

from nonet.accounts.tables import Account
from nonet.core import db, errors, ids
from nonet.feed import choices
from nonet.feed.schemas import Reason, Why
from nonet.signals.tables import Slate
from nonet.sounds.tables import Sound

PEOPLE = frozenset({"finished_creator", "follows"})


async def why(session: db.Session, account_id: int | None, visitor: int, slate_id: int, position: int) -> Why:
    """Return the reasons of the video at a position of a page; raises NotFound for a page of someone else."""
    slate = await session.get(Slate, slate_id)
    viewers = {account_id} if account_id else {0, -visitor}
    if slate is None or slate.viewer not in viewers or not 0 <= position < len(slate.video_ids):
        raise errors.NotFound
    terms = slate.terms[position]
    personal = account_id is not None and (await choices.chosen(session, account_id)).personal
    reasons = [await _reason(session, *term) for term in terms]
    return Why(reasons=reasons, personal=personal, source=slate.sources[position])


async def _reason(session: db.Session, code: str, name: str, weight: float) -> Reason:
    """Give a recorded part the names it has now; who or what is gone stays nameless."""
    found: dict[str, Any] = {}
    if code in PEOPLE:
        found["handle"] = await session.scalar(select(Account.handle).where(Account.id == (ids.parse(name) or 0)))
    elif code == "liked_sound":
        sound = await session.get(Sound, ids.parse(name) or 0)
        found |= {"sound_id": sound.id, "title": sound.title} if sound else {}
    elif code == "finished_tag":
        found["tag"] = name
    elif code == "language":
        found["language"] = name
    return Reason(code=code, weight=weight, **found)
