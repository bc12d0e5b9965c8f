"""What bytes cost: sending them, reading the API beside two hundred viewers, and taking an upload in.

- *egress*: CPU seconds (user and system) of every process of the product for each GB of random ranges of 1 MiB, over
  those of nginx sending the same file (one worker, sendfile, no log), in turns.
- *read p99*: one video's JSON, asked for at a steady pace, while viewers play the largest rung and while nobody does.
- *upload*: a file sent in one tus request until the answer that says it is safe, over writing and syncing the same.
"""

import contextlib
import hashlib
import http.client
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import imageio_ffmpeg
from bench import product, viewers

RANGE_BYTES = 1 << 20
CONNECTIONS = 8
EGRESS_ROUNDS = 5
EGRESS_BYTES = 1 << 30
VIEWERS = 200
PHASE_S = 20.0
PHASES = 2
READS_PER_S = 50
UPLOAD_BYTES = 256 << 20
UPLOAD_ROUNDS = 3
CLIP_S = 20
CLIP_KBPS = 12_000


def main() -> None:
    """Measure and print; the last line is JSON."""
    nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if nginx is None:
        sys.exit("nginx is missing: install it (apt-get install nginx-light) to measure against it.")
    with product.running() as running, tempfile.TemporaryDirectory(prefix="nonet-bench-") as folder:
        person = product.Person(running.port)
        person.sign_up()
        video = _publish(person, _clip(Path(folder)))
        segments = viewers.rung(video["card"]["hls_url"])
        (Path(folder) / "video.mp4").write_bytes(viewers.fetch(segments[0].url))
        result: dict[str, Any] = {"part": "bytes"}
        with _nginx(nginx, Path(folder)) as (server, port):
            result |= _egress(running, server, segments[0].url, f"http://127.0.0.1:{port}/video.mp4")
        result |= _reads(running, video)
        result |= _uploads(running, person)
    result |= {"cores": os.cpu_count(), "nginx": _version(nginx), "settings": {"NONET_PORT": "a free one"}}
    print(json.dumps(result))


def _clip(folder: Path) -> bytes:
    """Make a clip that can be copied, so that its largest rung has the size that phones send."""
    path = folder / "clip.mp4"
    rate = f"{CLIP_KBPS}k"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi"]
    command += ["-i", f"testsrc2=s=1080x1920:r=30:d={CLIP_S},noise=alls=24:allf=t", "-f", "lavfi"]
    command += ["-i", f"sine=f=330:r=48000:d={CLIP_S}", "-c:v", "libx264", "-preset", "ultrafast", "-g", "60"]
    command += ["-pix_fmt", "yuv420p", "-b:v", rate, "-maxrate", rate, "-bufsize", rate, "-nal-hrd", "cbr"]
    command += ["-c:a", "aac", "-b:a", "128k", "-movflags", "+faststart", str(path)]
    subprocess.run(command, check=True)
    return path.read_bytes()


def _publish(person: product.Person, clip: bytes) -> dict[str, Any]:
    """Upload a clip and wait until the pipeline is through, so that it disturbs nothing that is measured."""
    location = person.begin(len(clip))
    person.ask("PUT", f"{location}/draft", {"caption": "What bytes cost", "visibility": "public", "publish": True})
    person.send(location, clip)
    return person.wait(location, "complete")


@contextlib.contextmanager
def _nginx(binary: str, folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Serve the folder by nginx, set up as cheaply as it can."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    scratch = "".join(f"{n}_temp_path {folder}/{n};" for n in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        ("user root;\n" if os.geteuid() == 0 else "")
        + f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        + f"http {{ access_log off; sendfile on; sendfile_max_chunk 512k; keepalive_requests 1000000; {scratch}\n"
        + f"server {{ listen 127.0.0.1:{port}; root {folder}; }} }}\n"
    )
    server = subprocess.Popen([binary, "-c", folder / "nginx.conf", "-e", folder / "error.log"])
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield server, port
    finally:
        server.terminate()
        server.wait(20)


def _version(nginx: str) -> str:
    return subprocess.run([nginx, "-v"], capture_output=True, text=True, check=True).stderr.strip()


