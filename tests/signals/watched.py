"""A browser of the tests that watches: pages it was served, events about them, and what the database then says."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import select

from nonet.core import clock, db, ids
from nonet.signals import moments, service, tickets
from nonet.signals.tables import Count, Event, View, Watch


async def registered(owner_id: int = 7, duration_ms: int = 10_000) -> int:
    """Let the log know a video."""
    video_id = ids.new()
    async with db.transaction() as session:
        await service.register(
            session,
            video_id=video_id,
            owner_id=owner_id,
            duration_ms=duration_ms,
            tags=["harbour"],
            sound_id=None,
            language="en",
            listed=True,
            published_at=clock.now(),
        )
    return video_id


@dataclass
class Watching:
    """Someone in front of a video that a page of ours served them ten minutes ago."""

    video_id: int
    account_id: int = 0
    position: int = 0
    request_id: int = field(default_factory=lambda: ids.new() - (600_000 << 22))
    began: datetime = field(default_factory=lambda: clock.now() - timedelta(minutes=5))

    def event(self, kind: str, after_s: float = 0.0, **changes: Any) -> dict[str, Any]:
        """Make an event, so many seconds after it began, five minutes ago."""
        at = self.began + timedelta(seconds=after_s)
        made = {
            "id": str(moments.new(moments.of(at))),
            "kind": kind,
            "video_id": str(self.video_id),
            "request_id": str(self.request_id),
            "position": self.position,
            "ticket": tickets.sign(self.request_id, self.position, self.video_id, self.account_id),
        }
        return made | changes

    def whole(self, seconds: float = 8.0) -> list[dict[str, Any]]:
        """Tell of someone who sees a video, starts it and finishes it."""
        return [
            self.event("impression"),
            self.event("start", 0.1),
            self.event("heartbeat", 0.1 + seconds / 2, played_ms=int(seconds * 500)),
            self.event("finish", 0.1 + seconds, played_ms=int(seconds * 500)),
        ]


async def send(client: httpx.AsyncClient, *events: dict[str, Any], **headers: str) -> httpx.Response:
    """Send one batch."""
    return await client.post("/api/v1/events", json={"events": list(events)}, headers=headers)


async def kept(client: httpx.AsyncClient, *events: dict[str, Any], **headers: str) -> int:
    """Send one batch; say how many events are safe."""
    answer = await send(client, *events, **headers)
    assert answer.status_code == 200, answer.text
    return int(answer.json()["kept"])


async def events() -> list[Event]:
    """The log, in the order of its ids."""
    async with db.transaction() as session:
        return list(await session.scalars(select(Event).order_by(Event.day, Event.id)))


async def counters(video_id: int) -> dict[str, int]:
    """The counters of a video that aren't zero."""
    async with db.transaction() as session:
        row = await session.get_one(Count, video_id)
        named = {c.name: getattr(row, c.name) for c in Count.__table__.columns}
    return {name: value for name, value in named.items() if value and name not in {"video_id", "revision"}}


async def watches() -> list[Watch]:
    """Every watch history."""
    async with db.transaction() as session:
        return list(await session.scalars(select(Watch).order_by(Watch.viewer, Watch.video_id)))


async def views() -> list[tuple[int, int]]:
    """Every view that was counted, by video and viewer."""
    async with db.transaction() as session:
        found = await session.scalars(select(View).order_by(View.video_id, View.viewer))
        return [(view.video_id, view.viewer) for view in found]


def other_kind_of_id() -> str:
    """Make an id that carries no moment."""
    return str(uuid.uuid4())
