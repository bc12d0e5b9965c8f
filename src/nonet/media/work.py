"""What a step of the pipeline works with: a folder of its own, the file it reads, what it leaves, its progress."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from nonet.core import clock, db, errors, prefs, realtime, settings
from nonet.media import encode, probe, service, source
from nonet.media.delivery import addresses
from nonet.media.tables import Asset, File, Step, Track, Upload

UPLOAD_MAX_MS = prefs.number(
    "upload_max_ms", default=600_000, low=1000, high=86_400_000, help="The longest video a person may upload, in ms."
)
KEEP_ORIGINALS = prefs.choice(
    "keep_originals",
    default="unless_equal",
    options=("always", "unless_equal", "never"),
    help="Whether uploads are kept once all is made; unless_equal lets those go that a rendition holds whole.",
)
TELL_S = 0.4
SAVE_S = 2.0


@dataclass
class Left:
    """What a step leaves: its end, changes of the asset, files to keep and to retire, steps not needed, captions."""

    state: str = "done"
    refusal: errors.Refusal | None = None
    detail: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)


@dataclass
class Work:
    """One run of one step. ``asset`` is a detached row: read it, change nothing on it."""

    asset: Asset
    upload: Upload
    step: str
    folder: Path
    files: dict[str, File]
    intake: probe.Intake
    keep_originals: str
    states: dict[str, str]
    _told_at: float = 0.0
    _saved_at: float = 0.0
    _saving: asyncio.Task[None] | None = None

    def of_kind(self, kind: str) -> list[File]:
        """Return the asset's current files of a kind, oldest first."""
        return [f for f in self.files.values() if f.kind == kind and f.retired_at is None]

    def renditions(self) -> list[encode.Rendition]:
        """Return what is playable now."""
        return [encode.load(f.data or {}) for f in self.of_kind("rendition")]

    def keep(self, path: Path, kind: str, data: dict[str, Any] | None = None) -> File:
        """Name a finished file of the folder as one that stays."""
        return File(asset_id=self.asset.id, name=path.name, kind=kind, size_bytes=path.stat().st_size, data=data)

    async def fetch(self, name: str) -> Path:
        """Return a local path of one of the asset's files, copied into the folder when the storage is elsewhere."""
        store = service.store()
        key = object_key(self.asset.id, self.files[name].kind, name)
        local = store.local_path(key)
        if local is not None:
            return local
        path = self.folder / name
        if not path.exists():
            await store.get_file(key, path)
        return path

    async def input(self) -> tuple[Path, source.Source]:
        """Return the file to make things from: the upload, or the copied rendition that stands in for it."""
        if self.of_kind("original"):
            return await self.fetch("upload"), source.load(self.asset.source or {})
        copies = [f for f in self.of_kind("rendition") if (f.data or {}).get("copied")]
        path = await self.fetch((copies or self.of_kind("rendition"))[-1].name)
        return path, await probe.probe(path, self.intake)

    def progress(self, share: float) -> None:
        """Tell the owner's open pages how far the step is, and now and then the row, for those who open one later."""
        now = time.monotonic()
        if now - self._told_at < TELL_S:
            return
        self._told_at = now
        event = {"type": "progress", "upload_id": str(self.asset.id), "step": self.step, "progress": round(share, 3)}
        realtime.tell_now(self.asset.owner_id, event)
        if now - self._saved_at > SAVE_S and (self._saving is None or self._saving.done()):
            self._saved_at = now
            self._saving = asyncio.create_task(self._save(share))

    async def _save(self, share: float) -> None:
        async with db.transaction() as session:
            await session.execute(
                update(Step)
                .where(Step.asset_id == self.asset.id, Step.step == self.step, Step.state == "running")
                .values(progress=share)
            )


def object_key(asset_id: int, kind: str, name: str) -> str:
    """Return where an asset's file stands in storage; what is never served stands apart from what is."""
    private = kind in {"original", "track", "source_audio"}
    return f"originals/{asset_id}/{name}" if private else f"assets/{asset_id}/{name}"


async def put(asset_id: int, folder: Path, file: File) -> None:
    """Move a finished file of the folder into storage; durable on return."""
    path = folder / file.name
    kind = addresses.content_type(file.name)
    await service.store().put_file(object_key(asset_id, file.kind, file.name), path, kind)


@asynccontextmanager
async def begin(asset_id: int, step: str, run: int) -> AsyncIterator[Work | None]:
    """Open a step's work, and take its folder away at the end; None when the asset is gone or the run is an old one."""
    work = await _claim(asset_id, step, run)
    if work is None:
        yield None
        return
    await asyncio.to_thread(shutil.rmtree, work.folder, ignore_errors=True)
    work.folder.mkdir(parents=True)
    try:
        yield work
    finally:
        await asyncio.to_thread(shutil.rmtree, work.folder, ignore_errors=True)


async def _claim(asset_id: int, step: str, run: int) -> Work | None:
    async with db.transaction() as session:
        upload, asset = await session.get(Upload, asset_id), await session.get(Asset, asset_id)
        row = await session.get(Step, (asset_id, step))
        if upload is None or asset is None or row is None or row.run != run or row.state != "running":
            return None
        row.started_at = clock.now()
        files = await session.scalars(select(File).where(File.asset_id == asset_id).order_by(File.made_at, File.name))
        folder = settings.load().folder("cache") / "work" / f"{asset_id}-{step}-{run}"
        limits = probe.Intake(max_duration_ms=await prefs.get(session, UPLOAD_MAX_MS))
        states = dict((await session.execute(select(Step.step, Step.state).where(Step.asset_id == asset_id))).all())
        policy = await prefs.get(session, KEEP_ORIGINALS)
        return Work(asset, upload, step, folder, {f.name: f for f in files}, limits, policy, states)