def _egress(running: product.Product, server: subprocess.Popen[bytes], ours: str, theirs: str) -> dict[str, Any]:
    """Read ranges from both in turns; the CPU of the reader is not counted."""
    used: dict[str, list[float]] = {"product": [], "nginx": []}
    took: dict[str, list[float]] = {"product": [], "nginx": []}
    readings = {"product": running.cpu_s, "nginx": lambda: product.cpu_s(server.pid)}
    for url in (ours, theirs):
        _read_ranges(url, EGRESS_BYTES // 16)
    for _ in range(EGRESS_ROUNDS):
        for name, url in (("nginx", theirs), ("product", ours)):
            time.sleep(0.3)
            before, began = readings[name](), time.perf_counter()
            _read_ranges(url, EGRESS_BYTES)
            took[name].append(time.perf_counter() - began)
            used[name].append(readings[name]() - before)
    gigabytes = EGRESS_ROUNDS * EGRESS_BYTES / 1e9
    each = {name: sum(seconds) / gigabytes for name, seconds in used.items()}
    for name, cost in each.items():
        print(f"{cost:8.3f} CPU s/GB  {name} ({gigabytes / sum(took[name]) * 1000:.0f} MB/s)")
    print(f"{each['product'] / each['nginx']:8.2f}           product over nginx (goal 10)")
    return {
        "egress_ratio": round(each["product"] / each["nginx"], 3),
        "egress_product_cpu_s": round(sum(used["product"]), 2),
        "egress_nginx_cpu_s": round(sum(used["nginx"]), 2),
        "egress_gb": round(gigabytes, 3),
        "egress_ratio_rounds": [round(a / b, 2) for a, b in zip(used["product"], used["nginx"], strict=True)],
        "egress_product_mb_s": round(gigabytes / sum(took["product"]) * 1000),
        "egress_nginx_mb_s": round(gigabytes / sum(took["nginx"]) * 1000),
        "egress_range_bytes": RANGE_BYTES,
        "egress_connections": CONNECTIONS,
    }


def _read_ranges(url: str, most: int) -> None:
    """Read random ranges over kept connections, a thread each, until so many bytes came."""
    size = len(viewers.fetch(url))
    counts = most // RANGE_BYTES // CONNECTIONS
    failed: list[BaseException] = []

    def read(seed: int) -> None:
        try:
            _read(url, size, counts, random.Random(seed))  # noqa: S311 - places in a file
        except (OSError, AssertionError) as error:
            failed.append(error)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def _read(url: str, size: int, count: int, places: random.Random) -> None:
    place = urlsplit(url)
    buffer = memoryview(bytearray(RANGE_BYTES))
    with socket.create_connection((place.hostname or "", place.port or 80), timeout=60) as line:
        for _ in range(count):
            start = places.randrange(0, size - RANGE_BYTES)
            wanted = f"bytes={start}-{start + RANGE_BYTES - 1}"
            line.sendall(f"GET {place.path} HTTP/1.1\r\nHost: {place.netloc}\r\nRange: {wanted}\r\n\r\n".encode())
            head = b""
            while b"\r\n\r\n" not in head:
                head += line.recv(16384)
            status, _, rest = head.partition(b"\r\n\r\n")
            assert status.startswith(b"HTTP/1.1 206"), status
            due = RANGE_BYTES - len(rest)
            while due:
                got = line.recv_into(buffer, due)
                assert got, "the connection ended in the middle of a range"
                due -= got


def _reads(running: product.Product, video: dict[str, Any]) -> dict[str, Any]:
    """Ask for one video's JSON at a steady pace, in turns with nobody watching and with viewers."""
    path = f"/api/v1/videos/{video['id']}"
    taken: dict[str, list[float]] = {"idle": [], "busy": []}
    played = []
    for _ in range(PHASES):
        taken["idle"] += ask_steadily(running.port, path, PHASE_S)
        watching = subprocess.Popen(
            [sys.executable, "-m", "bench.viewers", video["card"]["hls_url"], str(VIEWERS), str(PHASE_S + 4)],
            cwd=product.ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert watching.stdout
        assert watching.stdout.readline() == "playing\n"
        time.sleep(3)
        taken["busy"] += ask_steadily(running.port, path, PHASE_S)
        played.append(json.loads(watching.communicate(timeout=120)[0]))
    p99 = {name: quantile(seconds, 0.99) * 1000 for name, seconds in taken.items()}
    p50 = {name: quantile(seconds, 0.5) * 1000 for name, seconds in taken.items()}
    mb_s = sum(each["mb_s"] for each in played) / PHASES
    late = sum(each["late"] for each in played) / sum(each["segments"] for each in played)
    for name, reads in taken.items():
        print(f"{p99[name]:8.2f} ms  p99 of a read, {name} (p50 {p50[name]:.2f} ms, {len(reads)} reads)")
    print(f"{mb_s:8.0f} MB/s to {VIEWERS} viewers, {late:.2%} of segments late")
    print(f"{p99['busy'] / p99['idle']:8.2f}     busy over idle (goal 3)")
    return {
        "read_p99_busy_ratio": round(p99["busy"] / p99["idle"], 3),
        "read_p99_busy_ms": round(p99["busy"], 3),
        "read_p99_idle_ms": round(p99["idle"], 3),
        "read_p50_busy_ms": round(p50["busy"], 3),
        "read_p50_idle_ms": round(p50["idle"], 3),
        "read_samples_busy": len(taken["busy"]),
        "read_samples_idle": len(taken["idle"]),
        "read_per_s": READS_PER_S,
        "read_path": "/api/v1/videos/{id}",
        "viewers": VIEWERS,
        "viewers_mb_s": round(mb_s, 1),
        "viewers_late_share": round(late, 4),
        "viewers_seconds": PHASES * PHASE_S,
    }


def ask_steadily(port: int, path: str, seconds: float) -> list[float]:
    """Ask at a steady pace over one connection; return the seconds of each answer."""
    line = http.client.HTTPConnection("localhost", port, timeout=30)
    taken = []
    began = time.perf_counter()
    for number in range(int(seconds * READS_PER_S)):
        time.sleep(max(0.0, began + number / READS_PER_S - time.perf_counter()))
        asked = time.perf_counter()
        line.request("GET", path)
        answer = line.getresponse()
        answer.read()
        assert answer.status == http.HTTPStatus.OK
        taken.append(time.perf_counter() - asked)
    line.close()
    return taken


def quantile(values: list[float], share: float) -> float:
    """Return the value that this share of the values doesn't exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _uploads(running: product.Product, person: product.Person) -> dict[str, Any]:
    """Upload and plainly write the same bytes in turns, in the same filesystem."""
    data = hashlib.shake_128(b"nonet").digest(UPLOAD_BYTES)
    took: dict[str, list[float]] = {"plain": [], "upload": []}
    for _ in range(UPLOAD_ROUNDS):
        took["plain"].append(_timed(lambda: _write(running.data_dir / "plain", data)))
        location = person.begin(len(data))
        took["upload"].append(person.send(location, data))
        person.wait(location, "failed")  # it is no video; the pipeline has looked at it and is at rest again
    megabytes = UPLOAD_ROUNDS * UPLOAD_BYTES / 1e6
    speed = {name: megabytes / sum(seconds) for name, seconds in took.items()}
    for name, mb_s in speed.items():
        print(f"{mb_s:8.0f} MB/s  {name} of {UPLOAD_BYTES / 1e6:.0f} MB")
    print(f"{speed['upload'] / speed['plain']:8.2f}       upload over plain write and sync (goal 0.5)")
    return {
        "upload_mb_s": round(speed["upload"], 1),
        "upload_ratio": round(speed["upload"] / speed["plain"], 3),
        "plain_mb_s": round(speed["plain"], 1),
        "upload_s": [round(each, 3) for each in took["upload"]],
        "plain_s": [round(each, 3) for each in took["plain"]],
        "upload_bytes": UPLOAD_BYTES,
    }


def _timed(what: Callable[[], None]) -> float:
    began = time.perf_counter()
    what()
    return time.perf_counter() - began


def _write(path: Path, data: bytes) -> None:
    """Write by the MiB, sync once, and take the file away again."""
    with path.open("wb") as file:
        for start in range(0, len(data), 1 << 20):
            file.write(data[start : start + (1 << 20)])
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
