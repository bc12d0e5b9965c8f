"""What others do with assets: read their progress and facts, make them public, delete them; and how steps move.

``settle`` is the one way a step changes its state: it locks the asset, derives the asset's state from all nine steps
and enqueues what is due next, in the caller's transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from nonet.core import clock, db, errors, jobs, keys, realtime, settings, storage
from nonet.media import steps, uploads
from nonet.media.delivery import addresses
from nonet.media.tables import Asset, File, Step, Upload

ACCESS_CHANGED = "nonet_media"
SLOTS: dict[str, jobs.Slot] = {"first": "first", "sound": "first", "sizes": "encode"}
PRIORITY: dict[str, int] = {
    "verify": 8,
    "read": 8,
    "sound": 7,
    "first": 9,
    "cover": 5,
    "captions": 4,
    "sizes": 2,
    "check": 1,
}


class StepNotFailed(errors.Refusal):
    """Only a step that failed can be run again."""

    status = 409
    code = "step_not_failed"
    sentence = "This step did not fail; there is nothing to try again."


@dataclass(frozen=True)
class StepView:
    """A step as people see it."""

    step: str
    state: str
    progress: float = 0.0
    code: str | None = None
    sentence: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class Progress:
    """Where an upload is on its way: nine steps in order, and what went wrong."""

    id: int
    filename: str
    size: int
    offset: int
    state: str
    code: str | None
    sentence: str | None
    expires_at: Any
    steps: list[StepView] = field(default_factory=list)


async def progress(session: db.Session, asset_ids: Sequence[int]) -> dict[int, Progress]:
    """Return the progress of each asset, in two queries."""
    rows = await session.execute(
        select(Upload, Asset).join(Asset, Asset.id == Upload.id).where(Upload.id.in_(asset_ids))
    )
    order: dict[str, int] = {name: place for place, name in enumerate(steps.NAMES)}
    found = list(await session.scalars(select(Step).where(Step.asset_id.in_(asset_ids))))
    by_asset: dict[int, list[Step]] = {}
    for step in sorted(found, key=lambda s: order[s.step]):
        by_asset.setdefault(step.asset_id, []).append(step)
    return {upload.id: _progress(upload, asset, by_asset.get(upload.id, [])) for upload, asset in rows}


def _progress(upload: Upload, asset: Asset, rows: list[Step]) -> Progress:
    received = upload.offset_bytes / upload.size_bytes if upload.size_bytes else 1.0
    views = [
        StepView(
            row.step,
            "running" if row.step == "receive" and row.state == "waiting" and upload.offset_bytes else row.state,
            received if row.step == "receive" else row.progress,
            row.code,
            row.sentence,
            row.detail,
        )
        for row in rows
    ]
    return Progress(
        upload.id,
        upload.filename,
        upload.size_bytes,
        upload.offset_bytes,
        asset.state,
        asset.code,
        asset.sentence,
        upload.expires_at if upload.state == "receiving" else None,
        views,
    )


async def settle(
    session: db.Session,
    asset_id: int,
    step: str,
    state: str,
    *,
    refusal: errors.Refusal | None = None,
    detail: str | None = None,
) -> Asset | None:
    """Record a step's end and move the asset on; returns the locked asset, None when it has been deleted meanwhile."""
    asset = await session.scalar(select(Asset).where(Asset.id == asset_id).with_for_update())
    if asset is None:
        return None
    row = await session.get_one(Step, (asset_id, step))
    row.state, row.finished_at = state, clock.now()
    row.progress = 1.0 if state == "done" else row.progress
    row.code, row.sentence = (refusal.code, refusal.text) if refusal else (None, None)
    row.detail = detail
    await session.flush()
    await move_on(session, asset)
    return asset


async def move_on(session: db.Session, asset: Asset) -> None:
    """Derive the asset's state from its steps and enqueue those whose turn it is; the asset must be locked."""
    rows = {row.step: row for row in await session.scalars(select(Step).where(Step.asset_id == asset.id))}
    states = {name: row.state for name, row in rows.items()}
    before, asset.state = asset.state, steps.asset_state(states)
    broken = next((rows[name] for name in steps.NAMES if name in steps.NEEDED and states[name] == "failed"), None)
    asset.code, asset.sentence = (broken.code, broken.sentence) if broken else (None, None)
    if asset.state == "playable" and asset.playable_at is None:
        asset.playable_at = clock.now()
        await jobs.enqueue(session, "media.ready", {"asset_id": str(asset.id)}, key=str(asset.id), priority=9)
    if asset.state == "complete" and before != "complete":
        asset.completed_at = clock.now()
    for name in steps.due(states, quick=asset.quick):
        await _start(session, rows[name])
    realtime.tell(session, asset.owner_id, {"type": "upload", "upload_id": str(asset.id)})
    await session.flush()


