"""Runs the steps of the pipeline and the sweeps of media, as jobs: claim, work, record."""

import asyncio
import shutil
import time
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, tuple_

from nonet.core import clock, db, errors, holding, ids, jobs, metrics, settings
from nonet.media import covers, pipeline, service, tracks, uploads, work
from nonet.media.tables import Asset, File, Step

STALE_WORK_S = 6 * 3600
GRACE = timedelta(minutes=2)


class StepFailed(errors.Refusal):
    """A step was tried as often as it may be and did not succeed."""

    code = "step_failed"
    sentence = "{what} could not be made. Your upload is safe; try again."


WHAT = {
    "verify": "The check of what arrived",
    "read": "The look into the file",
    "first": "The first version",
    "sound": "The levelled sound",
    "cover": "The cover",
    "captions": "The captions",
    "sizes": "The other sizes",
    "check": "The final check",
}


async def _gave_up(session: db.Session, args: dict[str, Any], error: str) -> None:
    """Record on the step that its job ended; what depends on it moves on or stops."""
    row = await session.get(Step, (int(args["asset_id"]), args["step"]))
    if row is not None and row.run == args["run"] and row.state == "running":
        refusal = StepFailed(what=WHAT[row.step])
        await service.settle(session, row.asset_id, row.step, "failed", refusal=refusal, detail=error)


@jobs.handler("media.step_due", attempts=3, lease_s=10, backoff_s=3, failed=_gave_up)
async def run_step(job: jobs.Running) -> None:
    """Do one step of one asset and record what it left, with the mark that the job is done, in one transaction."""
    asset_id, step, run = int(job.args["asset_id"]), str(job.args["step"]), int(job.args["run"])
    began = time.monotonic()
    async with work.begin(asset_id, step, run) as doing:
        if doing is None:
            return
        try:
            left = await pipeline.STEPS[step](doing)
        except errors.Refusal as refusal:
            left = work.Left(state="failed", refusal=refusal)
        for file in left.files:
            await work.put(asset_id, doing.folder, file)
        for track in left.tracks:
            await tracks.store(track)
        recorded = await _record(job, doing, left)
    if not recorded:
        await _forget(asset_id)
    metrics.STEP_SECONDS.labels(step).inc(time.monotonic() - began)


async def _record(job: jobs.Running, doing: work.Work, left: work.Left) -> bool:
    """Write down what a step left; False when its asset was deleted meanwhile."""
    async with db.transaction() as session:
        await job.finish(session)
        asset = await session.scalar(select(Asset).where(Asset.id == doing.asset.id).with_for_update())
        if asset is None:
            return False
        for name, value in left.values.items():
            setattr(asset, name, value)
        for file in left.files:
            await service.keep(session, file)
        for track in left.tracks:
            await tracks.record(session, track, keep_existing=True)
        await service.retire(session, asset.id, left.retired)
        for name in left.skipped:
            (await session.get_one(Step, (asset.id, name))).state = "skipped"
        if doing.step == "cover":
            await session.flush()
            await covers.let_go(session, asset.id)
            await covers.use_own(session, asset)
        await session.flush()
        await service.settle(session, asset.id, doing.step, left.state, refusal=left.refusal, detail=left.detail)
        if doing.step == "cover" and asset.cover_at_ms != doing.asset.cover_at_ms:
            await service.repeat(session, asset.id, "cover")  # another frame was picked meanwhile
    return True


async def _forget(asset_id: int) -> None:
    store = service.store()
    for prefix in (f"assets/{asset_id}", f"originals/{asset_id}"):
        await store.delete_prefix(prefix)


@jobs.handler("media.deleted", attempts=10)
async def forget(job: jobs.Running) -> None:
    """Delete every object of a deleted asset."""
    async with db.transaction() as session:
        if await holding.held(session):
            raise jobs.Later(holding.LATER_S)
    await _forget(int(job.args["asset_id"]))


@jobs.handler("media.sweep_due", every_s=60, attempts=2)
async def sweep(job: jobs.Running) -> None:
    """Expire old uploads, delete retired files whose last players are done, and work folders nobody works in."""
    del job
    async with db.transaction() as session:
        await uploads.sweep(session)
    await _delete_retired()
    await asyncio.to_thread(_clear_work)


async def _delete_retired() -> None:
    """Delete objects first and rows after: a crash between the two repeats the deletion."""
    async with db.transaction() as session:
        if await holding.held(session):
            return
        rows = await session.execute(
            select(File.asset_id, File.name, File.kind)
            .join(Asset, Asset.id == File.asset_id)
            .where(
                File.retired_at.is_not(None),
                File.retired_at + GRACE + Asset.duration_ms * timedelta(milliseconds=2) < clock.now(),
            )
            .limit(500)
        )
        gone = list(rows)
    store = service.store()
    for asset_id, name, kind in gone:
        await store.delete(work.object_key(asset_id, kind, name))
    named = tuple_(File.asset_id, File.name).in_([(asset_id, name) for asset_id, name, _ in gone])
    async with db.transaction() as session:
        await session.execute(delete(File).where(named, File.retired_at.is_not(None)))


def _clear_work() -> None:
    before = time.time() - STALE_WORK_S
    for folder in (settings.load().folder("cache") / "work").glob("*"):
        if folder.stat().st_mtime < before and ids.parse(folder.name.split("-", 1)[0]) is not None:
            shutil.rmtree(folder, ignore_errors=True)


@jobs.handler("account.deleted", attempts=10)
async def remove_all(job: jobs.Running) -> None:
    """Delete every upload and asset of a person who is gone, those of no video, too."""
    owner_id = int(job.args["account_id"])
    while True:
        async with db.transaction() as session:
            asset_id = await session.scalar(select(Asset.id).where(Asset.owner_id == owner_id).limit(1))
            if asset_id is None:
                return
            await service.delete(session, asset_id)
