"""Sizes that may go while nobody watches: which they are, letting them go, making them again.

What always plays stays, and whatever the others can be made of: the upload, or the copied picture that stands in for
it. So nothing goes that can't be made again. docs/decisions/0018-cold-videos.md says why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text, tuple_

from nonet.core import clock, db, realtime
from nonet.media import encode, plan, service, steps
from nonet.media.tables import Asset, File, Step

COARSE = timedelta(days=1)
"""How much later a video must have been watched for its row to be written again."""

_WATCHED = text(
    "UPDATE assets a SET watched_at = n.at"
    " FROM unnest(CAST(:ids AS bigint[]), CAST(:ats AS timestamptz[])) AS n(id, at)"
    " WHERE a.id = n.id AND a.watched_at < n.at"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An asset with something to spare that was not watched for long, as far as is known here."""

    watched_at: datetime
    id: int


def spare(asset: Asset, files: Sequence[File]) -> list[File]:
    """Return the renditions that can go and be made again from what stays, the latter being what always plays.

    ``files`` are those the asset has now. Without the upload everything is made again from the copied picture.
    """
    renditions = [file for file in files if file.kind == "rendition"]
    if asset.plan is None or not any(file.name == asset.mp4 for file in renditions):
        return []
    planned = plan.load(asset.plan)
    again = {rung.name for rung in (planned.first, *planned.rest)}
    has_upload = any(file.kind == "original" for file in files)
    copies = {file.name for file in renditions if (file.data or {}).get("copied")}
    if not has_upload and not copies:
        return []
    stays = {asset.mp4} if has_upload else {asset.mp4, *copies}
    return [file for file in renditions if file.name not in stays and (file.data or {}).get("name") in again]


async def recount(session: db.Session, asset: Asset) -> None:
    """Write down how much of an asset could go now; nothing while work on it is under way or it is small already."""
    may = asset.state == "complete" and asset.cooled_at is None
    asset.spare_bytes = sum(file.size_bytes for file in spare(asset, await _files(session, asset.id))) if may else 0
    await session.flush()


async def candidates(session: db.Session, until: datetime, after: Candidate | None, most: int) -> list[Candidate]:
    """Return assets with something to spare, last watched before ``until``, those watched longest ago first."""
    query = select(Asset.watched_at, Asset.id).where(Asset.spare_bytes > 0, Asset.watched_at < until)
    if after is not None:
        query = query.where(tuple_(Asset.watched_at, Asset.id) > tuple_(after.watched_at, after.id))
    rows = await session.execute(query.order_by(Asset.watched_at, Asset.id).limit(most))
    return [Candidate(row.watched_at, row.id) for row in rows]


async def estimate(session: db.Session, untils: Sequence[datetime]) -> tuple[int, list[int]]:
    """Return the bytes that could go of all videos, and of those last watched before each moment."""
    each = [func.sum(Asset.spare_bytes).filter(Asset.watched_at < until) for until in untils]
    row = (await session.execute(select(func.sum(Asset.spare_bytes), *each).where(Asset.spare_bytes > 0))).one()
    whole, *parts = (int(value or 0) for value in row)
    return whole, parts


async def watched(session: db.Session, moments: Mapping[int, datetime]) -> None:
    """Note when assets were last watched, in the order of their ids, so that two who do it don't wait in a circle."""
    if moments:
        ids = sorted(moments)
        await session.execute(_WATCHED, {"ids": ids, "ats": [moments[each] for each in ids]})


async def cool(asset_id: int) -> int:
    """Let go of the sizes of an asset that can be made again; return their bytes, 0 when nothing could go.

    Whoever is watching goes on: the files leave once their last players are done.
    """
    async with db.transaction() as session:
        found = await _coolable(session, asset_id)
    if found is None:
        return 0
    name, playlist = encode.master([encode.load(file.data or {}) for file in found.stays])
    await service.store().put_bytes(f"assets/{asset_id}/{name}", playlist.encode(), "application/vnd.apple.mpegurl")
    async with db.transaction() as session:
        now = await _coolable(session, asset_id)
        if now is None or now != found:
            return 0
        await _record(session, now, File(asset_id=asset_id, name=name, kind="master", size_bytes=len(playlist)))
    return sum(file.size_bytes for file in found.goes)


@dataclass(frozen=True, slots=True)
class _Coolable:
    asset: Asset = field(compare=False)
    names: list[str]
    stays: list[File] = field(compare=False)
    goes: list[File] = field(compare=False)


async def _coolable(session: db.Session, asset_id: int) -> _Coolable | None:
    """Return what of an asset stays and goes, the asset locked; None when nothing can go now."""
    asset = await session.scalar(select(Asset).where(Asset.id == asset_id).with_for_update())
    if asset is None or asset.state != "complete" or asset.cooled_at is not None or await _is_busy(session, asset_id):
        return None
    files = await _files(session, asset_id)
    goes = spare(asset, files)
    stays = [file for file in files if file.kind == "rendition" and file not in goes]
    return _Coolable(asset, [file.name for file in (*stays, *goes)], stays, goes) if goes else None


async def _is_busy(session: db.Session, asset_id: int) -> bool:
    """Tell whether a step is under way, or what went before is still played: files of these names may come again."""
    query = select(Step.step).where(Step.asset_id == asset_id, Step.state.in_(steps.OPEN))
    going = select(File.name).where(
        File.asset_id == asset_id, File.retired_at.is_not(None), File.kind.in_(("rendition", "playlist", "master"))
    )
    return any([await session.scalar(each.limit(1)) is not None for each in (query, going)])


async def _record(session: db.Session, found: _Coolable, master: File) -> None:
    asset = found.asset
    playlists = [str((file.data or {})["playlist"]) for file in found.goes]
    old = [asset.master] if asset.master and asset.master != master.name else []
    await service.keep(session, master)
    await service.retire(session, asset.id, [file.name for file in found.goes] + playlists + old)
    asset.master, asset.cooled_at, asset.spare_bytes = master.name, clock.now(), 0
    sizes = await session.get_one(Step, (asset.id, "sizes"))
    sizes.state = "skipped"
    realtime.tell(session, asset.owner_id, {"type": "upload", "upload_id": str(asset.id)})
    await session.flush()


async def warm(session: db.Session, asset_id: int) -> bool:
    """Make again what a cold asset let go, behind all other work; False when it isn't cold or its time hasn't come."""
    asset = await session.scalar(select(Asset).where(Asset.id == asset_id).with_for_update())
    if asset is None or asset.cooled_at is None or await _is_busy(session, asset_id):
        return False
    states: dict[str, Any] = {name: await session.get_one(Step, (asset_id, name)) for name in ("sizes", "check")}
    if states["sizes"].state != "skipped":  # it was tried before; its owner sees why it failed
        return False
    for step in states.values():
        step.state = "waiting"
    await session.flush()
    await service.move_on(session, asset)
    return True


async def _files(session: db.Session, asset_id: int) -> list[File]:
    query = select(File).where(File.asset_id == asset_id, File.retired_at.is_(None)).order_by(File.made_at, File.name)
    return list(await session.scalars(query.execution_options(populate_existing=True)))
