"""Odd and hostile files at the product's door: sent by HTTP, worked by the jobs, seen by their owner."""

import random
import struct
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from corpus import AAC, H264, encoded
from hostile import REFUSED, Lure
from odd import ODD, made, patched, plain, tone, written

from community import Drain, MakeMember
from nonet.core import settings
from nonet.media import boxes, pictures

pytestmark = pytest.mark.media
TUS = {"tus-resumable": "1.0.0"}
OCTETS = {**TUS, "content-type": "application/offset+octet-stream"}
Send = Callable[[bytes], Awaitable[dict[str, Any]]]


@pytest.fixture
async def client(member: MakeMember) -> httpx.AsyncClient:
    opened: httpx.AsyncClient = (await member("juno")).client
    return opened


@pytest.fixture
def send(client: httpx.AsyncClient, drain: Drain) -> Send:
    """Give a function that uploads a file, asks to publish it, lets all work be done and returns the video."""

    async def whole(data: bytes) -> dict[str, Any]:
        headers = {**TUS, "upload-length": str(len(data)), "upload-metadata": "filename Y2xpcC5tcDQ="}
        location = (await client.post("/api/v1/uploads", headers=headers)).headers["location"]
        drafted = await client.put(f"{location}/draft", json={"caption": "Kettle", "publish": True})
        assert drafted.status_code == 200, drafted.text
        sent = await client.patch(location, headers={**OCTETS, "upload-offset": "0"}, content=data)
        assert sent.status_code == 204, sent.text
        await drain()
        return await video(client, drafted.json()["id"])

    return whole


async def video(client: httpx.AsyncClient, video_id: str) -> dict[str, Any]:
    mine = (await client.get("/api/v1/me/videos")).json()["items"]
    found: dict[str, Any] = next(each for each in mine if each["id"] == video_id)
    return found


