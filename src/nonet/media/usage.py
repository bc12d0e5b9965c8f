"""Who may take how much room, and what is taken: of one person to the byte, of everybody by ``tally`` and what is new.

A sum over all files would take longer with each of them. What is older than a day at the count is taken from the count,
and what is newer is summed at each look.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from nonet.core import clock, db, prefs
from nonet.media.tables import Asset, File, Quota, Tally, Upload

QUOTA_PERSON_BYTES = prefs.number(
    "quota_person_bytes",
    default=20 * 1024**3,
    low=0,
    high=1 << 50,
    help="What one person's files may take, in bytes; whom you gave a number of their own, that one holds for.",
)
KINDS = ("original", "copy", "1080", "720", "540", "sound", "pictures", "captions", "playlists")
"""What files are counted by: uploads, copied pictures, sizes by their short side at most, and what is beside them."""
ONE = 1
"""Id of the one row of the last count."""

SUMS = (
    "SELECT kind, CASE WHEN kind = 'rendition' THEN split_part(name, '-', 1) END AS size,"
    " sum(size_bytes) AS size_bytes, count(*) AS files FROM asset_files"
)
"""Sums by the kinds that rows name, and of renditions by what begins their names; ``by_kind`` joins them into KINDS."""
_BESIDE = {
    "original": "original",
    **dict.fromkeys(("track", "source_audio"), "sound"),
    **dict.fromkeys(("playlist", "master"), "playlists"),
    "captions": "captions",
}
_NEW = text(f"{SUMS} WHERE asset_id >= :since GROUP BY 1, 2")


@dataclass
class Kept:
    """Files of a kind."""

    files: int = 0
    size_bytes: int = 0


@dataclass
class Everything:
    """What all files take, by kind; ``last`` is the count it rests on, if there was one."""

    kinds: dict[str, Kept] = field(default_factory=lambda: {kind: Kept() for kind in KINDS})
    last: Tally | None = None

    @property
    def size_bytes(self) -> int:
        """The sum of all kinds."""
        return sum(kept.size_bytes for kept in self.kinds.values())


def by_kind(rows: Iterable[Any]) -> dict[str, Kept]:
    """Join rows of SUMS into sums by KINDS."""
    found: dict[str, Kept] = {}
    for row in rows:
        kind = _size(row.size) if row.kind == "rendition" else _BESIDE.get(row.kind, "pictures")
        kept = found.get(kind, Kept())
        found[kind] = Kept(kept.files + row.files, kept.size_bytes + int(row.size_bytes))
    return found


def _size(name: str) -> str:
    """Name the usual size that one is counted with: the next larger. A copied picture is of none."""
    if not name.isdecimal():
        return "copy"
    return next((str(side) for side in (540, 720) if int(name) <= side), "1080")


async def everything(session: db.Session) -> Everything:
    """Return what all files take, those included that leave once their last players are done."""
    found = Everything(last=await session.get(Tally, ONE))
    for kind, (files, size_bytes) in (found.last.kinds if found.last else {}).items():
        found.kinds[kind] = Kept(files, size_bytes)
    fresh = await session.execute(_NEW, {"since": found.last.before_id if found.last else 0})
    for kind, new in by_kind(fresh).items():
        old = found.kinds[kind]
        found.kinds[kind] = Kept(old.files + new.files, old.size_bytes + new.size_bytes)
    return found


async def server_bytes(session: db.Session) -> int:
    """Return what everybody's files take, and will with the uploads under way."""
    coming = select(func.coalesce(func.sum(Upload.size_bytes), 0)).where(Upload.state == "receiving")
    return (await everything(session)).size_bytes + int(await session.scalar(coming) or 0)


async def person_bytes(session: db.Session, owner_id: int) -> int:
    """Return what a person's files take, and will with their uploads under way."""
    kept = select(func.coalesce(func.sum(File.size_bytes), 0)).join(Asset, Asset.id == File.asset_id)
    coming = select(func.coalesce(func.sum(Upload.size_bytes), 0)).where(Upload.state == "receiving")
    return int(await session.scalar(kept.where(Asset.owner_id == owner_id)) or 0) + int(
        await session.scalar(coming.where(Upload.owner_id == owner_id)) or 0
    )


async def quota_bytes(session: db.Session, owner_id: int) -> int:
    """Return what a person's files may take: a number of their own, or everybody's."""
    own = (await own_quotas(session, [owner_id])).get(owner_id)
    return await prefs.get(session, QUOTA_PERSON_BYTES) if own is None else own


async def own_quotas(session: db.Session, owner_ids: Sequence[int]) -> dict[int, int]:
    """Return the quotas of those of these people who have one of their own."""
    rows = await session.scalars(select(Quota).where(Quota.owner_id.in_(owner_ids)))
    return {row.owner_id: row.size_bytes for row in rows}


async def exceptions(session: db.Session, most: int) -> Sequence[int]:
    """Return who has a quota of their own, those who were given it last first."""
    return (await session.scalars(select(Quota.owner_id).order_by(Quota.changed_at.desc()).limit(most))).all()


async def give_quota(session: db.Session, owner_id: int, size_bytes: int | None) -> int | None:
    """Give a person a quota of their own, or everybody's again with None; return what they had of their own before."""
    had = await session.get(Quota, owner_id, with_for_update=True)
    before = None if had is None else had.size_bytes
    if size_bytes is None:
        if had is not None:
            await session.delete(had)
    else:
        row = {"owner_id": owner_id, "size_bytes": size_bytes, "changed_at": clock.now()}
        await session.execute(insert(Quota).values(row).on_conflict_do_update(index_elements=["owner_id"], set_=row))
    await session.flush()
    return before
