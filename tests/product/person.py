"""A person who uses a running product through its public doors: signs up, uploads by tus, waits until it plays."""

import base64
import itertools
import time
from collections.abc import Callable
from typing import Any

import httpx

TUS = {"Tus-Resumable": "1.0.0"}
OCTETS = {"Content-Type": "application/offset+octet-stream"}
_number = itertools.count(1)


class Person:
    """One browser of one plainly fictional person; a request is tried again while the product restarts."""

    def __init__(self, address: str, *, handle: str | None = None, patience_s: float = 60, verify: Any = True) -> None:
        self.handle = handle or f"testperson{next(_number)}"
        self.patience_s = patience_s
        self.http = httpx.Client(base_url=address, headers={"Origin": address}, timeout=15, verify=verify)

    def ask(self, method: str, path: str, **rest: Any) -> httpx.Response:
        """Send a request until something other than a restart answers it."""
        given_up_at = time.monotonic() + self.patience_s
        while True:
            try:
                answer = self.http.request(method, path, **rest)
                if answer.status_code < 500 or answer.status_code == 507:
                    return answer
            except httpx.TransportError:
                if time.monotonic() > given_up_at:
                    raise
            else:
                assert time.monotonic() < given_up_at, answer.text
            time.sleep(0.1)

    def sign_up(self) -> None:
        form = {
            "handle": self.handle,
            "email": f"{self.handle}@people.example",
            "password": "nine quiet glasses",
            "birth_date": "1990-05-17",
        }
        answer = self.ask("POST", "/api/v1/accounts", json=form)
        if answer.json().get("error", {}).get("code") == "handle_taken":  # an answer that was lost on its way
            login = {"login": self.handle, "password": form["password"]}
            answer = self.ask("POST", "/api/v1/session", json=login)
        assert answer.is_success, answer.text

    def begin(self, size: int, filename: str = "clip.mp4") -> str:
        """Begin an upload; returns its address."""
        meta = f"filename {base64.b64encode(filename.encode()).decode()}"
        headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": meta}
        answer = self.ask("POST", "/api/v1/uploads", headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"]

    def offset(self, location: str) -> int:
        answer = self.ask("HEAD", location, headers=TUS)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["Upload-Offset"])

    def send(self, location: str, data: bytes, piece: int, acknowledged: Callable[[int], None] | None = None) -> None:
        """Send a file in pieces, after each failure from where the server says; what was acknowledged is there."""
        safe = 0
        while safe < len(data):
            headers = {**TUS, **OCTETS, "Upload-Offset": str(safe)}
            answer = self.ask("PATCH", location, headers=headers, content=data[safe : safe + piece])
            if answer.status_code == 204:
                safe = int(answer.headers["Upload-Offset"])
                if acknowledged:
                    acknowledged(safe)
                continue
            assert answer.status_code in {409, 423}, answer.text
            offset = self.offset(location)
            assert offset >= safe, f"{safe} bytes were acknowledged and {offset} are there"
            safe = offset

    def upload(self, data: bytes, *, caption: str = "") -> str:
        """Upload a whole file and ask to publish it; returns the upload's id."""
        location = self.begin(len(data))
        draft = {"caption": caption, "publish": True}
        assert self.ask("PUT", f"{location}/draft", json=draft).is_success
        self.send(location, data, 1 << 20)
        return location.rsplit("/", 1)[-1]

    def video(self, upload_id: str) -> dict[str, Any]:
        answer = self.ask("GET", f"/api/v1/uploads/{upload_id}")
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def wait(self, upload_id: str, *states: str, most_s: float = 120) -> dict[str, Any]:
        """Wait until an upload is in one of these states."""
        given_up_at = time.monotonic() + most_s
        while True:
            video = self.video(upload_id)
            if video["upload"]["state"] in states:
                return video
            assert time.monotonic() < given_up_at, video["upload"]
            time.sleep(0.1)

    def videos(self) -> list[dict[str, Any]]:
        """Return everything this person has."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = self.ask("GET", "/api/v1/me/videos", params={"cursor": cursor} if cursor else {}).json()
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                return found
