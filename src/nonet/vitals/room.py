"""What the videos take, what policies would free of it, and who takes most."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from nonet.accounts import names
from nonet.accounts.sessions import Person
from nonet.accounts.tables import Account
from nonet.core import clock, db, errors, prefs
from nonet.media import cold, uploads, usage, work
from nonet.media.tables import Tally
from nonet.moderation import audit
from nonet.videos import cold as policy
from nonet.vitals import room_schemas as schemas

DAYS = (30, 90, 180, 365)
"""After how many days a look says what would go; the number that holds now stands among them."""
OWN_MOST = 20


async def look(session: db.Session) -> schemas.Room:
    """Return what is taken now, with what each policy would free."""
    found = await usage.everything(session)
    return schemas.Room(
        counted_at=found.last.counted_at if found.last else None,
        kept_bytes=found.size_bytes,
        quota_server_bytes=await prefs.get(session, uploads.QUOTA_SERVER_BYTES),
        quota_person_bytes=await prefs.get(session, usage.QUOTA_PERSON_BYTES),
        kinds=[
            schemas.RoomKind(kind=kind, files=kept.files, size_bytes=kept.size_bytes)
            for kind, kept in found.kinds.items()
        ],
        cold=await _cold(session, found.last),
        originals=await _originals(session, found),
        people=await _people(session, found.last),
    )


async def _cold(session: db.Session, last: Tally | None) -> schemas.Cold:
    after_days = await prefs.get(session, policy.COLD_AFTER_DAYS)
    days = sorted({*DAYS, after_days} - {0})
    whole, parts = await cold.estimate(session, [clock.now() - timedelta(days=each) for each in days])
    return schemas.Cold(
        after_days=after_days,
        videos=last.cold if last else 0,
        spare_bytes=whole,
        choices=[schemas.ColdChoice(days=each, frees_bytes=frees) for each, frees in zip(days, parts, strict=True)],
    )


async def _originals(session: db.Session, found: usage.Everything) -> schemas.Originals:
    frees = found.last.originals if found.last else {}
    return schemas.Originals(
        policy=await prefs.get(session, work.KEEP_ORIGINALS),
        kept_bytes=found.kinds["original"].size_bytes,
        choices=[
            schemas.OriginalsChoice(policy=each, frees_bytes=frees.get(each, 0)) for each in work.KEEP_ORIGINALS.options
        ],
    )


async def _people(session: db.Session, last: Tally | None) -> list[schemas.PersonRoom]:
    """Return who takes most, as counted, and who has a quota of their own."""
    taken = {int(owner_id): int(size_bytes) for owner_id, size_bytes in (last.people if last else [])}
    for owner_id in await usage.exceptions(session, OWN_MOST):
        taken[owner_id] = taken.get(owner_id) or await usage.person_bytes(session, owner_id)
    own = await usage.own_quotas(session, list(taken))
    known = await _handles(session, list(taken))
    return [
        schemas.PersonRoom(handle=known[each], size_bytes=taken[each], own_quota_bytes=own.get(each))
        for each in sorted(taken, key=lambda each: (-taken[each], each))
        if each in known
    ]


async def _handles(session: db.Session, account_ids: Sequence[int]) -> dict[int, str]:
    rows = await session.execute(select(Account.id, Account.handle).where(Account.id.in_(account_ids)))
    return {row.id: row.handle for row in rows}


async def give_quota(session: db.Session, operator: Person, handle: str, size_bytes: int | None) -> schemas.PersonRoom:
    """Give a person a quota of their own, or everybody's again with None. Raises NotFound."""
    found = await names.find(session, handle)
    if found is None:
        raise errors.NotFound
    before = await usage.give_quota(session, found.account_id, size_bytes)
    if before != size_bytes:
        changed = {"from": before, "to": size_bytes}
        await audit.write(session, operator.id, "quota.changed", "person", found.account_id, changed)
    return schemas.PersonRoom(
        handle=found.handle,
        size_bytes=await usage.person_bytes(session, found.account_id),
        own_quota_bytes=size_bytes,
    )
