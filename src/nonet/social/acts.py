"""Likes, saves and reposts: done once however often they are asked for, each with its event and its counter."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, DateTime, bindparam, delete, exists, func, select, true
from sqlalchemy.dialects.postgresql import insert

from nonet.core import clock, db, errors, limits, statements
from nonet.core.statements import Statement
from nonet.inbox import service as inbox
from nonet.people.tables import Follow
from nonet.signals import counts
from nonet.signals import service as signals
from nonet.social.tables import Like, Repost, Save
from nonet.videos import sight
from nonet.videos.tables import Video

ACTS_PER_H, ACTS_BURST = 3600, 300

_viewer = bindparam("viewer", type_=BigInteger)
_video = bindparam("video", type_=BigInteger)


class NotForReposts(errors.Refusal):
    """Only what stands in everyone's lists can stand in the list of someone else."""

    status = 409
    code = "not_for_reposts"
    sentence = "Only a public video can be reposted. This one is not shown to everyone."


def _doing(table: type[Like | Save | Repost], allowed: ColumnElement[bool]) -> Statement:
    """Add the row where there is none and it is allowed; give the owner, and whether it was allowed and added."""
    seen = (
        select(Video.id, Video.owner_id, allowed.label("allowed"))
        .where(Video.id == _video, sight.visible_to(_viewer))
        .cte("seen")
    )
    row = select(_viewer, seen.c.id, bindparam("now", type_=DateTime(timezone=True))).where(seen.c.allowed)
    added = insert(table).from_select(["account_id", "video_id", "created_at"], row, include_defaults=False)
    made = added.on_conflict_do_nothing().returning(table.video_id).cte("made")
    return Statement(select(seen.c.owner_id, seen.c.allowed, exists().where(made.c.video_id == seen.c.id).label("new")))


def _undoing(table: type[Like | Save | Repost]) -> Statement:
    seen = select(Video.id, Video.owner_id).where(Video.id == _video, sight.visible_to(_viewer)).cte("seen")
    taken = delete(table).where(table.account_id == _viewer, table.video_id.in_(select(seen.c.id)))
    gone = taken.returning(table.video_id).cte("gone")
    return Statement(select(seen.c.owner_id, exists().where(gone.c.video_id == seen.c.id).label("new")))


@dataclass(frozen=True)
class Act:
    """Something that a person does once with a video; ``told`` is the kind of news that its author gets."""

    doing: Statement
    undoing: Statement
    done: str
    undone: str
    counter: str
    told: Any = None


LIKE = Act(_doing(Like, true()), _undoing(Like), "liked", "unliked", "likes", "liked")
SAVE = Act(_doing(Save, true()), _undoing(Save), "saved", "unsaved", "saves")
REPOST = Act(_doing(Repost, sight.listed()), _undoing(Repost), "reposted", "unreposted", "reposts", "reposted")


async def limit(viewer_id: int) -> None:
    """Count one act of a person, before the transaction of the act is opened; raises TooOften."""
    await limits.take(f"acts:{viewer_id}", rate_per_h=ACTS_PER_H, burst=ACTS_BURST)


async def do(session: db.Transaction, act: Act, viewer_id: int, video_id: int) -> dict[str, Any]:
    """Do it unless it is done; return the video's counts and the viewer's acts. Raises NotFound, NotForReposts."""
    raw = await statements.raw(session)
    found = await act.doing.fetch(raw, viewer=viewer_id, video=video_id, now=clock.now())
    if not found:
        raise errors.NotFound
    if not found[0]["allowed"]:
        raise NotForReposts
    if found[0]["new"]:
        await signals.act(session, act.done, viewer=viewer_id, video_id=video_id, counter=act.counter)
        if act.told:
            await inbox.notify(
                session,
                found[0]["owner_id"],
                act.told,
                actor_id=viewer_id,
                subject_kind="video",
                subject_id=video_id,
                group_key=f"{act.told}:{video_id}",
            )
    return await standing(session, viewer_id, video_id)


async def undo(session: db.Transaction, act: Act, viewer_id: int, video_id: int) -> dict[str, Any]:
    """Take it back if it was done; return the same. Raises NotFound."""
    found = await act.undoing.fetch(await statements.raw(session), viewer=viewer_id, video=video_id)
    if not found:
        raise errors.NotFound
    if found[0]["new"]:
        await signals.act(session, act.undone, viewer=viewer_id, video_id=video_id, counter=act.counter, delta=-1)
        if act.told:
            await inbox.retract(session, found[0]["owner_id"], f"{act.told}:{video_id}", viewer_id)
    return await standing(session, viewer_id, video_id)


def _standing() -> Statement:
    totals = counts.totals(_video)
    follow = select(Follow.state).where(Follow.follower_id == _viewer, Follow.followed_id == Video.owner_id)
    did = (
        exists().where(table.account_id == _viewer, table.video_id == Video.id).label(name)
        for name, table in (("liked", Like), ("saved", Save), ("reposted", Repost))
    )
    following = func.coalesce(follow.correlate(Video).scalar_subquery(), "none").label("following")
    query = select(*totals.c, *did, following).select_from(Video).join(totals, true()).where(Video.id == _video)
    return Statement(query)


_STANDING = _standing()
_VIEWER = ("liked", "saved", "reposted", "following")


async def standing(session: db.Transaction, viewer_id: int, video_id: int) -> dict[str, Any]:
    """Return ``{counts, viewer}`` of a video as a card has them."""
    (row,) = await _STANDING.fetch(await statements.raw(session), viewer=viewer_id, video=video_id)
    return {
        "counts": {name: row[name] for name in counts.SHOWN},
        "viewer": {name: row[name] for name in _VIEWER},
    }
