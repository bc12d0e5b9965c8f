"""Notifying people of what others did, and what they have not read yet. What is pushed is decided here, sent by a job.

Telling is one statement, however many are told: it looks who wants to hear of the actor, and gathers or adds their rows
in the order of the accounts, so that two who tell the same people wait for each other and never for good.
"""

from collections.abc import Mapping
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
        " SELECT t.id, a.id, t.kind, coalesce(CAST(:group AS text), CAST(t.id AS text)),"
        "  CASE WHEN CAST(:actor AS bigint) IS NULL THEN CAST('{}' AS bigint[])"
        "  ELSE ARRAY[CAST(:actor AS bigint)] END, 1, :subject_kind, :subject_id, CAST(:details AS jsonb), :now, :now"
        " FROM unnest(CAST(:ids AS bigint[]), CAST(:accounts AS bigint[]), CAST(:kinds AS text[]))"
        "  AS t(id, account, kind) JOIN accounts a ON a.id = t.account WHERE a.state <> 'gone'"
        " AND NOT EXISTS (SELECT 1 FROM blocks WHERE blocker_id = a.id AND blocked_id = CAST(:actor AS bigint))"
        " AND NOT EXISTS (SELECT 1 FROM blocks WHERE blocker_id = CAST(:actor AS bigint) AND blocked_id = a.id)"
        " AND (CAST(:accepted AS boolean) OR NOT EXISTS (SELECT 1 FROM restrictions"
        "  WHERE restricter_id = a.id AND restricted_id = CAST(:actor AS bigint)))"
        " AND NOT EXISTS (SELECT 1 FROM mutes WHERE account_id = a.id AND kind = 'person'"
        "  AND value = CAST(CAST(:actor AS bigint) AS text))"
        " ORDER BY a.id"
        " ON CONFLICT (account_id, group_key) DO UPDATE SET"
        "  actor_ids = (excluded.actor_ids || array_remove(n.actor_ids, CAST(:actor AS bigint)))[1:CAST(:most AS int)],"
        "  count = n.count + CASE WHEN CAST(:actor AS bigint) = ANY(n.actor_ids) THEN 0 ELSE 1 END,"
        "  subject_id = excluded.subject_id, details = excluded.details, updated_at = excluded.updated_at"
        " RETURNING n.id, n.account_id, n.id = ANY(CAST(:ids AS bigint[])) AS fresh,"
        "  EXISTS (SELECT 1 FROM push_subscriptions WHERE account_id = n.account_id)"
        "  AND NOT EXISTS (SELECT 1 FROM quiet_kinds WHERE account_id = n.account_id AND kind = n.kind) AS pushed"
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
    told: dict[str, Any] = {
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "group_key": group_key,
        "details": details,
    }
    await notify_each(session, {account_id: kind}, actor_id=actor_id, **told)


async def notify_each(
    session: db.Transaction,
    kinds: Mapping[int, Kind],
    *,
    actor_id: int | None,
    subject_kind: str,
    subject_id: int,
    group_key: str | None = None,
    details: dict[str, Any] | None = None,
    accepted: bool = False,
) -> None:
    """Tell each of some people, by id, that something of a kind happened, as ``notify`` does; in one statement.

    Those who ``accepted`` to hear from the actor are told even when they restricted them.
    """
    told = [account_id for account_id in kinds if account_id != actor_id]
    if not told:
        return
    given = {
        "ids": [ids.new() for _ in told],
        "accounts": told,
        "kinds": [kinds[account_id] for account_id in told],
        "group": group_key,
        "actor": actor_id,
        "accepted": accepted,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "details": realtime.dump(details or {}),
        "now": clock.now(),
        "most": ACTORS_KEPT,
    }
    for row in await _NOTIFY.fetch(await statements.raw(session), **given):
        realtime.tell(session, row["account_id"], NEWS)
        if row["fresh"] and row["pushed"]:
            number = str(row["id"])
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


async def forget(session: db.Session, subject_kind: str, *subject_ids: int) -> None:
    """Forget all that was told of things that are gone."""
    about = Notification.subject_id.in_(subject_ids)
    gone = delete(Notification).where(Notification.subject_kind == subject_kind, about)
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
