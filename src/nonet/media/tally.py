"""The count of all files: what they take by kind, who takes most, what policies would free. One row, made anew."""

from datetime import timedelta

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from nonet.core import clock, db, ids
from nonet.media import originals, usage
from nonet.media.tables import Asset, Tally

SETTLES = timedelta(days=1)
"""After that long little comes or goes of an asset, so that its sums may be a count old."""
PEOPLE_MOST = 20

_OLD = text(f"{usage.SUMS} WHERE asset_id < :before GROUP BY 1, 2")
_PEOPLE = text(
    "SELECT a.owner_id, sum(f.size_bytes) AS size_bytes FROM asset_files f JOIN assets a ON a.id = f.asset_id"
    " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :most"
)


async def count(session: db.Session) -> None:
    """Count all files and write down what was found in place of the last count."""
    before_id = ids.floor(clock.now() - SETTLES)
    kinds = usage.by_kind(await session.execute(_OLD, {"before": before_id}))
    people = await session.execute(_PEOPLE, {"most": PEOPLE_MOST})
    row = {
        "id": usage.ONE,
        "before_id": before_id,
        "kinds": {kind: [kept.files, kept.size_bytes] for kind, kept in kinds.items()},
        "people": [[str(each.owner_id), int(each.size_bytes)] for each in people],
        "originals": await originals.freed(session),
        "cold": await session.scalar(select(func.count()).where(Asset.cooled_at.is_not(None))),
        "counted_at": clock.now(),
    }
    await session.execute(insert(Tally).values(row).on_conflict_do_update(index_elements=["id"], set_=row))
