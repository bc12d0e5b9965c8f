"""Fills a running server with the demo: makes its clips, and lets its people live through their weeks.

Each thing of the story is done by the public API and then noted, so that one that is killed goes on where it was. What
can't be done twice is looked for first. Where the clock is sealed on the way, the rest happens at once, in real time.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from nonet.core import clock, db, realtime, settings
from nonet.demo import making, people, service, story, watching
from nonet.demo.client import Browser, RefusedError
from nonet.demo.clips import Clip
from nonet.demo.story import Thing
from nonet.demo.tables import Demo

T = TypeVar("T")
Say = Callable[[int, int], None]
"""Told how many clips of how many play."""

PLAYS_S = 120.0
"""How long a clip may take until it plays."""
AHEAD = 2
"""So many clips are sent before the first of them has to play: the worker has something to do meanwhile."""
FAILED = frozenset({"failed", "expired"})


class NeverPlayedError(Exception):
    """A clip was refused, or did not play in time."""


class Filling:
    """One run over the story, in a process of its own: ``folder`` is where clips are made before they are sent."""

    def __init__(self, conf: settings.Settings, folder: Path, say: Say) -> None:
        self._conf, self._folder, self._say = conf, folder, say
        self._loop = asyncio.new_event_loop()
        self._browsers: dict[str, Browser] = {}
        self._tokens: dict[str, str] = {}
        self._sent: dict[str, str] = {}  # a clip's name to the number of its upload
        self._videos: dict[str, str] = {}  # a clip's name to the number of its video
        self._movable = conf.clock == "virtual"
        self._again = False  # whether somebody was killed here before
        self._began = clock.now()

    def run(self) -> None:
        """Do what is left of the story, then seal the clock; after a failure the next run goes on."""
        try:
            row = self._work(service.get)
            if row is not None and row.state == "filling":
                self._go_on(row)
                self._work(lambda session: service.finish(session, list(self._tokens.values())))
        except Exception:
            self._work(lambda session: service.fail(session, list(self._tokens.values())))
            raise
        finally:
            self._loop.run_until_complete(realtime.flush())
            self._loop.run_until_complete(db.close())

    def _go_on(self, row: Demo) -> None:
        cast, clips = people.cast(row.size)
        self._began, self._again = row.began_at, row.progress["next"] > 0
        self._tokens = self._work(lambda session: service.settle(session, cast))
        self._browsers = {handle: Browser(self._conf, token) for handle, token in self._tokens.items()}
        self._find(clips)
        self._all(story.tell(row.size), clips, row.progress["next"])

    def _work(self, step: Callable[[db.Session], Awaitable[T]]) -> T:
        """Do one thing in the database, in a transaction of its own."""

        async def once() -> T:
            async with db.transaction() as session:
                return await step(session)

        return self._loop.run_until_complete(once())

    def _all(self, things: list[Thing], clips: tuple[Clip, ...], done: int) -> None:
        order = [thing.given["clip"] for thing in things if thing.what == "publish"]
        for number, thing in enumerate(things[done:], done):
            if thing.what == "publish":
                for name in order[order.index(thing.given["clip"]) :][: 1 + AHEAD]:
                    self._send(story.clip(name))
            self._move(self._began + timedelta(hours=thing.at_h))
            try:
                getattr(self, f"_{thing.what}")(thing)
            except RefusedError as error:
                if error.status == 401:  # whoever removed the demo signed us out
                    return
            plays = len(self._videos)
            self._work(lambda session, n=number + 1, k=plays: service.note(session, next=n, clips=k, of=len(clips)))  # type: ignore[misc]
            if thing.what == "publish":
                self._say(plays, len(clips))
            self._again = False

    def _move(self, to: datetime) -> None:
        """Set the clock, unless it is further already; once that is refused, it is real for good."""
        if not self._movable or to <= clock.now():
            return
        try:
            self._keeper.ask("PUT", "/api/v1/operator/clock", {"at": to.isoformat()})
        except RefusedError:
            self._movable = False

    @property
    def _keeper(self) -> Browser:
        return next(iter(self._browsers.values()))

    def _find(self, clips: tuple[Clip, ...]) -> None:
        """Find what was sent before; what was not received whole is given up and sent anew."""
        for clip in clips:
            for video in self._browsers[clip.by].ask("GET", "/api/v1/me/videos")["items"]:
                upload = video["upload"]
                if upload is None or upload["filename"] != f"{clip.name}.mp4":
                    continue
                if upload["state"] in {"receiving", *FAILED}:
                    self._browsers[clip.by].ask("DELETE", f"/api/v1/videos/{video['id']}")
                    continue
                self._sent[clip.name] = upload["id"]
                if video["state"] == "published":
                    self._videos[clip.name] = video["id"]

    def _send(self, clip: Clip) -> None:
        if clip.name in self._sent:
            return
        path = self._folder / f"{clip.name}.mp4"
        making.make(clip, path)
        said = {"caption": clip.caption, "language": clip.language, "alt_text": clip.alt_text, "visibility": "public"}
        browser = self._browsers[clip.by]
        upload_id = browser.upload(path.name, path.read_bytes())
        browser.ask("PUT", f"/api/v1/uploads/{upload_id}/draft", said)
        path.unlink()
        self._sent[clip.name] = upload_id

    def _dress(self, thing: Thing) -> None:
        """Give someone a name, a picture and what they say of themselves."""
        persona = next(each for each in people.every() if each.handle == thing.by)
        browser = self._browsers[thing.by]
        browser.ask("PATCH", "/api/v1/me/profile", {"name": persona.name, "bio": persona.bio, "link": persona.link})
        browser.ask("PUT", "/api/v1/me/avatar", people.portrait(persona), **{"Content-Type": "image/png"})
        if persona.private:
            browser.ask("PATCH", "/api/v1/me/privacy", {"private": True})

    def _publish(self, thing: Thing) -> None:
        """Wait until a clip plays, then publish it."""
        name, browser = thing.given["clip"], self._browsers[thing.by]
        given_up_at = time.monotonic() + PLAYS_S
        while name not in self._videos:
            video = browser.ask("GET", f"/api/v1/uploads/{self._sent[name]}")
            if video["card"] is not None:
                browser.ask("POST", f"/api/v1/videos/{video['id']}/publish")
                self._videos[name] = video["id"]
            elif video["upload"]["state"] in FAILED or time.monotonic() > given_up_at:
                raise NeverPlayedError(f"{name}: {video['upload']}")
            else:
                time.sleep(0.05)

    def _follow(self, thing: Thing) -> None:
        self._browsers[thing.by].ask("PUT", f"/api/v1/people/{thing.given['whom']}/follow")

    def _let_in(self, thing: Thing) -> None:
        browser = self._browsers[thing.by]
        for asking in browser.ask("GET", "/api/v1/me/requests")["items"]:
            if asking["handle"] == thing.given["whom"]:
                browser.ask("PUT", f"/api/v1/me/requests/{asking['id']}")

    def _comment(self, thing: Thing) -> None:
        """Say something under a clip, with what others answer and who likes it."""
        video_id = self._videos[thing.given["clip"]]
        made = self._said(thing.by, video_id, thing.given["text"], None)
        for reply in thing.given["replies"]:
            self._move(clock.now() + timedelta(minutes=37))
            self._said(reply["by"], video_id, reply["text"], made)
        for fan in thing.given["likes"]:
            self._browsers[fan].ask("PUT", f"/api/v1/comments/{made}/like")
        if thing.given.get("pinned"):
            by = story.clip(thing.given["clip"]).by
            self._browsers[by].ask("PUT", f"/api/v1/comments/{made}/pin")

    def _said(self, by: str, video_id: str, text: str, under: str | None) -> str:
        at = f"/api/v1/videos/{video_id}/comments"
        looked = f"/api/v1/comments/{under}/replies" if under else at
        if self._again:
            for each in self._browsers[by].ask("GET", looked)["items"]:
                if each["mine"] and each["text"] == text:
                    return str(each["id"])
        return str(self._browsers[by].ask("POST", at, {"text": text, "parent_id": under})["id"])

    def _talk(self, thing: Thing) -> None:
        """Write to one person or a group; whoever was asked answers only once they have accepted."""
        form = {"handles": thing.given["to"], "title": thing.given.get("title", "")}
        thread = self._browsers[thing.by].ask("POST", "/api/v1/threads", form)["id"]
        at = f"/api/v1/threads/{thread}/messages"
        for line in thing.given["lines"]:
            browser = self._browsers[line["by"]]
            if line["by"] != thing.by:
                browser.ask("PUT", f"/api/v1/threads/{thread}/accept")
            video_id = self._videos.get(line.get("clip", ""))
            browser.ask("POST", at, {"text": line["text"], "video_id": video_id})
            self._move(clock.now() + timedelta(minutes=11))

    def _collect(self, thing: Thing) -> None:
        browser = self._browsers[thing.by]
        known = {each["title"]: each["id"] for each in browser.ask("GET", "/api/v1/me/playlists")["items"]}
        title = thing.given["title"]
        number = known.get(title) or browser.ask("POST", "/api/v1/me/playlists", {"title": title})["id"]
        for name in thing.given["clips"]:
            if name in self._videos:
                browser.ask("PUT", f"/api/v1/playlists/{number}/videos/{self._videos[name]}")

    def _watch(self, thing: Thing) -> None:
        """Watch two pages of the feed, and like, keep or pass on what was liked."""
        self._sit(self._browsers[thing.by], thing.by, thing.given["seed"], pages=2)

    def _visit(self, thing: Thing) -> None:
        """Come by without an account and watch a page."""
        self._sit(Browser(self._conf), f"visitor {thing.given['seed']}", thing.given["seed"], pages=1)

    def _sit(self, browser: Browser, who: str, seed: int, pages: int) -> None:
        rng = np.random.default_rng(seed)
        cursor = None
        for _ in range(pages):
            page: dict[str, Any] = browser.ask(
                "POST", "/api/v1/feed", {"kind": "for_you", "cursor": cursor, "again": True}
            )
            if not page["items"]:
                return
            from_ms = int(clock.now().timestamp() * 1000)
            seen = watching.page(page["items"], who, rng, from_ms)
            self._move(clock.now() + timedelta(milliseconds=seen[-1].until_ms - from_ms + 1000))
            told = [event for each in seen for event in each.events]
            if not self._movable:  # in real time nobody waits for what would be watched, so it only began
                told = [event for event in told if event["kind"] in {"impression", "start"}]
            browser.ask("POST", "/api/v1/events", {"events": told})
            if who in self._browsers:
                self._react(browser, seen)
            cursor = page["next"]
            if cursor is None:
                return

    @staticmethod
    def _react(browser: Browser, seen: list[watching.Watched]) -> None:
        for each in seen:
            at = f"/api/v1/videos/{each.video_id}"
            if each.liked:
                browser.ask("PUT", f"{at}/like")
            if each.saved:
                browser.ask("PUT", f"{at}/save")
            if each.shared:
                browser.ask("POST", f"{at}/shares")