async def _start(session: db.Session, row: Step) -> None:
    row.run += 1
    row.state, row.progress, row.code, row.sentence, row.detail = "running", 0.0, None, None, None
    row.started_at = row.finished_at = None
    await jobs.enqueue(
        session,
        "media.step_due",
        {"asset_id": str(row.asset_id), "step": row.step, "run": row.run},
        key=f"{row.asset_id} {row.step} {row.run}",
        priority=PRIORITY[row.step],
        slot=SLOTS.get(row.step, "light"),
    )


async def retry(session: db.Session, owner_id: int, asset_id: int, step: str) -> None:
    """Run a failed step again, and with it the final check."""
    asset = await session.scalar(
        select(Asset).where(Asset.id == asset_id, Asset.owner_id == owner_id).with_for_update()
    )
    row = await session.get(Step, (asset_id, step))
    if asset is None or row is None:
        raise errors.NotFound
    if row.state != "failed":
        raise StepNotFailed
    row.state = "waiting"
    check = await session.get_one(Step, (asset_id, "check"))
    if check.state in steps.SETTLED:
        check.state = "waiting"
    await session.flush()
    await move_on(session, asset)


async def repeat(session: db.Session, asset_id: int, step: str) -> None:
    """Run a settled step again because what it depends on was changed by the owner; nothing if it is under way."""
    asset = await session.scalar(select(Asset).where(Asset.id == asset_id).with_for_update())
    row = await session.get(Step, (asset_id, step))
    if asset and row and row.state in steps.SETTLED:
        row.state = "waiting"
        await session.flush()
        await move_on(session, asset)


async def set_public(session: db.Session, asset_id: int, *, public: bool) -> None:
    """Open an asset's files to plain addresses, or close them: closing changes every address they had."""
    asset = await session.scalar(select(Asset).where(Asset.id == asset_id).with_for_update())
    if asset is None or asset.public == public:
        return
    if asset.public:
        asset.folder_key = uploads.new_folder_key()
    asset.public = public
    realtime.notify(session, ACCESS_CHANGED, str(asset_id))


async def renew(session: db.Session, asset_id: int) -> None:
    """Change every address of an asset's files that isn't public, so that those given out lead nowhere."""
    asset = await session.scalar(select(Asset).where(Asset.id == asset_id).with_for_update())
    if asset is not None and not asset.public:
        asset.folder_key = uploads.new_folder_key()
        realtime.notify(session, ACCESS_CHANGED, str(asset_id))


async def assets(session: db.Session, asset_ids: Sequence[int]) -> dict[int, Asset]:
    """Return the rows of these assets, those that exist."""
    return {a.id: a for a in await session.scalars(select(Asset).where(Asset.id.in_(asset_ids)))}


def address(asset: Asset, name: str | None) -> str | None:
    """Return the address of a file of an asset, signed when the asset isn't public; None without a name."""
    return None if name is None else folder(asset.id, asset.folder_key, public=asset.public) + name


def folder(asset_id: int, folder_key: str, *, public: bool) -> str:
    """Return what the addresses of an asset's files begin with; their names follow. It is signed unless public."""
    conf = settings.load()
    if public:
        return addresses.public_url(conf.bytes_origin, asset_id, folder_key, "")
    key, now = keys.server_key(conf), clock.now()
    return addresses.signed_url(conf.bytes_origin, asset_id, folder_key, "", key=key, now=now)


def has_audio(asset: Asset) -> bool:
    """Tell whether an asset has a sound of its own."""
    return asset.waveform is not None or bool((asset.source or {}).get("audio"))


async def delete(session: db.Session, asset_id: int) -> None:
    """Delete an asset: its rows now, its objects by a job, its addresses at once."""
    upload = await session.get(Upload, asset_id, with_for_update=True)
    if upload is not None:
        await session.delete(upload)
    asset = await session.get(Asset, asset_id)
    if asset is not None:
        await session.delete(asset)
        realtime.notify(session, ACCESS_CHANGED, str(asset_id))
    await jobs.enqueue(session, "media.deleted", {"asset_id": str(asset_id)}, key=str(asset_id))
    uploads.drop_bytes(session, asset_id)


async def keep(session: db.Session, file: File) -> None:
    """Write the row of a file that stands in storage; one of its name that was retired stands again."""
    row = {"asset_id": file.asset_id, "name": file.name, "kind": file.kind, "size_bytes": file.size_bytes}
    row |= {"data": file.data, "made_at": clock.now(), "retired_at": None}
    await session.execute(insert(File).values(row).on_conflict_do_update(index_elements=["asset_id", "name"], set_=row))


async def retire(session: db.Session, asset_id: int, names: Sequence[str]) -> None:
    """Mark files that nothing refers to any more; a sweep deletes them once their last players are done."""
    await session.execute(
        update(File)
        .where(File.asset_id == asset_id, File.name.in_(names), File.retired_at.is_(None))
        .values(retired_at=clock.now())
    )


def store() -> storage.Storage:
    """Return the storage of objects."""
    return storage.open(settings.load().objects_url)