def steps(found: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {step["step"]: (step["state"], step["code"]) for step in found["upload"]["steps"]}


def served(found: dict[str, Any]) -> dict[str, bytes]:
    """Return every object that may leave the server."""
    folder = settings.load().folder("objects") / "assets" / found["upload_id"]
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", ["turned-90", "hlg", "no-duration", "late-sound", "gif"])
async def test_an_odd_video_becomes_complete_and_published(kind: str, send: Send) -> None:
    found = await send(ODD[kind].make().read_bytes())
    assert found["upload"]["state"] == "complete", steps(found)
    assert found["state"] == "published"
    assert {state for state, _ in steps(found).values()} <= {"done", "skipped"}
    card = found["card"]
    assert (card["width"], card["height"]) == (270, 480)
    assert abs(card["duration_ms"] / 1000 - ODD[kind].seconds) < 0.15
    assert card["poster_url"]
    assert card["preview_url"]
    assert card["sprite"]


@pytest.mark.parametrize("name", ["empty-like", "m3u8", "media-at-an-address", "audio-in-mp4", "pixel-bomb", "noise"])
async def test_a_refused_file_fails_with_its_code_and_leaves_nothing_to_serve(
    name: str, send: Send, tmp_path: Path
) -> None:
    code, make = REFUSED.get(name, ("not_video", lambda _, __: b"\0" * 100))
    given = make(tmp_path, Lure(tmp_path / "secret", "http://127.0.0.1:9"))
    found = await send(given.read_bytes() if isinstance(given, Path) else given)
    assert (found["upload"]["state"], found["upload"]["code"]) == ("failed", code)
    assert found["upload"]["sentence"]
    assert (found["state"], found["card"]) == ("publishing", None)
    assert found["caption"] == "Kettle"
    assert served(found) == {}


async def test_a_dark_video_is_published_and_a_frame_can_be_picked(
    send: Send, client: httpx.AsyncClient, drain: Drain
) -> None:
    black = ["-f", "lavfi", "-i", "color=black:size=270x480:rate=30:duration=1.5"]
    found = await send(made("mp4", *H264, *AAC, picture=black).read_bytes())
    assert (found["state"], found["upload"]["state"]) == ("published", "complete")
    assert steps(found)["cover"] == ("failed", "picture_dark")
    assert found["card"]["poster_url"]
    again = await client.post(f"/api/v1/videos/{found['id']}/steps/cover/retry")
    assert again.status_code == 200
    await drain()
    assert steps(await video(client, found["id"]))["cover"] == ("failed", "picture_dark")
    picked = await client.put(f"/api/v1/videos/{found['id']}/cover", json={"at_ms": 500})
    assert picked.status_code == 200
    await drain()
    found = await video(client, found["id"])
    assert steps(found)["cover"] == ("done", None)
    assert found["upload"]["state"] == "complete"


async def test_text_tracks_inside_become_captions(send: Send, client: httpx.AsyncClient) -> None:
    for kind in ("mov-text", "srt-in-mkv"):
        found = await send(ODD[kind].make().read_bytes())
        assert steps(found)["captions"] == ("done", None)
        tracks = (await client.get(f"/api/v1/videos/{found['id']}/captions")).json()["items"]
        assert [(t["language"], t["source"]) for t in tracks] == [("de", "embedded"), ("en", "embedded")]
        vtt = (await client.get(f"/api/v1/videos/{found['id']}/captions/en")).text
        assert vtt.startswith("WEBVTT\n")
        assert "00:00:00.100 --> 00:00:00.900\nA <b>kettle</b> sings\n" in vtt
        assert "00:00:01.000 --> 00:00:01.400\n&amp; stops\n" in vtt


MARKS = (b"Ottoline", b"<script>", b"48.8577", b"Elm Street")


def named(*codecs: str) -> Path:
    """Give a clip that tells a name, a place and a script wherever a file can."""
    said = "Ottoline <script>alert(1)</script> Elm Street"
    tags = [f"-metadata:{where}" for where in ("g", "s:v", "s:a")]
    keys = ("title", "artist", "comment", "location", "com.apple.quicktime.location.ISO6709", "handler_name", "make")
    pairs = [[tag, f"{key}={'+48.8577+002.2950/' if 'location' in key else said}"] for tag in tags for key in keys]
    chapters = written("ffmeta", f";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle={said}\n")
    sei = f"h264_metadata=sei_user_data='086f3693b7b34f2c965321492feee5b8+{said}'"
    args: list[str | Path] = [
        *patched(),
        *tone(),
        "-f",
        "ffmetadata",
        "-i",
        chapters,
        "-map",
        "0",
        "-map",
        "1",
        "-map_chapters",
        "2",
    ]
    sei_filter = ["-bsf:v", sei] if "libx264" in codecs else []
    return encoded(
        "mp4", *args, *codecs, *AAC, *chain.from_iterable(pairs), *sei_filter, "-movflags", "+use_metadata_tags"
    )


@pytest.mark.parametrize("codecs", [H264, ("-c:v", "mpeg4", "-q:v", "3")])
async def test_names_places_and_scripts_inside_a_file_are_in_nothing_that_leaves(
    codecs: tuple[str, ...], send: Send
) -> None:
    data = named(*codecs).read_bytes()
    assert all(mark in data for mark in MARKS)
    media = next(box for box in boxes.walk(data) if box.kind == b"mdat")
    assert data.count(b"Ottoline", media.body, media.end) >= 1 + (codecs is H264)  # the chapter, and a unit of H.264
    found = await send(data)
    assert found["upload"]["state"] == "complete", steps(found)
    files = served(found)
    assert len(files) >= 6
    inside = [(name, mark) for name, data in files.items() for mark in MARKS if mark in data]
    assert inside == []


def damaged(track: bytes, share: float) -> bytes:
    """Give a clip in which the packets of one track are noise, from a place on."""
    whole = plain().read_bytes()
    data = bytearray(whole)
    for trak in boxes.find(whole, b"moov", b"trak"):
        inside = bytes(data[trak.start : trak.end])
        kind = next(boxes.find(inside, b"trak", b"mdia", b"hdlr"))
        if inside[kind.body + 8 : kind.body + 12] != track:
            continue
        table = (b"trak", b"mdia", b"minf", b"stbl")
        offsets, sizes = next(boxes.find(inside, *table, b"stco")), next(boxes.find(inside, *table, b"stsz"))
        chunks = [n for (n,) in struct.iter_unpack(">I", inside[offsets.body + 8 : offsets.end])]
        smallest = min(n for (n,) in struct.iter_unpack(">I", inside[sizes.body + 12 : sizes.end]))
        for at in chunks[int(len(chunks) * share) :]:
            data[at : at + smallest] = random.Random(at).randbytes(smallest)  # noqa: S311 - the same each time
    return bytes(data)


async def test_sound_that_is_noise_never_holds_up_the_picture(send: Send) -> None:
    found = await send(damaged(b"soun", 0))
    assert found["state"] == "published", steps(found)
    assert found["card"]["hls_url"]


async def test_a_picture_that_breaks_in_the_middle_is_told(send: Send) -> None:
    found = await send(damaged(b"vide", 0.5))
    assert found["upload"]["state"] in {"complete", "failed"}, steps(found)
    assert (found["state"] == "published") == (found["upload"]["state"] == "complete")


async def test_a_file_that_was_cut_plays_as_far_as_it_goes(send: Send) -> None:
    whole = plain().read_bytes()
    found = await send(whole[: len(whole) * 6 // 10])
    assert found["state"] == "published", steps(found)
    assert found["upload"]["state"] == "complete", steps(found)
    assert 300 < found["card"]["duration_ms"] < 1400


async def test_a_step_that_gave_up_is_done_when_asked_again(
    send: Send, client: httpx.AsyncClient, drain: Drain, frozen_clock: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A preview that can't be made, whatever stands in its way, fails alone; asked again when it can be, it is made."""
    monkeypatch.setattr(pictures, "LIMITS", replace(pictures.LIMITS, file_mb=0))
    found = await send(plain().read_bytes())
    for _ in range(4):
        frozen_clock.advance(timedelta(minutes=5))
        await drain()
    found = await video(client, found["id"])
    assert steps(found)["cover"] == ("failed", "step_failed")
    assert (found["state"], found["upload"]["state"]) == ("published", "complete")
    monkeypatch.undo()
    assert (await client.post(f"/api/v1/videos/{found['id']}/steps/cover/retry")).status_code == 200
    await drain()
    found = await video(client, found["id"])
    assert steps(found)["cover"] == ("done", None)
    assert found["card"]["poster_url"]
