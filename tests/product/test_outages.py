"""What the product stands on is taken away while it runs: nothing acknowledged is lost, and it goes on by itself."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from corpus import clip
from person import OCTETS, TUS, Person
from running import Product, wait_for
from small_disk import SmallDisk, possible

import seaweed
from nonet.core import clock
from wire import Wire

pytestmark = pytest.mark.product

HOURS = 3600.0

Join = Callable[[Product, str], Person]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Start a product on a small disk of its own."""
    if not possible():
        pytest.skip("this machine lets nobody make a disk")
    made = SmallDisk(tmp_path / "data")
    made.start(NONET_DISK_FLOOR_MB="0")
    yield made
    assert made.stop() == 0


@pytest.fixture
def join() -> Iterator[Join]:
    """Give a function that makes someone a member of a running product."""
    people: list[Person] = []

    def sign_up(product: Product, handle: str) -> Person:
        people.append(Person(product.address, handle=handle))
        people[-1].sign_up()
        return people[-1]

    yield sign_up
    for person in people:
        person.http.close()


def code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


def published(person: Person, caption: str = "Filled by ear") -> dict[str, Any]:
    video = person.wait(person.upload(clip().read_bytes(), caption=caption), "complete", "failed")
    assert video["upload"]["state"] == "complete", video["upload"]
    return video


def comments(person: Person, video: dict[str, Any]) -> list[str]:
    page = person.ask("GET", f"/api/v1/videos/{video['id']}/comments").json()
    return [each["text"] for each in page["items"]]


def say(person: Person, video: dict[str, Any], text: str) -> httpx.Response:
    return person.http.post(f"/api/v1/videos/{video['id']}/comments", json={"text": text})


def answers(person: Person, video: dict[str, Any], text: str) -> bool:
    """Tell whether a comment is taken; whatever else comes is an outage of the right shape, or no answer."""
    try:
        answer = say(person, video, text)
    except httpx.TransportError:
        return False
    assert answer.is_success or answer.status_code in {503, 507}, answer.text
    return answer.is_success


def test_a_full_disk_is_said_and_what_was_acknowledged_is_there_when_there_is_room(
    small_disk: SmallDisk, join: Join
) -> None:
    person = join(small_disk, "fullhouse")
    video = published(person)
    assert say(person, video, "Before").is_success
    data = clip().read_bytes()
    location = person.begin(len(data))
    half = len(data) // 2
    head = {**TUS, **OCTETS}
    assert person.http.patch(location, headers=head | {"Upload-Offset": "0"}, content=data[:half]).status_code == 204

    small_disk.fill()
    refused = person.http.patch(location, headers=head | {"Upload-Offset": str(half)}, content=data[half:])
    assert (refused.status_code, code(refused)) == (507, "storage_full")
    assert person.offset(location) >= half
    full = person.http.post("/api/v1/uploads", headers={**TUS, "Upload-Length": "9"})
    assert full.status_code == 507
    long = "Into nothing. " * 70  # what is short may find room in a page that is there already
    wait_for(lambda: not answers(person, video, long), "the database's disk to be full")
    refused = say(person, video, long)
    assert (refused.status_code, code(refused)) == (507, "disk_full")
    assert "Before" in comments(person, video)
    assert httpx.get(video["card"]["mp4_url"]).status_code == 200

    for role in ("api", "worker"):
        os.kill(small_disk.pid(role), signal.SIGKILL)
    wait_for(small_disk.ready, "the API to start again on a full disk")

    small_disk.make_room()
    wait_for(lambda: answers(person, video, "After"), "a comment to be taken")
    person.send(location, data, len(data))
    assert person.wait(location.rsplit("/", 1)[-1], "complete", "failed")["upload"]["state"] == "complete"
    assert {"Before", "After"} <= set(comments(person, video))


def test_a_video_that_met_a_full_disk_waits_says_so_and_is_made_when_there_is_room(
    small_disk: SmallDisk, join: Join
) -> None:
    person = join(small_disk, "patience")
    os.kill(small_disk.pid("worker"), signal.SIGSTOP)
    upload_id = person.upload(clip().read_bytes())
    small_disk.fill(leave_bytes=96 * 1024)
    os.kill(small_disk.pid("worker"), signal.SIGCONT)
    wait_for(lambda: "disk_full" in waits_for(person, upload_id), "the upload to say what it waits for")
    small_disk.make_room()
    assert person.wait(upload_id, "complete", "failed")["upload"]["state"] == "complete"


