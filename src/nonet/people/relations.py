"""How people stand to each other: the one door to follows, blocks, mutes and restrictions, to read and to change.

The conditions stand in ``conditions``, following in ``following``; both are reached from here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from nonet.core import clock, db, errors, jobs, texts
from nonet.people import following
from nonet.people.conditions import Viewer, blocked, follows, is_active, is_adult, is_private, mutes, restricts
from nonet.people.following import NotYourself, accept, decline, follow, remove_follower, unfollow
from nonet.people.tables import Block, Mute, Restriction

__all__ = (
    "NotYourself",
    "Viewer",
    "accept",
    "blocked",
    "decline",
    "follow",
    "follows",
    "is_active",
    "is_adult",
    "is_private",
    "mutes",
    "remove_follower",
    "restricts",
    "unfollow",
)

BLOCKED, RESTRICTED = "people.blocked", "people.restricted"
MUTED_MOST = 1000
WORD_MOST = 80


class MuteInvalid(errors.Refusal):
    """Not a hashtag, a sound, or a word."""

    code = "mute_invalid"
    sentence = "A muted {kind} is {form}."


class TooManyMuted(errors.Refusal):
    """More muted things than a list holds."""

    status = 409
    code = "too_many_muted"
    sentence = "Your list of muted things has {most} entries. Take some out, then add this one again."


@dataclass(frozen=True, slots=True)
class Relation:
    """How a viewer stands to someone; ``following`` is none, requested or accepted. The rest is the viewer's doing.

    But for ``followed_by``: the other is an accepted follower of the viewer.
    """

    following: str = "none"
    followed_by: bool = False
    blocked: bool = False
    muted: bool = False
    restricted: bool = False


_BETWEEN = text(
    "SELECT o.id, coalesce(f.state, 'none') AS following, coalesce(b.state = 'accepted', false) AS followed_by,"
    " k.blocked_id IS NOT NULL AS blocked, m.value IS NOT NULL AS muted, r.restricted_id IS NOT NULL AS restricted"
    " FROM unnest(CAST(:others AS bigint[])) AS o(id)"
    " LEFT JOIN follows f ON f.follower_id = :viewer AND f.followed_id = o.id"
    " LEFT JOIN follows b ON b.follower_id = o.id AND b.followed_id = :viewer"
    " LEFT JOIN blocks k ON k.blocker_id = :viewer AND k.blocked_id = o.id"
    " LEFT JOIN mutes m ON m.account_id = :viewer AND m.kind = 'person' AND m.value = CAST(o.id AS text)"
    " LEFT JOIN restrictions r ON r.restricter_id = :viewer AND r.restricted_id = o.id"
)


async def between(session: db.Session, viewer_id: int | None, other_ids: Iterable[int]) -> dict[int, Relation]:
    """Return how a viewer stands to each of some people, by id, in one query; a visitor to nobody."""
    wanted = sorted(set(other_ids) - {viewer_id})
    if viewer_id is None or not wanted:
        return {}
    rows = await session.execute(_BETWEEN, {"viewer": viewer_id, "others": wanted})
    return {row.id: Relation(row.following, row.followed_by, row.blocked, row.muted, row.restricted) for row in rows}


async def block(session: db.Session, account_id: int, other_id: int) -> None:
    """Make two people invisible to each other from the next answer on; follows and requests of both end."""
    if account_id == other_id:
        raise NotYourself
    await following.lock_pair(session, account_id, other_id)
    added = insert(Block).values(blocker_id=account_id, blocked_id=other_id, created_at=clock.now())
    if await session.scalar(added.on_conflict_do_nothing().returning(Block.blocked_id)) is None:
        return
    await following.end(session, (account_id, other_id), (other_id, account_id))
    await jobs.publish(session, BLOCKED, {"blocker_id": str(account_id), "blocked_id": str(other_id)})


async def unblock(session: db.Session, account_id: int, other_id: int) -> None:
    """Take one's own block back; what it ended stays ended."""
    await session.execute(delete(Block).where(Block.blocker_id == account_id, Block.blocked_id == other_id))


async def mute(session: db.Session, account_id: int, kind: str, value: str) -> None:
    """Keep a person, hashtag, sound or word from what someone is shown of others; nobody else learns of it."""
    known = muted_value(kind, value)
    if kind == "person" and known == str(account_id):
        raise NotYourself
    held = await session.scalar(select(func.count()).select_from(Mute).where(Mute.account_id == account_id))
    if (held or 0) >= MUTED_MOST:
        raise TooManyMuted(most=MUTED_MOST)
    await session.execute(
        insert(Mute)
        .values(account_id=account_id, kind=kind, value=known, created_at=clock.now())
        .on_conflict_do_nothing()
    )


async def unmute(session: db.Session, account_id: int, kind: str, value: str) -> None:
    """Take a mute back."""
    known = muted_value(kind, value)
    await session.execute(delete(Mute).where(Mute.account_id == account_id, Mute.kind == kind, Mute.value == known))


def muted_value(kind: str, value: str) -> str:
    """Return what is kept of a muted thing: an id, or a text as it is compared; raises MuteInvalid."""
    if kind == "word":
        known = " ".join(texts.fold(value).split())
        if not 0 < len(known) <= WORD_MOST:
            raise MuteInvalid(kind=kind, form=f"a text of 1 to {WORD_MOST} letters")
    elif kind == "tag":
        known = texts.tag(value)
        if not known:
            raise MuteInvalid(kind=kind, form="letters and digits, without spaces")
    else:
        known = value if value.isascii() and value.isdecimal() and len(value) < 20 else ""  # noqa: PLR2004 - 2**63
        if not known or int(known) >= 1 << 63:
            raise MuteInvalid(kind=kind, form="its number")
        known = str(int(known))
    return known


async def restrict(session: db.Session, account_id: int, other_id: int) -> None:
    """Hold back what someone writes to a person, who aren't told; raises NotYourself."""
    if account_id == other_id:
        raise NotYourself
    added = insert(Restriction).values(restricter_id=account_id, restricted_id=other_id, created_at=clock.now())
    if await session.scalar(added.on_conflict_do_nothing().returning(Restriction.restricted_id)) is not None:
        await jobs.publish(session, RESTRICTED, {"restricter_id": str(account_id), "restricted_id": str(other_id)})


async def unrestrict(session: db.Session, account_id: int, other_id: int) -> None:
    """Take a restriction back."""
    await session.execute(
        delete(Restriction).where(Restriction.restricter_id == account_id, Restriction.restricted_id == other_id)
    )
