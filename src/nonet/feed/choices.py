"""What a person says about their feed: not interested, not from this person, not by what I watch, begin anew."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from nonet.accounts.tables import Account
from nonet.core import clock, db, errors
from nonet.feed.tables import Choice, Refused
from nonet.people import relations
from nonet.signals import service as signals
from nonet.videos import service as videos


@dataclass(frozen=True, slots=True)
class Chosen:
    """How a person wants their feed; what was watched before ``reset_at`` says nothing about their taste."""

    personal: bool
    reset_at: datetime | None


async def refuse(session: db.Session, account_id: int, kind: str, subject_id: int) -> None:
    """Keep a video, or every video of a person, out of someone's For You from the next page on.

    Raises NotFound for what they can't see, NotYourself for their own.
    """
    if kind == "video":
        await videos.get_visible(session, account_id, subject_id)
    elif subject_id == account_id:
        raise relations.NotYourself
    elif await session.scalar(select(Account.id).where(Account.id == subject_id)) is None:
        raise errors.NotFound
    added = insert(Refused).values(account_id=account_id, kind=kind, subject_id=subject_id, created_at=clock.now())
    if await session.scalar(added.on_conflict_do_nothing().returning(Refused.subject_id)) and kind == "video":
        await signals.act(session, "refused", viewer=account_id, video_id=subject_id, counter="hides")


async def take_back(session: db.Session, account_id: int, kind: str, subject_id: int) -> None:
    """Let it come again."""
    gone = delete(Refused).where(
        Refused.account_id == account_id, Refused.kind == kind, Refused.subject_id == subject_id
    )
    if await session.scalar(gone.returning(Refused.subject_id)) and kind == "video":
        await signals.act(session, "refused", viewer=account_id, video_id=subject_id, counter="hides", delta=-1)


async def chosen(session: db.Session, account_id: int) -> Chosen:
    """Return how a person wants their feed."""
    row = await session.get(Choice, account_id)
    return Chosen(row.personal, row.reset_at) if row else Chosen(personal=True, reset_at=None)


async def choose(session: db.Session, account_id: int, *, personal: bool | None, reset: bool) -> Chosen:
    """Turn someone's taste on or off for their feed, or let it begin anew from now; what they saw stays seen."""
    before = await chosen(session, account_id)
    values = {
        "personal": before.personal if personal is None else personal,
        "reset_at": clock.now() if reset else before.reset_at,
    }
    await session.execute(
        insert(Choice)
        .values(account_id=account_id, **values)
        .on_conflict_do_update(index_elements=["account_id"], set_=values)
    )
    return Chosen(**values)  # type: ignore[arg-type]
