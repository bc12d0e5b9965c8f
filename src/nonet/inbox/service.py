"""Notifying people of what others did, and what they have not read yet. What is pushed is decided here, sent by a job.

``notify`` is one statement: it looks whether the recipient wants to hear of the actor, and gathers or adds the row.
"""

from typing import Any, Literal, get_args

from sqlalchemy import BigInteger, bindparam, delete, func, text, update

from nonet.core import clock, db, ids, jobs, realtime, statements
from nonet.core.statements import Statement
from nonet.inbox.tables import Notification

Kind = Literal[
    "followed",
    "follow_requested",
    "follow_accepted",
    "liked",
    "commented",
    "replied",
    "mentioned",
    "comment_liked",
    "reposted",
    "message",
    "message_requested",
    "decided",
    "appealed",
    "export_ready",
    "published",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
ELSEWHERE: tuple[Kind, ...] = ("message", "message_requested")
"""Kinds that have a page of their own; they are pushed and counted, and stand in no list of the inbox."""

PUSH_DUE = "inbox.push_due"
ACTORS_KEPT = 20
"""How many of those who gathered in a row are known by name; the rest is a number."""

NEWS: dict[str, Any] = {"type": "inbox"}

_NOTIFY = Statement(
    text(
        "INSERT INTO notifications AS n (id, account_id, kind, group_key, actor_ids, count, subject_kind, subject_id,"
        " details, created_at, updated_at)"
        " SELECT :id, :account, :kind, :group, CASE WHEN CAST(:actor AS bigint) IS NULL THEN CAST('{}' AS bigint[])"
        "  ELSE ARRAY[CAST(:actor AS bigint)] END, 1, :subject_kind, :subject_id, CAST(:details AS jsonb), :now, :now"
        " FROM accounts a WHERE a.id = :account AND a.state <> 'gone'"
        " AND NOT EXISTS (SELECT 1 FROM blocks WHERE blocker_id = :account AND blocked_id = CAST(:actor AS bigint))"
        " AND NOT EXISTS (SELECT 1 FROM blocks WHERE blocker_id = CAST(:actor AS bigint) AND blocked_id = :account)"
        " AND NOT EXISTS (SELECT 1 FROM restrictions"
        "  WHERE restricter_id = :account AND restricted_id = CAST(:actor AS bigint))"
        " AND NOT EXISTS (SELECT 1 FROM mutes WHERE account_id = :account AND kind = 'person'"
        "  AND value = CAST(CAST(:actor AS bigint) AS text))"
        " ON CONFLICT (account_id, group_key) DO UPDATE SET"
        "  actor_ids = (excluded.actor_ids || array_remove(n.actor_ids, CAST(:actor AS bigint)))[1:CAST(:most AS int)],"
        "  count = n.count + CASE WHEN CAST(:actor AS bigint) = ANY(n.actor_ids) THEN 0 ELSE 1 END,"
        "  subject_id = excluded.subject_id, details = excluded.details, updated_at = excluded.updated_at"
        " RETURNING n.id, n.id = :id AS fresh, EXISTS (SELECT 1 FROM push_subscriptions WHERE account_id = :account)"
        "  AND NOT EXISTS (SELECT 1 FROM quiet_kinds WHERE account_id = :account AND kind = :kind) AS pushed"
    )
)


async def notify(
    session: db.Transaction,
    account_id: int,
    kind: Kind,
    *,
    actor_id: int | None,
    subject_kind: str,
    subject_id: int,
    group_key: str | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Tell a person that something happened; rows of one ``group_key`` gather until they are read.

    Nothing happens when it was their own act, when either has blocked the other, or when they muted or restricted the
    actor. ``actor_id`` is None for what the server did. A push goes out for a row's beginning, not for what gathers.
    """
    if account_id == actor_id:
        return
    fresh_id = ids.new()
    given = {
        "id": fresh_id,
        "account": account_id,
        "kind": kind,
        "group": group_key or str(fresh_id),
        "actor": actor_id,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "details": realtime.dump(details or {}),
        "now": clock.now(),
        "most": ACTORS_KEPT,
    }
    rows = await _NOTIFY.fetch(await statements.raw(session), **given)
    if not rows:
        return
    realtime.tell(session, account_id, NEWS)
    if rows[0]["fresh"] and rows[0]["pushed"]:
        number = str(rows[0]["id"])
        await jobs.enqueue(session, PUSH_DUE, {"id": number}, key=number)


_RETRACT = Statement(
    text(
        "UPDATE notifications SET actor_ids = array_remove(actor_ids, CAST(:actor AS bigint)), count = count - 1"
        " WHERE account_id = :account AND group_key = :group AND CAST(:actor AS bigint) = ANY(actor_ids)"
        " RETURNING id, count AS acts"
    )
)
_DROP = Statement(delete(Notification).where(Notification.id == bindparam("id", type_=BigInteger)))


async def retract(session: db.Transaction, account_id: int, group_key: str, actor_id: int) -> None:
    """Take an act that was undone out of a row that is not read yet; a row without acts goes."""
    raw = await statements.raw(session)
    rows = await _RETRACT.fetch(raw, account=account_id, group=group_key, actor=actor_id)
    if not rows:
        return
    if rows[0]["acts"] <= 0:
        await _DROP.fetch(raw, id=rows[0]["id"])
    realtime.tell(session, account_id, NEWS)


async def forget(session: db.Session, subject_kind: str, subject_id: int) -> None:
    """Forget all that was told of a thing that is gone."""
    gone = delete(Notification).where(Notification.subject_kind == subject_kind, Notification.subject_id == subject_id)
    for account_id in set(await session.scalars(gone.returning(Notification.account_id))):
        realtime.tell(session, account_id, NEWS)


async def read_group(session: db.Session, account_id: int, group_key: str) -> None:
    """Mark one row as read, as when the conversation it tells of was opened."""
    await _read(session, account_id, Notification.group_key == group_key)


async def read(session: db.Session, account_id: int, up_to: int) -> None:
    """Mark everything in the inbox up to a row as read; what happens from now on gathers anew."""
    row = await session.get(Notification, up_to)
    if row is None or row.account_id != account_id:
        return
    await _read(session, account_id, Notification.updated_at <= row.updated_at, Notification.kind.not_in(ELSEWHERE))


async def _read(session: db.Session, account_id: int, *which: Any) -> None:  # noqa: ANN401 - conditions of SQLAlchemy
    kept = func.concat(Notification.group_key, "#", Notification.id)
    done = update(Notification).where(Notification.account_id == account_id, Notification.read_at.is_(None), *which)
    read_now = done.values(read_at=clock.now(), group_key=kept)
    if (await session.scalars(read_now.returning(Notification.id))).first() is not None:
        realtime.tell(session, account_id, NEWS)
