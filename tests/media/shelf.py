"""A server of the tests with real videos on its shelf: sent by HTTP, made by ffmpeg, and looked at as time goes by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import ModuleType
from typing import Any

import httpx
from corpus import AAC, H264, encoded, source
from sqlalchemy import select
from watched import Watching

from community import Drain
from nonet.core import db, jobs, prefs
from nonet.media import service
from nonet.media.tables import File

TUS = {"tus-resumable": "1.0.0"}
KINDS = {
    "copied": ("mp4", *source(1080, 1920, 15, 1), *H264, *AAC, "-movflags", "+faststart"),
    "encoded": ("mkv", *source(720, 1280, 15, 1), "-c:v", "mpeg4", "-q:v", "8", *AAC),
}
"""One that is laid anew, so that its copy can stand in for the upload, and one of which every size is encoded."""


@dataclass
class Shelf:
    """Videos of one person, and the work that is done on them."""

    client: httpx.AsyncClient
    drain: Drain
    clock: ModuleType

    async def add(self, kind: str) -> int:
        """Send a video, publish it, and wait until all is made and what was only needed meanwhile is gone."""
        data = encoded(*KINDS[kind]).read_bytes()
        headers = {**TUS, "upload-length": str(len(data)), "upload-metadata": "filename Y2xpcC5tcDQ="}
        location = (await self.client.post("/api/v1/uploads", headers=headers)).headers["location"]
        await self.client.put(f"{location}/draft", json={"caption": "Kettle", "publish": True})
        headers = {**TUS, "content-type": "application/offset+octet-stream", "upload-offset": "0"}
        assert (await self.client.patch(location, headers=headers, content=data)).status_code == 204
        await self.drain()
        await self.later(timedelta(minutes=10))
        return int(location.rsplit("/", 1)[1])

    async def later(self, much: timedelta) -> None:
        """Let time go by and do what is due then, the sweep too."""
        self.clock.advance(much)
        await self.run("media.sweep_due")

    async def run(self, topic: str) -> None:
        """Do the work of a topic, and what follows from it."""
        async with db.transaction() as session:
            await jobs.enqueue(session, topic, {})
        await self.drain()

    async def prefer(self, **values: Any) -> None:
        """Change preferences, and do what follows."""
        async with db.transaction() as session:
            for name, value in values.items():
                await prefs.put(session, name, value)
        await self.drain()

    async def played(self, asset_id: int) -> tuple[str, str]:
        """Give the addresses that a viewer plays: the playlist and the file that always plays."""
        card = (await self._mine(asset_id))["card"]
        return card["hls_url"], card["mp4_url"]

    async def steps(self, asset_id: int) -> dict[str, str]:
        """Give the state of each step, as the owner sees it."""
        return {step["step"]: step["state"] for step in (await self._mine(asset_id))["upload"]["steps"]}

    async def _mine(self, asset_id: int) -> dict[str, Any]:
        answer = await self.client.get(f"/api/v1/uploads/{asset_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def watch(self, asset_id: int, viewer: httpx.AsyncClient, viewer_id: int) -> None:
        """Let someone watch a video whole."""
        watching = Watching(int((await self._mine(asset_id))["id"]), viewer_id)
        assert (await viewer.post("/api/v1/events", json={"events": watching.whole(1.0)})).status_code == 200


async def names(asset_id: int, *kinds: str) -> Sequence[str]:
    """Give the names of the files that an asset has now, of some kinds."""
    query = select(File.name).where(File.asset_id == asset_id, File.kind.in_(kinds), File.retired_at.is_(None))
    async with db.transaction() as session:
        return sorted(await session.scalars(query))


async def stands(asset_id: int, name: str) -> bool:
    """Tell whether a file can be served."""
    return await service.store().head(f"assets/{asset_id}/{name}") is not None


def read(url: str) -> str:
    """Give the text that stands behind an address."""
    folder, name = url.rsplit("/", 2)[1:]
    path = service.store().local_path(f"assets/{folder.split('-', 1)[0]}/{name}")
    assert path is not None
    return path.read_text("utf-8")
