"""Archives of all that a person has here: asked for, made by a job of the roots, fetched by their owner alone, expired.

The archive is an object that nothing serves but ``accounts.leaving_routes``.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from nonet.accounts.tables import Account, Export, HandleHistory, LoginSession
from nonet.core import clock, db, errors, jobs, prefs, realtime, settings, storage

EXPORT_DAYS = prefs.number(
    "export_days", default=7, low=1, high=90, help="For how long a person can fetch the archive of their data, in days."
)
ASKED = "accounts.export_asked"
KEEP_FAILED = timedelta(days=7)
_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{1,18})?")


class ArchiveNotReady(errors.Refusal):
    """The archive is still being made, or failed."""

    status = 409
    code = "archive_not_ready"
    sentence = "This archive is not ready. You are told as soon as it is."


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes of an archive from ``start`` to ``end`` (exclusive) of ``size``."""

    start: int
    end: int
    size: int


async def ask(session: db.Session, account_id: int) -> Export:
    """Have an archive made, unless one is being made; returns that one."""
    await session.get_one(Account, account_id, with_for_update=True)
    waiting = select(Export).where(Export.account_id == account_id, Export.state == "waiting")
    found = await session.scalar(waiting)
    if found is not None:
        return found
    made = Export(account_id=account_id)
    session.add(made)
    await session.flush()
    await jobs.enqueue(session, ASKED, {"id": str(made.id)}, key=str(made.id))
    return made


async def mine(session: db.Session, account_id: int) -> list[Export]:
    """Return a person's archives that can still be fetched, are being made or failed lately, the latest first."""
    query = select(Export).where(Export.account_id == account_id).order_by(Export.id.desc()).limit(10)
    return [each for each in await session.scalars(query) if each.expires_at is None or each.expires_at > clock.now()]


async def ready(session: db.Session, account_id: int, export_id: int) -> Export:
    """Return an archive that its owner can fetch now; raises NotFound, for anyone else too, and ArchiveNotReady."""
    found = await session.get(Export, export_id)
    expired = found is not None and found.expires_at is not None and found.expires_at <= clock.now()
    if found is None or found.account_id != account_id or expired:
        raise errors.NotFound
    if found.state != "ready":
        raise ArchiveNotReady
    return found


def piece(size: int, header: str | None) -> Piece:
    """Return which bytes a Range header asks for; all of them when it asks for none that are there."""
    asked = _RANGE.fullmatch(header or "")
    if asked is None or int(asked[1]) >= size or (asked[2] and int(asked[2]) < int(asked[1])):
        return Piece(0, size, size)
    return Piece(int(asked[1]), min(int(asked[2]) + 1, size) if asked[2] else size, size)


def key(export_id: int) -> str:
    """Return the name of an archive's object."""
    return f"exports/{export_id}.zip"


async def read(export_id: int, part: Piece) -> AsyncIterator[bytes]:
    """Yield an archive's bytes."""
    async for each in _objects().read(key(export_id), part.start, part.end):
        yield bytes(each)


async def step(export_id: int, done: int, total: int) -> None:
    """Note how much of an archive is made, and tell its owner."""
    async with db.transaction() as session:
        export = await session.get(Export, export_id)
        if export is not None:
            export.done, export.total = done, total
            tell(session, export)


async def finish(session: db.Session, export_id: int, size: int) -> Export | None:
    """Make an archive ready, and those before it due to go; None when its owner is gone."""
    export = await session.get(Export, export_id, with_for_update=True)
    if export is None:
        return None
    now = clock.now()
    older = update(Export).where(Export.account_id == export.account_id, Export.id < export.id)
    await session.execute(older.values(expires_at=now))
    export.state, export.size_bytes, export.done = "ready", size, export.total
    export.expires_at = now + timedelta(days=await prefs.get(session, EXPORT_DAYS))
    tell(session, export)
    return export


async def fail(session: db.Session, args: dict[str, Any], reason: str) -> None:
    """Note that an archive could not be made; its owner may ask again. The reason stands with the job."""
    _ = reason
    export = await session.get(Export, int(args["id"]), with_for_update=True)
    if export is not None:
        export.state, export.expires_at = "failed", clock.now() + KEEP_FAILED
        tell(session, export)


def tell(session: db.Session, export: Export) -> None:
    """Tell an archive's owner how it stands."""
    told = {"type": "export", "id": str(export.id), "state": export.state, "done": export.done, "total": export.total}
    realtime.tell(session, export.account_id, told)


async def sweep() -> None:
    """Remove archives that have expired, objects first, so that none is left without a row."""
    async with db.transaction() as session:
        expired = list(await session.scalars(select(Export.id).where(Export.expires_at <= clock.now())))
    await remove(expired)


async def remove_all(account_id: int) -> None:
    """Remove every archive of a person."""
    async with db.transaction() as session:
        theirs = list(await session.scalars(select(Export.id).where(Export.account_id == account_id)))
    await remove(theirs)


async def remove(export_ids: list[int]) -> None:
    """Remove archives."""
    for each in export_ids:
        await _objects().delete(key(each))
    async with db.transaction() as session:
        await session.execute(delete(Export).where(Export.id.in_(export_ids)))


def _objects() -> storage.Storage:
    return storage.open(settings.load().objects_url)


async def export(session: db.Session, account_id: int) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Give what a person's archive holds of their account, row by row; passwords and tokens are no one's to read."""
    account = await session.get_one(Account, account_id)
    yield (
        "account",
        {
            "id": str(account.id),
            "handle": account.handle,
            "email": account.email,
            "email_verified_at": account.email_verified_at,
            "pending_email": account.pending_email,
            "birth_date": account.birth_date.isoformat(),
            "role": account.role,
            "created_at": account.created_at,
        },
    )
    for had in await session.scalars(select(HandleHistory).where(HandleHistory.account_id == account_id)):
        yield "former_handles", {"handle": had.handle, "until": had.until}
    for row in await session.scalars(select(LoginSession).where(LoginSession.account_id == account_id)):
        seen = {"device": row.device, "created_at": row.created_at, "last_seen_at": row.last_seen_at}
        yield "sessions", seen
