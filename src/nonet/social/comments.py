"""Writing and deleting comments.

No two who comment on one video wait for each other: the video's counter is a row of its own for each comment
(``signals.act``), and the counter of answers on a comment is changed last, just before the commit. Locks are taken from
the answer to the comment it stands under, never the other way round.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Text, bindparam, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from nonet.accounts.tables import Account
from nonet.core import clock, db, errors, ids, limits, statements, texts
from nonet.core.statements import Row, Statement
from nonet.inbox import service as inbox
from nonet.people import relations
from nonet.people.tables import Mute, Profile
from nonet.signals import service as signals
from nonet.social import comment_pages, wording
from nonet.social.tables import Comment, CommentLike
from nonet.videos import service as videos
from nonet.videos import sight
from nonet.videos.tables import Video

COMMENTS_PER_H, COMMENTS_BURST = 240, 60
NAMED_MOST = 5
"""How many of those whom a comment names are told."""

_viewer = bindparam("viewer", type_=BigInteger)
_video = bindparam("video", type_=BigInteger)
_me, _answered = aliased(Account), aliased(Account)


def _where() -> Statement:
    """Give what a comment is judged by before it is written: the video, its author's filters, what it answers."""
    words = select(func.array_agg(Mute.value)).where(Mute.account_id == Video.owner_id, Mute.kind == "word")
    parent = (
        select(Comment.id, Comment.parent_id, Comment.author_id)
        .join(Video, Video.id == Comment.video_id)
        .where(Comment.id == bindparam("parent", type_=BigInteger), Comment.video_id == _video)
        .where(Comment.state != "deleted", comment_pages.seen_by(_viewer))
        .subquery("parent")
    )
    return Statement(
        select(
            Video.owner_id,
            sight.commentable(_viewer).label("open"),
            relations.restricts(Video.owner_id, _viewer).label("restricted"),
            words.correlate(Video).scalar_subquery().label("words"),
            *(_me.handle, Profile.name, Profile.avatar),
            parent.c.id.label("answers"),
            parent.c.parent_id.label("under"),
            parent.c.author_id.label("answered_id"),
            _answered.handle.label("answered"),
        )
        .select_from(Video)
        .join(_me, _me.id == _viewer)
        .outerjoin(Profile, Profile.account_id == _viewer)
        .outerjoin(parent, parent.c.id.is_not(None))
        .outerjoin(_answered, _answered.id == parent.c.author_id)
        .where(Video.id == _video, sight.visible_to(_viewer))
    )


_WHERE = _where()
_named = (
    func.unnest(bindparam("named", type_=ARRAY(BigInteger))).table_valued(Column("id", BigInteger)).render_derived()
)
_SEE = Statement(
    select(_named.c.id).select_from(_named).join(Video, sight.visible_to(_named.c.id)).where(Video.id == _video)
)
_ADD = Statement(
    insert(Comment).values(
        id=bindparam("id", type_=BigInteger),
        video_id=_video,
        author_id=_viewer,
        parent_id=bindparam("under", type_=BigInteger),
        text=bindparam("text", type_=Text),
        state=bindparam("state", type_=Text),
        pinned=False,
        likes=0,
        replies=0,
        created_at=bindparam("now", type_=DateTime(timezone=True)),
    )
)
_ANSWERED = Statement(
    update(Comment)
    .where(Comment.id == bindparam("under", type_=BigInteger), Comment.state != "deleted")
    .values(replies=Comment.replies + bindparam("more", type_=BigInteger))
    .returning(Comment.id)
)


@dataclass(frozen=True, slots=True)
class Said:
    """A comment that was just written."""

    id: int
    author_id: int
    video_id: int
    owner_id: int
    under: int
    text: str
    answered_id: int | None
    named: dict[str, int]

    @property
    def details(self) -> dict[str, Any]:
        """What the inbox shows of it."""
        return {"video_id": str(self.video_id), "excerpt": wording.excerpt(self.text)}


async def limit(author_id: int) -> None:
    """Count one comment of a person, before the transaction of the comment is opened; raises TooOften."""
    await limits.take(f"comments:{author_id}", rate_per_h=COMMENTS_PER_H, burst=COMMENTS_BURST)


