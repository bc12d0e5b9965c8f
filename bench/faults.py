"""Two hundred kills and outages over all roles under load: what of all that was acknowledged is lost, or there twice.

*faults* are drawn by a seed: the API, the media role, the worker and PostgreSQL are killed or frozen for seconds,
database connections are cut, the S3 server is gone, frozen or slow. *recovered_p95_s* is the time from the end of an
outage, or from the kill, until every door answers again and an act goes through. *lost* and *doubled* compare what was
acknowledged with what is there: uploads that must play once, events, likes, comments, messages, and the counters.
BENCH_FAULTS and BENCH_SEED set another number and another seed.
"""

import asyncio
import json
import os
import random
import statistics
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import asyncpg
from bench import product
from bench.acts import Acts, Kept, clip
from bench.outages import Outages, Relay
from rich.progress import Progress

from nonet import health
from nonet.core import postgres
from nonet.core.settings import Settings

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
import seaweed

FAULTS = int(os.environ.get("BENCH_FAULTS", "200"))
SEED = int(os.environ.get("BENCH_SEED", str(int(time.time()))))
PEOPLE = 4
RECOVERY_MOST_S = 120


def main() -> None:
    """Measure, print a table and one JSON line."""
    print(f"{FAULTS} faults by seed {SEED}")
    relay = Relay(int(seaweed.server().endpoint.rsplit(":", 1)[1]))
    settings = {
        "NONET_STORAGE_URL": f"s3://{seaweed.BUCKET}/faults-{os.getpid()}",
        "NONET_S3_ENDPOINT": f"http://127.0.0.1:{relay.port}",
        "NONET_S3_ACCESS_KEY": seaweed.ACCESS_KEY,
        "NONET_S3_SECRET_KEY": seaweed.SECRET_KEY,
    }
    with product.running(**settings) as running:
        result = _measure(running, Outages(running, relay, SEED))
    print(json.dumps({"part": "faults"} | result))


def _measure(running: product.Product, outages: Outages) -> dict[str, object]:
    first = Acts(running.port, "faultfirst", random.Random(SEED))  # noqa: S311 - repeatable, not secret
    first.sign_up()
    video = first.upload(clip(SEED))
    people = [Acts(running.port, f"fault{n}", random.Random(SEED + n)) for n in range(1, PEOPLE + 1)]  # noqa: S311
    for person in people:
        person.sign_up()
    over = threading.Event()
    threads = [threading.Thread(target=person.live, args=(over, people, video)) for person in people]
    for thread in threads:
        thread.start()
    recovered, kinds = _disturb(running, outages, first, video)
    over.set()
    for thread in threads:
        thread.join(900)
    kept = Kept.together([first.kept, *(person.kept for person in people)])
    faults = [fault for person in people for fault in person.faults]
    lost, doubled = asyncio.run(_compare(running, kept))
    unplayed = [each for person in [first, *people] for each in person.unplayed()]
    for what in (*faults, *(f"does not play: {each}" for each in unplayed), f"lost {lost}", f"doubled {doubled}"):
        print(what)
    quantiles = statistics.quantiles(recovered, n=20)
    print(f"{len(recovered)} faults, recovered p50 {quantiles[9]:.2f} s, p95 {quantiles[18]:.2f} s")
    return {
        "faults": len(recovered),
        "lost": lost.total() + len(unplayed),
        "doubled": doubled.total(),
        "recovered_p95_s": round(quantiles[18], 2),
        "recovered_p50_s": round(quantiles[9], 2),
        "recovered_most_s": round(max(recovered), 2),
        "people_failed": len(faults),
        "kinds": dict(sorted(kinds.items())),
        "acknowledged": kept.sizes(),
        "refused_for_a_while": sum(person.refused for person in people),
        "seed": SEED,
        "cores": os.cpu_count(),
    }


def _disturb(
    running: product.Product, outages: Outages, door: Acts, video: dict[str, str]
) -> tuple[list[float], Counter[str]]:
    """Do one outage after the other; return how long each took to be over, and how many there were of each kind."""
    recovered: list[float] = []
    kinds: Counter[str] = Counter()
    with Progress(disable=not sys.stdout.isatty()) as progress:
        for _ in progress.track(range(FAULTS), description="faults"):
            time.sleep(outages.dice.uniform(0, 1.5))
            name, outage = outages.draw()
            kinds[name] += 1
            with outage:
                began = time.monotonic()
            while not (_well(running) and door.goes_through(video)):
                if time.monotonic() - began > RECOVERY_MOST_S:
                    sys.exit(f"after “{name}” the product did not come back")
                time.sleep(0.05)
            recovered.append(time.monotonic() - began)
            if recovered[-1] > 10:
                print(f"{name}: {recovered[-1]:.1f} s")
    return recovered, kinds


def _well(running: product.Product) -> bool:
    conf = Settings(data_dir=running.data_dir, port=running.port)
    return health.look(conf) == dict.fromkeys(("api", "media", "worker"), "")


async def _compare(running: product.Product, kept: Kept) -> tuple[Counter[str], Counter[str]]:
    """Return of each kind how much of what was acknowledged is not there, and how much is there more than once."""
    connection = await asyncpg.connect(postgres.url(running.data_dir))
    lost: Counter[str] = Counter()
    doubled: Counter[str] = Counter()
    texts = {"comments": "SELECT text FROM comments", "messages": "SELECT text FROM messages"}
    for name, sql in texts.items():
        found = Counter(row[0] for row in await connection.fetch(sql))
        lost[name] = sum(each not in found for each in getattr(kept, name))
        doubled[name] = sum(many - 1 for many in found.values())
    events = Counter(row[0] for row in await connection.fetch("SELECT id FROM events"))
    lost["events"] = sum(each not in events for each in kept.events)
    doubled["events"] = sum(many - 1 for many in events.values())
    likes = {(row[0], row[1]) for row in await connection.fetch("SELECT account_id, video_id FROM likes")}
    lost["likes"] = sum(((who, what) in likes) != liked for (who, what), liked in kept.likes.items())
    for name in ("likes", "comments"):
        summed = await connection.fetchval(f"SELECT sum({name}) FROM counts")  # noqa: S608 - our own names
        waiting = await connection.fetchval("SELECT sum(delta) FROM count_deltas WHERE name = $1", name)
        there = await connection.fetchval(f"SELECT count(*) FROM {name}")  # noqa: S608 - our own names
        doubled[f"{name} counted"] = abs(int(summed or 0) + int(waiting or 0) - there)
    await connection.close()
    return +lost, +doubled
