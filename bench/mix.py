"""People who use a running product through its public doors, all of it, for as long as they are let.

Each has one browser: a line for requests, an event stream held open, and things they do now and then.
What is answered with an error, or not at all, is counted and kept for reading.
"""

import asyncio
import base64
import contextlib
import random
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from nonet.core import clock
from nonet.signals import moments

PIECE_BYTES = 256 << 10
RANGE_BYTES = 512 << 10
KEPT_ERRORS = 20
PATIENCE_S = 60
WORDS = ("harbour", "waltz", "rain", "slow", "brass", "window", "market", "evening", "tide", "paper")


@dataclass
class Said:
    """What was asked and answered: how many of each kind, which went wrong, how long each took."""

    asked: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    took_ms: list[float] = field(default_factory=list)
    events: int = 0
    uploads: int = 0

    def fault(self, kind: str, what: str) -> None:
        """Note that something went wrong."""
        self.wrong[kind] += 1
        if len(self.examples) < KEPT_ERRORS:
            self.examples.append(f"{kind}: {what[:300]}")


class Person:
    """One plainly fictional person at a browser."""

    def __init__(self, origin: str, number: int, said: Said, pause_s: float) -> None:
        self.handle = f"player{number}"
        self.said = said
        self.pause_s = pause_s
        self.dice = random.Random(number)  # noqa: S311 - who does what
        self.line = httpx.AsyncClient(base_url=origin, headers={"Origin": origin}, timeout=PATIENCE_S)
        self.threads: list[str] = []

    async def ask(self, kind: str, method: str, path: str, **rest: Any) -> Any:  # noqa: ANN401 - JSON
        """Send a request; return its JSON, None when there is none or it went wrong."""
        self.said.asked[kind] += 1
        began = time.perf_counter()
        try:
            answer = await self.line.request(method, path, **rest)
        except httpx.HTTPError as error:
            self.said.fault(kind, f"{method} {path}: {error!r}")
            return None
        self.said.took_ms.append((time.perf_counter() - began) * 1000)
        if answer.is_error:
            self.said.fault(kind, f"{method} {path}: {answer.status_code} {answer.text}")
            return None
        return answer.json() if answer.headers.get("content-type", "").startswith("application/json") else answer

    async def sign_up(self) -> None:
        """Become a member."""
        form = {"handle": self.handle, "email": f"{self.handle}@people.example", "birth_date": "1990-05-17"}
        await self.ask("sign up", "POST", "/api/v1/accounts", json={**form, "password": "nine quiet glasses"})

    async def listen(self) -> None:
        """Hold the event stream open, as a page does; some leave it after minutes and come back."""
        while True:
            self.said.asked["stream"] += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.dice.uniform(60, 300)):
                    try:
                        async with self.line.stream("GET", "/api/v1/stream", timeout=PATIENCE_S) as news:
                            async for _ in news.aiter_bytes():
                                pass
                    except httpx.HTTPError as error:
                        self.said.fault("stream", repr(error))
            await asyncio.sleep(1)

    async def watch(self, friends: list["Person"]) -> None:
        """Swipe through the feed for good, and do what people do beside it."""
        cursor: str | None = None
        while True:
            page = await self.ask("feed", "POST", "/api/v1/feed", json={"kind": "for_you", "cursor": cursor})
            for card in (page or {"items": []})["items"]:
                await self._swipe(card, friends)
            cursor = page["next"] if page else None
            await asyncio.sleep(self.pause_s)

    async def _swipe(self, card: dict[str, Any], friends: list["Person"]) -> None:
        told = {"Range": f"bytes=0-{RANGE_BYTES - 1}"}
        await self.ask("video bytes", "GET", card["mp4_url"], headers=told)
        if card["poster_url"]:  # made after what plays
            await self.ask("picture", "GET", card["poster_url"])
        await asyncio.sleep(self.dice.expovariate(1 / self.pause_s))
        await self._tell(card)
        await self._act(card, self.dice.choice(friends))

    async def _tell(self, card: dict[str, Any]) -> None:
        """Send the events of one watch, as a page does at the swipe."""
        now, served = moments.of(clock.now()), {"video_id": card["id"], **card["served"]}
        last = "finish" if self.dice.random() < 0.6 else "skip"
        told: tuple[tuple[str, int, dict[str, Any]], ...] = (
            ("impression", 2000, {}),
            ("start", 1900, {}),
            (last, 0, {"ranges": [[0, min(1800, card["duration_ms"])]]}),
        )
        events = [{"id": str(moments.new(now - ago)), "kind": kind, **served, **more} for kind, ago, more in told]
        if await self.ask("events", "POST", "/api/v1/events", json={"events": events}):
            self.said.events += len(events)

    async def _act(self, card: dict[str, Any], friend: "Person") -> None:
        """Do one thing that people do now and then, most often none."""
        video, handle, word = f"/api/v1/videos/{card['id']}", card["author"]["handle"], self.dice.choice(WORDS)
        acts = {
            "like": ("PUT", f"{video}/like", None, 8),
            "unlike": ("DELETE", f"{video}/like", None, 2),
            "save": ("PUT", f"{video}/save", None, 2),
            "comment": ("POST", f"{video}/comments", {"text": f"The {word} part is what I came for"}, 3),
            "comments": ("GET", f"{video}/comments", None, 6),
            "profile": ("GET", f"/api/v1/people/{handle}", None, 4),
            "videos": ("GET", f"/api/v1/people/{handle}/videos", None, 4),
            "search": ("GET", f"/api/v1/search/videos?q={word}", None, 3),
            "discover": ("GET", "/api/v1/discover", None, 2),
            "inbox": ("GET", "/api/v1/inbox", None, 3),
            "history": ("GET", "/api/v1/me/history", None, 1),
            "page": ("GET", f"/v/{card['id']}", None, 3),
            "share": ("POST", f"{video}/shares", {"channel": "link"}, 1),
        }
        if handle != self.handle:
            acts["follow"] = ("PUT", f"/api/v1/people/{handle}/follow", None, 1)
        kind = self.dice.choices([*acts, "message", ""], [each[3] for each in acts.values()] + [3, 20])[0]
        if kind == "message":
            await self._write(friend, word)
        elif kind:
            method, path, body, _ = acts[kind]
            await self.ask(kind, method, path, **({"json": body} if body else {}))

    async def _write(self, friend: "Person", word: str) -> None:
        """Write to a friend; a thread with a stranger takes one line until it is accepted, so a few are enough."""
        if friend is self:
            return
        if len(self.threads) < 2:
            opened = await self.ask("thread", "POST", "/api/v1/threads", json={"handles": [friend.handle]})
            if opened and opened["id"] not in self.threads:
                self.threads.append(opened["id"])
                if opened["state"] == "asked":
                    await self.ask("accept", "PUT", f"/api/v1/threads/{opened['id']}/accept")
                await self.ask("message", "POST", f"/api/v1/threads/{opened['id']}/messages", json={"text": word})
            return
        await self.ask("messages", "GET", f"/api/v1/threads/{self.dice.choice(self.threads)}/messages")

    async def upload(self, clip: bytes) -> None:
        """Upload a clip in pieces, publish it, and wait until all of it is made."""
        filling = secrets.token_bytes(64 << 10)  # a free box (ISO 14496-12, 8.1.2), so that no two are alike
        data = clip + (len(filling) + 8).to_bytes(4, "big") + b"free" + filling
        tus = {"Tus-Resumable": "1.0.0"}
        meta = {
            "Upload-Length": str(len(data)),
            "Upload-Metadata": f"filename {base64.b64encode(b'take.mp4').decode()}",
        }
        begun = await self.ask("begin upload", "POST", "/api/v1/uploads", headers=tus | meta)
        if begun is None:
            return
        at = begun.headers["Location"]
        caption = f"{self.dice.choice(WORDS)} #{self.dice.choice(WORDS)}"
        await self.ask("draft", "PUT", f"{at}/draft", json={"caption": caption, "publish": True})
        for offset in range(0, len(data), PIECE_BYTES):
            piece = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
            part = data[offset : offset + PIECE_BYTES]
            await self.ask("piece", "PATCH", at, headers=tus | piece, content=part)
        given_up_at = time.monotonic() + 10 * PATIENCE_S
        while time.monotonic() < given_up_at:
            found = await self.ask("upload", "GET", at)
            state = found["upload"]["state"] if found else ""
            if state == "complete":
                self.said.uploads += 1
                return
            if state == "failed":
                break
            await asyncio.sleep(2)
        self.said.fault("upload", f"{at} did not become complete: {state}")