async def write(
    session: db.Transaction, author_id: int, video_id: int, text: str, parent_id: int | None = None
) -> dict[str, Any]:
    """Write a comment, or an answer to one, and tell those it concerns; return it as ``schemas.Comment``.

    One with a word that the video's author filters, or of someone they restrict, is held for them. Raises NotFound,
    CommentsClosed, WordsInvalid.
    """
    said = wording.clean("A comment", text, wording.COMMENT_MOST)
    raw = await statements.raw(session)
    found = await _WHERE.fetch(raw, viewer=author_id, video=video_id, parent=parent_id or 0)
    if not found or (parent_id and found[0]["answers"] is None):
        raise errors.NotFound
    where = found[0]
    if not where["open"]:
        raise videos.CommentsClosed
    made = await _made(session, author_id, video_id, said, where)
    state = "held" if _held(where, author_id, made.text) else "shown"
    now = clock.now()
    given = {"id": made.id, "video": video_id, "viewer": author_id, "under": made.under, "text": made.text}
    await _ADD.fetch(raw, **given, state=state, now=now)
    if state == "shown":
        await signals.act(session, "commented", viewer=author_id, video_id=video_id, counter="comments")
        await tell(session, made)
    if made.under and not await _ANSWERED.fetch(raw, under=made.under, more=int(state == "shown")):
        raise errors.NotFound
    fresh = {"likes": 0, "replies": 0, "pinned": False, "liked": False, "liked_by_creator": False}
    row = {**where, **fresh, "video_id": video_id, "author_id": author_id, "parent_id": made.under}
    row |= {"id": made.id, "text": made.text, "state": state, "created_at": now}
    return comment_pages.shaped(row, author_id, made.named)


async def _made(session: db.Transaction, author_id: int, video_id: int, said: str, where: Row) -> Said:
    under = where["under"] or where["answers"] or 0
    if where["under"] and where["answered"] and where["answered"] not in texts.mentions(said):
        said = f"@{where['answered']} {said}"
    named = await comment_pages.named(session, [said])
    return Said(ids.new(), author_id, video_id, where["owner_id"], under, said, where["answered_id"], named)


def _held(where: Row, author_id: int, text: str) -> bool:
    if author_id == where["owner_id"]:
        return False
    return where["restricted"] or wording.has_any(text, where["words"] or ())


async def tell(session: db.Transaction, said: Said) -> None:
    """Tell whoever a shown comment concerns, each once: who is answered, who is named, whose video it is."""
    kinds: dict[int, Any] = {said.owner_id: "commented"}
    kinds |= dict.fromkeys(await _may_see(session, said), "mentioned")
    if said.answered_id is not None:
        kinds[said.answered_id] = "replied"
    await inbox.notify_each(
        session,
        kinds,
        actor_id=said.author_id,
        subject_kind="comment",
        subject_id=said.id,
        group_key=f"comment:{said.id}",
        details=said.details,
    )


async def _may_see(session: db.Transaction, said: Said) -> list[int]:
    """Return those named who see the video."""
    named = list(said.named.values())[:NAMED_MOST]
    if not named:
        return []
    rows = await _SEE.fetch(await statements.raw(session), video=said.video_id, named=named)
    return [row["id"] for row in rows]


async def delete_one(session: db.Session, account_id: int, comment_id: int) -> None:
    """Delete a comment, as its writer or the video's author; one that has answers leaves an empty place.

    Raises NotFound, also for everybody else's.
    """
    query = select(Comment, Video.owner_id).join(Video, Video.id == Comment.video_id).where(Comment.id == comment_id)
    found = (await session.execute(query.with_for_update(of=Comment))).first()
    if found is None or found.Comment.state == "deleted" or account_id not in {found.Comment.author_id, found.owner_id}:
        raise errors.NotFound
    comment: Comment = found.Comment
    await remove(session, comment)


async def remove(session: db.Session, comment: Comment, *, logged: bool = True) -> None:
    """Remove a locked comment that isn't deleted yet, and count it off; ``logged`` as an act of its writer's."""
    shown, video_id, author_id = comment.state == "shown", comment.video_id, comment.author_id
    await inbox.forget(session, "comment", comment.id)
    if shown and logged:
        await signals.act(session, "uncommented", viewer=author_id, video_id=video_id, counter="comments", delta=-1)
    elif shown:
        await signals.change(session, "comments", [video_id], -1)
    if comment.parent_id == 0 and await _answered_at_all(session, comment):
        comment.state, comment.text, comment.pinned, comment.author_id, comment.likes = "deleted", "", False, 0, 0
        await session.execute(delete(CommentLike).where(CommentLike.comment_id == comment.id))
        await session.flush()
        return
    await session.delete(comment)
    await session.flush()
    if comment.parent_id:
        await _leave(session, comment, int(shown))


async def _answered_at_all(session: db.Session, comment: Comment) -> bool:
    answer = aliased(Comment)
    query = select(exists().where(answer.parent_id == comment.id, answer.video_id == comment.video_id))
    return bool(await session.scalar(query))


async def _leave(session: db.Session, answer: Comment, fewer: int) -> None:
    """Count an answer off the comment it stood under; an empty place without answers goes as well."""
    above = await session.get(Comment, answer.parent_id, with_for_update=True)
    if above is None:
        return
    above.replies -= fewer
    await session.flush()
    if above.state == "deleted" and not await _answered_at_all(session, above):
        await session.delete(above)
        await session.flush()
