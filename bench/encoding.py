"""How long a read takes while two encodes run, over how long it takes when nothing does, by turns in one run."""

import json

from bench import clips
from bench.bytes import ask_steadily, quantile
from bench.product import Person, running

PHASE_S = 8.0
ROUNDS = 2
GOAL = 3


def main() -> None:
    """Measure, print a table and one JSON line."""
    _, hevc = clips.make()
    data = hevc.read_bytes()
    taken: dict[str, list[float]] = {"idle": [], "encoding": []}
    with running() as product:
        person = Person(product.port)
        person.sign_up()
        watched = _send(person, data)
        video = person.wait(watched, "complete")
        path = f"/api/v1/videos/{video['id']}"
        for _ in range(ROUNDS):
            taken["idle"] += ask_steadily(product.port, path, PHASE_S)
            sent = [_send(person, data) for _ in range(2)]
            person.wait(sent[0], "playable")  # from here its sizes are encoded beside the other's first version
            taken["encoding"] += ask_steadily(product.port, path, PHASE_S)
            for each in sent:
                person.wait(each, "complete")
    p99 = {name: quantile(seconds, 0.99) * 1000 for name, seconds in taken.items()}
    p50 = {name: quantile(seconds, 0.5) * 1000 for name, seconds in taken.items()}
    for name, reads in taken.items():
        print(f"{p99[name]:8.2f} ms  p99 of a read, {name} (p50 {p50[name]:.2f} ms, {len(reads)} reads)")
    ratio = p99["encoding"] / p99["idle"]
    print(f"{ratio:8.2f}     encoding over idle (goal {GOAL})")
    raw = {"p99_ms": p99, "p50_ms": p50, "reads": {name: len(reads) for name, reads in taken.items()}}
    print(json.dumps({"part": "encoding", "read_p99_encoding_ratio": round(ratio, 3), "raw": raw}))


def _send(person: Person, data: bytes) -> str:
    location = person.begin(len(data))
    person.ask("PUT", f"{location}/draft", {"publish": True})
    person.send(location, data)
    return location
