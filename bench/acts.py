"""A person whose product is being disturbed: tries again as a browser does, and keeps what was acknowledged.

Every try has a text or an id of its own, so that one whose answer was lost is never taken for one that was safe.
"""

import base64
import contextlib
import functools
import random
import secrets
import subprocess
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from nonet.core import clock
from nonet.media import tools
from nonet.signals import moments

PATIENCE_S = 120
PIECE_BYTES = 64 << 10
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass
class Kept:
    """What was acknowledged; ``likes`` by account and video: whether it is liked, None while that is not known."""

    uploads: list[str] = field(default_factory=list)
    events: list[uuid.UUID] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    likes: dict[tuple[int, int], bool] = field(default_factory=dict)

    @staticmethod
    def together(each: "list[Kept]") -> "Kept":
        """Return what all people together were told."""
        total = Kept()
        for one in each:
            for name in ("uploads", "events", "comments", "messages"):
                getattr(total, name).extend(getattr(one, name))
            total.likes |= one.likes
        return total

    def sizes(self) -> dict[str, int]:
        """Return how much there is of each kind."""
        return {name: len(getattr(self, name)) for name in ("uploads", "events", "comments", "messages", "likes")}


class Acts:
    """One plainly fictional person."""

    def __init__(self, port: int, handle: str, dice: random.Random) -> None:
        self.origin = f"http://localhost:{port}"
        self.handle, self.dice = handle, dice
        self.line = httpx.Client(base_url=self.origin, headers={"Origin": self.origin}, timeout=10)
        self.kept = Kept()
        self.faults: list[str] = []
        self.refused = 0
        self.id = 0

    def try_once(self, method: str, path: str, **rest: Any) -> httpx.Response | None:  # noqa: ANN401 - httpx's own
        """Send a request; None when no answer came, or one that says to come back later."""
        try:
            answer = self.line.request(method, path, **rest)
        except httpx.TransportError:
            self.refused += 1
            return None
        if answer.status_code >= 500:
            self.refused += 1
            return None
        return answer

    def ask(self, method: str, path: str, **rest: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        """Send a request until it is answered."""
        given_up_at = time.monotonic() + PATIENCE_S
        while time.monotonic() < given_up_at:
            if (answer := self.try_once(method, path, **rest)) is not None:
                return answer
            time.sleep(0.2)
        raise TimeoutError(f"{method} {path} was not answered in {PATIENCE_S} s")

    def sign_up(self) -> None:
        """Become a member."""
        form = {"handle": self.handle, "email": f"{self.handle}@people.example", "birth_date": "1990-05-17"}
        answer = self.ask("POST", "/api/v1/accounts", json={**form, "password": "nine quiet glasses"})
        self.id = int(answer.raise_for_status().json()["id"])

    def goes_through(self, video: dict[str, str]) -> bool:
        """Tell whether an act is taken and bytes come, asked once."""
        liked = self.try_once("PUT", f"/api/v1/videos/{video['id']}/like")
        if liked is None or liked.is_error:
            return False
        self.kept.likes[self.id, int(video["id"])] = True
        with contextlib.suppress(httpx.TransportError):
            answer = httpx.get(video["mp4_url"], headers={"Range": "bytes=0-1023"}, timeout=10)
            return answer.status_code == httpx.codes.PARTIAL_CONTENT
        return False

    def live(self, over: threading.Event, people: "list[Acts]", video: dict[str, str]) -> None:
        """Do one thing after the other until it is over; whatever fails for good is kept."""
        deeds = (self._like, self._comment, self._watch, self._watch, self._write, self._publish)
        try:
            while not over.wait(self.dice.uniform(0, 0.4)):
                deed = self.dice.choice(deeds)
                deed(video, self.dice.choice(people))
        except Exception as error:  # noqa: BLE001 - a thread's fault is the bench's to tell
            self.faults.append(f"@{self.handle}: {type(error).__name__}: {error}")

    def _like(self, video: dict[str, str], _: "Acts") -> None:
        wanted = self.dice.random() < 0.6
        self.ask("PUT" if wanted else "DELETE", f"/api/v1/videos/{video['id']}/like").raise_for_status()
        self.kept.likes[self.id, int(video["id"])] = wanted

    def _comment(self, video: dict[str, str], _: "Acts") -> None:
        text = f"Bar {secrets.token_hex(8)} is what I came for"
        answer = self.try_once("POST", f"/api/v1/videos/{video['id']}/comments", json={"text": text})
        if answer is not None and answer.is_success:
            self.kept.comments.append(text)

    def _write(self, _: dict[str, str], friend: "Acts") -> None:
        if friend is self:
            return
        opened = self.ask("POST", "/api/v1/threads", json={"handles": [friend.handle]})
        if opened.is_error:
            return
        at = f"/api/v1/threads/{opened.json()['id']}"
        if opened.json()["state"] == "asked":
            self.ask("PUT", f"{at}/accept")
        text = f"Line {secrets.token_hex(8)}"
        answer = self.try_once("POST", f"{at}/messages", json={"text": text})
        if answer is not None and answer.is_success:
            self.kept.messages.append(text)

    def _watch(self, _: dict[str, str], __: "Acts") -> None:
        page = self.ask("POST", "/api/v1/feed", json={"kind": "for_you"})
        for card in page.raise_for_status().json()["items"][:2]:
            now, served = moments.of(clock.now()), {"video_id": card["id"], **card["served"]}
            made = [moments.new(now - ago) for ago in (2000, 1900, 0)]
            events = [
                {"id": str(each), "kind": kind, **served, **({"ranges": [[0, 1800]]} if kind == "skip" else {})}
                for each, kind in zip(made, ("impression", "start", "skip"), strict=True)
            ]
            answer = self.ask("POST", "/api/v1/events", json={"events": events})  # the same ids whenever it is sent
            if answer.is_success and not answer.json()["refused"]:
                self.kept.events.extend(made)

    def _publish(self, _: dict[str, str], __: "Acts") -> None:
        if self.dice.random() < 0.25:
            self.upload(clip(self.dice.randrange(1 << 30)), wait=False)

    def upload(self, data: bytes, *, wait: bool = True) -> dict[str, str]:
        """Upload and publish; with ``wait`` return its number and the address of its bytes when it plays."""
        meta = {"Upload-Length": str(len(data)), "Upload-Metadata": f"filename {base64.b64encode(b'a.mp4').decode()}"}
        begun = self.ask("POST", "/api/v1/uploads", headers=TUS | meta)
        if begun.status_code == httpx.codes.TOO_MANY_REQUESTS:
            return {}
        at = begun.raise_for_status().headers["Location"]
        safe = 0
        while safe < len(data):
            head = TUS | {"Upload-Offset": str(safe), "Content-Type": "application/offset+octet-stream"}
            answer = self.ask("PATCH", at, headers=head, content=data[safe : safe + PIECE_BYTES])
            if answer.status_code not in {204, 409, 423}:
                raise RuntimeError(f"a piece was answered with {answer.status_code} {answer.text[:300]}")
            now = int(self.ask("HEAD", at, headers=TUS).headers["Upload-Offset"])
            if now < safe:
                raise RuntimeError(f"{safe} bytes were acknowledged and {now} are there")
            safe = now
        self.kept.uploads.append(at)
        self.ask("PUT", f"{at}/draft", json={"caption": "Through the storm", "publish": True}).raise_for_status()
        if not wait:
            return {}
        card = self._ended(at)["card"]
        return {"id": card["id"], "mp4_url": card["mp4_url"]}

    def _ended(self, at: str) -> dict[str, Any]:
        given_up_at = time.monotonic() + 5 * PATIENCE_S
        while time.monotonic() < given_up_at:
            found: dict[str, Any] = self.ask("GET", at).raise_for_status().json()
            if found["upload"]["state"] in {"complete", "failed"}:
                return found
            time.sleep(0.3)
        return found

    def unplayed(self) -> list[str]:
        """Return which of the accepted uploads do not play, with the reason."""
        found = []
        for at in self.kept.uploads:
            video = self._ended(at)
            steps = [
                f"{s['step']}: {s['code']} {s.get('detail')}"
                for s in video["upload"]["steps"]
                if s["state"] not in {"done", "skipped"}
            ]
            if video["upload"]["state"] != "complete" or video["state"] != "published" or steps:
                found.append(f"{at}: {video['upload']['state']}, {video['state']}, {steps}")
                continue
            answer = httpx.get(video["card"]["mp4_url"], headers={"Range": "bytes=0-1023"}, timeout=15)
            if answer.status_code != httpx.codes.PARTIAL_CONTENT:
                found.append(f"{at}: its bytes are answered with {answer.status_code}")
        return found


@functools.cache
def _plain_clip() -> bytes:
    picture, tone = "testsrc2=size=270x480:rate=30:duration=2", "sine=frequency=440:sample_rate=48000:duration=2"
    coded = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2"]
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "clip.mp4"
        inputs = [tools.ffmpeg(), "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i"]
        subprocess.run([*inputs, tone, *coded, "-movflags", "+faststart", made], check=True)
        return made.read_bytes()


def clip(seed: int) -> bytes:
    """Return a clip of two seconds that is like no other: with a free box of bytes at its end (ISO 14496-12, 8.1.2)."""
    filling = random.Random(seed).randbytes(256 << 10)  # noqa: S311 - repeatable, not secret
    return _plain_clip() + (len(filling) + 8).to_bytes(4, "big") + b"free" + filling
