"""Kills processes at random moments while people upload, then counts: each accepted video plays, exactly once.

``python tests/product/soak.py --kills 1000`` is ``make soak``; the test suite does 25 by a seed that it prints.
"""

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from person import Person
from rich.console import Console
from rich.progress import Progress
from running import Product, wait_for

VICTIMS = ("api", "worker", "postgres", "media", "api", "worker", "postgres")
PIECE_BYTES = 96 * 1024
PADDING_BYTES = 512 * 1024
# A person may begin 120 uploads an hour, half of them at once; after so many somebody else goes on.
TURNS = 40


@dataclass
class Count:
    """What the people saw: uploads begun, and those whose last byte was acknowledged."""

    begun: set[str] = field(default_factory=set)
    accepted: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def padded(clip: bytes, dice: random.Random) -> bytes:
    """Return a clip that is like no other: with a ``free`` box of random bytes at its end (ISO 14496-12, 8.1.2)."""
    filling = dice.randbytes(PADDING_BYTES)
    return clip + (len(filling) + 8).to_bytes(4, "big") + b"free" + filling


def uploader(address: str, seed: int, clip: bytes, count: Count, over: threading.Event) -> None:
    """Upload one clip after the other until the killing is over; what the server answers decides what was accepted."""
    dice, people = random.Random(seed), []  # noqa: S311 - repeatable, not secret
    try:
        while not over.is_set():
            people.append(Person(address, handle=f"soak{seed}x{len(people)}"))
            people[-1].sign_up()
            for _ in range(TURNS):
                upload(people[-1], padded(clip, dice), count)
                if over.wait(dice.uniform(0.2, 2.0)):
                    break
        for person in people:
            verify(person, count)
    except Exception as error:  # noqa: BLE001 - a thread's fault is the soak's fault
        count.faults.append(f"{type(error).__name__}: {error}")
    finally:
        for person in people:
            person.http.close()


def upload(person: Person, data: bytes, count: Count) -> None:
    """Upload a clip in pieces and publish it; count what was begun, and what the server took whole."""
    location = person.begin(len(data))
    upload_id = location.rsplit("/", 1)[-1]
    count.begun.add(upload_id)
    person.send(location, data, PIECE_BYTES)
    count.accepted.add(upload_id)
    answer = person.ask("PUT", f"{location}/draft", json={"caption": f"Take {upload_id}", "publish": True})
    assert answer.is_success, answer.text


def verify(person: Person, count: Count) -> None:
    """Wait until all of a person's uploads have ended and hold them against what was accepted."""
    mine = [v["upload_id"] for v in person.videos()]
    assert len(mine) == len(set(mine)), "an upload has two videos"
    for upload_id in [u for u in mine if u in count.accepted]:
        video = person.wait(upload_id, "complete", "failed", most_s=600)
        assert video["upload"]["state"] == "complete", video["upload"]
        assert video["state"] == "published", video
        bad = [s for s in video["upload"]["steps"] if s["state"] not in {"done", "skipped"}]
        assert not bad, bad
        for url in (video["card"]["mp4_url"], video["card"]["hls_url"], video["card"]["poster_url"]):
            answer = httpx.get(url, headers={"Range": "bytes=0-1023"}, timeout=15)
            assert answer.status_code in {200, 206}, (url, answer.status_code)


def soak(product: Product, clip: bytes, kills: int, seed: int, people: int = 2) -> Count:
    """Run the whole: ``kills`` random processes end by SIGKILL while ``people`` upload; returns what they counted."""
    dice, count, over = random.Random(seed), Count(), threading.Event()  # noqa: S311 - repeatable, not secret
    threads = [
        threading.Thread(
            target=uploader,
            args=(product.address, seed * 100 + n, clip, count, over),
        )
        for n in range(people)
    ]
    for thread in threads:
        thread.start()
    with Progress(disable=not sys.stdout.isatty()) as progress:
        for _ in progress.track(range(kills), description="kills"):
            if count.faults:
                break
            time.sleep(dice.uniform(0.0, 1.5))
            with contextlib.suppress(ProcessLookupError, FileNotFoundError, ValueError, IndexError):
                victim = product.pid(dice.choice(VICTIMS))
                if victim:  # 0 while it is being started, and a signal to 0 would end us
                    os.kill(victim, signal.SIGKILL)
            wait_for(product.ready, "the product to answer again")
    over.set()
    for thread in threads:
        thread.join(3600)
        if thread.is_alive():
            count.faults.append("a person still waits")
    if not count.accepted <= count.begun:
        count.faults.append("accepted more than was begun")
    return count


def main() -> int:
    """Soak from the command line and say what was found, the seed first so that it can be repeated."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=1000)
    options.add_argument("--seed", type=int, default=int(time.time()))
    chosen = options.parse_args()
    sys.path.insert(0, str(Path(__file__).parent.parent / "media"))
    from corpus import clip  # noqa: PLC0415 - the folder is named above

    say = Console()
    say.print(f"{chosen.kills} kills by seed {chosen.seed}")
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder) / "data")
        product.start()
        try:
            count = soak(product, clip().read_bytes(), chosen.kills, chosen.seed)
        finally:
            product.stop()
    say.print(f"{len(count.begun)} uploads begun, {len(count.accepted)} accepted, {len(count.faults)} faults")
    for fault in count.faults:
        say.print(fault, markup=False)
    return 1 if count.faults else 0


if __name__ == "__main__":
    sys.exit(main())