def waits_for(person: Person, upload_id: str) -> set[str | None]:
    steps = person.video(upload_id)["upload"]["steps"]
    assert not [step for step in steps if step["state"] == "failed"], steps
    return {step["code"] for step in steps}


def test_a_database_that_stands_still_or_is_killed_costs_nothing_that_was_acknowledged(
    product: Product, join: Join
) -> None:
    product.start()
    person = join(product, "stillstands")
    video = published(person)
    assert httpx.get(video["card"]["mp4_url"]).status_code == 200  # who watches goes on watching
    taken = []
    for number, (order, over) in enumerate(((signal.SIGKILL, None), (signal.SIGSTOP, signal.SIGCONT))):
        assert say(person, video, f"Before {number}").is_success
        processes = [pid for pid, command in product.processes().items() if "postgres" in command]
        if order == signal.SIGKILL:
            processes = [product.pid("postgres")]
        for pid in processes:
            os.kill(pid, order)
        assert not product.ready()
        assert httpx.get(video["card"]["mp4_url"]).status_code == 200
        with contextlib.suppress(httpx.TransportError):
            answer = person.http.get("/", headers={"Accept": "text/html"})
            assert answer.status_code in {200, 503}
            assert "<html" in answer.text
        for pid in processes if over else ():
            os.kill(pid, over)
        wait_for(lambda number=number: answers(person, video, f"After {number}"), "a comment to be taken")
        taken += [f"Before {number}", f"After {number}"]
    assert set(taken) <= set(comments(person, video))
    assert product.stop() == 0


@pytest.mark.s3
def test_a_storage_that_is_gone_or_slow_loses_no_upload_and_is_said(product: Product, join: Join) -> None:
    wire = Wire(int(seaweed.server().endpoint.rsplit(":", 1)[1]))
    product.start(
        NONET_STORAGE_URL=f"s3://{seaweed.BUCKET}/outages",
        NONET_S3_ENDPOINT=f"http://127.0.0.1:{wire.port}",
        NONET_S3_ACCESS_KEY=seaweed.ACCESS_KEY,
        NONET_S3_SECRET_KEY=seaweed.SECRET_KEY,
    )
    person = join(product, "pailgone")
    first = published(person)
    wire.turn("gone")
    upload_id = person.upload(clip().read_bytes(), caption="Meanwhile")
    wait_for(lambda: "storage_away" in waits_for(person, upload_id), "the upload to say what it waits for")
    unseen = first["card"]["poster_url"]
    refused = httpx.get(unseen, timeout=30)
    assert (refused.status_code, code(refused), refused.headers["retry-after"]) == (503, "storage_away", "2")
    assert say(person, first, "Still talking").is_success
    wire.turn("slow")
    assert httpx.get(unseen, timeout=30).status_code == 200
    wire.turn("open")
    video = person.wait(upload_id, "complete", "failed")
    assert video["upload"]["state"] == "complete", video["upload"]
    assert httpx.get(video["card"]["mp4_url"], timeout=30).status_code == 200
    assert product.stop() == 0


def test_a_clock_that_jumps_by_hours_and_back_holds_nothing_up(product: Product, join: Join) -> None:
    """Every process of ours goes by ``core.clock``, and all follow one file; the database keeps the machine's time."""
    product.start(NONET_CLOCK="virtual")
    person = join(product, "outoftime")
    video = published(person, "On time")
    for hours in (5, 0, -5, 0):
        clock.tell(product.data_dir / "run" / "clock", hours * HOURS)
        text = f"At {hours} hours"
        assert say(person, video, text).is_success
        assert text in comments(person, video)
        published(person, text)
    os.kill(product.pid("worker"), signal.SIGSTOP)
    clock.tell(product.data_dir / "run" / "clock", 5 * HOURS)
    upload_id = person.upload(clip().read_bytes(), caption="Begun in the future")
    clock.tell(product.data_dir / "run" / "clock", 0)
    os.kill(product.pid("worker"), signal.SIGCONT)
    assert person.wait(upload_id, "complete", "failed")["upload"]["state"] == "complete"
    assert person.ask("GET", "/api/v1/me").is_success
    assert product.stop() == 0
