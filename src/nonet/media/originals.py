"""What becomes of uploads that are kept when the operator changes ``keep_originals``.

One goes when the policy doesn't want it and nothing is left that it alone could make: all sizes stand and no step
failed that might be tried again, or a copied picture holds every packet of it, which the final check finds out.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, select

from nonet.core import db, prefs, realtime
from nonet.media import cold, service, work
from nonet.media.tables import Asset, File, Step

AT_ONCE = 100
_kept = and_(File.kind == "original", File.retired_at.is_(None))


async def after(session: db.Session, asset_id: int) -> Sequence[int]:
    """Return the next assets, by their ids, whose uploads are kept."""
    query = select(File.asset_id).where(_kept, File.asset_id > asset_id).order_by(File.asset_id)
    return (await session.scalars(query.limit(AT_ONCE))).all()


async def judge(session: db.Session, asset_id: int) -> None:
    """Let an asset's upload go if the policy of now says so, or let the final check look whether it may."""
    policy = await prefs.get(session, work.KEEP_ORIGINALS)
    asset = await session.scalar(select(Asset).where(Asset.id == asset_id).with_for_update())
    if asset is None or asset.state != "complete" or policy == "always":
        return
    if policy == "never" and await session.scalar(select(Asset.id).where(Asset.id == asset_id, _all_made())):
        await service.retire(session, asset_id, ["upload"])
        await cold.recount(session, asset)
        realtime.tell(session, asset.owner_id, {"type": "upload", "upload_id": str(asset_id)})
    elif await session.scalar(select(Asset.id).where(Asset.id == asset_id, _has_copy())):
        await service.repeat(session, asset_id, "check")


async def freed(session: db.Session) -> dict[str, int]:
    """Return how many bytes of uploads each policy lets go of; of ``unless_equal`` it is what it might."""
    query = select(func.sum(File.size_bytes)).join(Asset, Asset.id == File.asset_id)
    query = query.where(_kept, Asset.state == "complete")
    may = {"always": None, "unless_equal": _has_copy(), "never": _all_made() | _has_copy()}
    return {
        policy: 0 if wanted is None else int(await session.scalar(query.where(wanted)) or 0)
        for policy, wanted in may.items()
    }


def _all_made() -> ColumnElement[bool]:
    needs = select(Step.step).where(
        Step.asset_id == Asset.id, Step.step.in_(("sound", "captions", "sizes")), Step.state == "failed"
    )
    return and_(Asset.cooled_at.is_(None), ~needs.exists())


def _has_copy() -> ColumnElement[bool]:
    copy = File.__table__.alias("copy")
    stands = and_(copy.c.asset_id == Asset.id, copy.c.kind == "rendition", copy.c.retired_at.is_(None))
    return select(copy.c.name).where(stands, copy.c.name.startswith("source-")).exists()
