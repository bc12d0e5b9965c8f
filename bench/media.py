"""What making a video costs, over plain ffmpeg commands with the pipeline's own codec settings in the same run.

Costs are CPU-seconds of all processes, from the last byte's acknowledgement on; ``*_s`` are seconds a person waits.
Quality is VMAF of the 720 size scaled to 1080x1920 against the clip as it was sent.
"""

import json
import re
import resource
import shlex
import subprocess
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import clips
from bench.product import Person, Product, cpu_with_children_s, running

from nonet.media import encode, tools
from nonet.media.plan import PRESET, Rung, settings

SETTLE_S = 400
SIDES = {240: (240, 426), 360: (360, 640), 480: (480, 854), 540: (540, 960), 720: (720, 1280), 1080: (1080, 1920)}
AUDIO = ("-c:a", "aac", "-b:a", "128k", "-ar", "48000", "-ac", "2")
SUBSAMPLE = 3


@dataclass
class Cost:
    """What something cost: CPU-seconds and seconds on the clock."""

    cpu_s: float
    wall_s: float


@dataclass
class Made:
    """What the product made of a clip: its costs until it played and until all was done, its video and its bytes."""

    playable: Cost
    complete: Cost
    upload_bytes: int
    location: str
    video: dict[str, Any]
    kept_bytes: int = field(default=0)


def main() -> None:
    """Measure, print a table and one JSON line."""
    h264, hevc = clips.make()
    with running() as product:
        person = Person(product.port)
        person.sign_up()
        encoded, copied = _send(product, person, hevc), _send(product, person, h264)
        with tempfile.TemporaryDirectory() as scratch:
            plain = {clip.stem: _plain(clip, Path(scratch)) for clip in (hevc, h264)}
            quality = [_vmaf(made, clip, Path(scratch)) for made, clip in ((encoded, hevc), (copied, h264))]
        for made in (encoded, copied):
            made.kept_bytes = _kept_bytes(product, made)
    _print(encoded, copied, plain, quality)


def _send(product: Product, person: Person, clip: Path) -> Made:
    data = clip.read_bytes()
    location = person.begin(len(data))
    person.ask("PUT", f"{location}/draft", {"publish": True})
    person.send(location, data)
    before, began = cpu_with_children_s(product.pid), time.monotonic()
    person.wait(location, "playable", "complete")
    playable = Cost(cpu_with_children_s(product.pid) - before, time.monotonic() - began)
    video = person.wait(location, "complete")
    complete = Cost(cpu_with_children_s(product.pid) - before, time.monotonic() - began)
    return Made(playable, complete, len(data), location, video)


def _plain(clip: Path, folder: Path) -> dict[str, Cost]:
    """Run the plain commands on a clip: 540 alone, one split of three, five processes; return what each cost."""
    alone = _run([_one(clip, 540, folder)])
    graph = "[0:v]split=3[a][b][c];" + ";".join(
        f"[{name}]scale={SIDES[side][0]}:{SIDES[side][1]}:flags=lanczos[{name}{name}]"
        for name, side in (("a", 1080), ("b", 720), ("c", 540))
    )
    outputs: list[str] = []
    for name, side in (("a", 1080), ("b", 720), ("c", 540)):
        outputs += ["-map", f"[{name}{name}]", "-map", "0:a", *_codec(side), *AUDIO, str(folder / f"split{side}.mp4")]
    split = _run([[str(tools.ffmpeg()), *QUIET, "-i", str(clip), "-filter_complex", graph, *outputs]])
    five = _run([_one(clip, side, folder) for side in (1080, 720, 480, 360, 240)])
    return {"alone": alone, "split": split, "five": five}


QUIET = ("-hide_banner", "-loglevel", "error", "-nostdin", "-y")


def _codec(side: int) -> list[str]:
    return encode.codec(Rung(str(side), *SIDES[side], copied=False), ())


def _one(clip: Path, side: int, folder: Path) -> list[str]:
    scale = f"scale={SIDES[side][0]}:{SIDES[side][1]}:flags=lanczos"
    command = [str(tools.ffmpeg()), *QUIET, "-i", str(clip), "-vf", scale, *_codec(side), *AUDIO]
    return [*command, str(folder / f"plain{side}.mp4")]


def _run(commands: list[list[str]]) -> Cost:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    for command in commands:
        print("$ " + shlex.join(["ffmpeg", *command[1:]]))
        subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu_s, time.monotonic() - began)


def _vmaf(made: Made, clip: Path, folder: Path) -> dict[str, float]:
    """Return the harmonic mean and the worst second of the 720 size, fetched as a viewer does."""
    with urllib.request.urlopen(made.video["card"]["hls_url"]) as answer:  # noqa: S310 - the product's own address
        name = re.search(r"^720-\w+\.m3u8$", answer.read().decode(), re.MULTILINE)
    assert name
    base = made.video["card"]["hls_url"].rsplit("/", 1)[0]
    with urllib.request.urlopen(f"{base}/{name[0]}") as answer:  # noqa: S310 - as above
        file = re.search(r'URI="([^"]+)"', answer.read().decode())
    assert file
    rung, log = folder / "720.mp4", folder / "vmaf.json"
    urllib.request.urlretrieve(f"{base}/{file[1]}", rung)  # noqa: S310 - as above
    graph = (
        f"[0:v]scale=1080:1920:flags=bicubic[d];[d][1:v]libvmaf=n_threads=2:n_subsample={SUBSAMPLE}"
        f":log_fmt=json:log_path={log}"
    )
    command = [str(tools.ffmpeg()), *QUIET, "-i", str(rung), "-i", str(clip), "-lavfi", graph, "-f", "null", "-"]
    subprocess.run(command, check=True)
    said = json.loads(log.read_text())
    seconds: dict[int, list[float]] = {}
    for frame in said["frames"]:
        seconds.setdefault(frame["frameNum"] // clips.FPS, []).append(frame["metrics"]["vmaf"])
    worst = min(sum(values) / len(values) for values in seconds.values())
    return {"mean": said["pooled_metrics"]["vmaf"]["harmonic_mean"], "worst": worst, "frames": len(said["frames"])}


def _kept_bytes(product: Product, made: Made) -> int:
    """Return what stays of an upload, once what only its first players needed has been swept."""
    asset_id = made.location.rsplit("/", 1)[1]
    folders = [product.data_dir / "objects" / kind / asset_id for kind in ("assets", "originals")]
    master = made.video["card"]["hls_url"].rsplit("/", 1)[1]
    given_up_at = time.monotonic() + SETTLE_S
    while time.monotonic() < given_up_at:
        files = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
        masters = [path for path in files if path.name.startswith("master-")]
        tracks = [path for path in files if path.name.startswith("track-")]
        if [path.name for path in masters] == [master] and not tracks:
            return sum(path.stat().st_size for path in files)
        time.sleep(1)
    raise SystemExit("what is no longer needed was not swept")


def _print(encoded: Made, copied: Made, plain: dict[str, dict[str, Cost]], quality: list[dict[str, float]]) -> None:
    hevc, h264 = plain["hevc"], plain["h264"]
    rows = [
        ("first_playable_ratio", encoded.playable.cpu_s / hevc["alone"].cpu_s, "≤ 1.15"),
        ("pipeline_ratio", encoded.complete.cpu_s / hevc["split"].cpu_s, "≤ 1.2"),
        ("peer_ladder_ratio", encoded.complete.cpu_s / hevc["five"].cpu_s, "≤ 0.85"),
        ("copy_playable_s", copied.playable.wall_s, "≤ 2"),
        ("copy_pipeline_ratio", copied.complete.cpu_s / h264["split"].cpu_s, "≤ 0.75"),
        ("copy_peer_ratio", copied.complete.cpu_s / h264["five"].cpu_s, "≤ 0.55"),
        ("vmaf_720", min(q["mean"] for q in quality), "≥ 93"),
        ("vmaf_720_min", min(q["worst"] for q in quality), "≥ 80"),
        ("bytes_ratio", copied.kept_bytes / copied.upload_bytes, "≤ 1.5"),
        ("bytes_ratio_encoded", encoded.kept_bytes / encoded.upload_bytes, "≤ 2.5"),
    ]
    print(f"\n{'':24} {'measured':>9}  goal")
    for name, value, goal in rows:
        print(f"{name:24} {value:9.3f}  {goal}")
    raw = {
        "encoded": _raw(encoded),
        "copied": _raw(copied),
        "plain": {clip: {k: vars(c) for k, c in costs.items()} for clip, costs in plain.items()},
        "quality": quality,
        "samples": 1,
        "first_playable_wall_ratio": round(encoded.playable.wall_s / hevc["alone"].wall_s, 3),
        "settings": {"preset": PRESET, **{str(side): vars_of(side) for side in (540, 720, 1080)}},
        "clip": {"seconds": 30, "width": clips.WIDTH, "height": clips.HEIGHT, "fps": clips.FPS},
    }
    print(json.dumps({"part": "media", **{name: round(value, 3) for name, value, _ in rows}, "raw": raw}))


def vars_of(side: int) -> dict[str, float]:
    """Return what x264 is told for a size."""
    chosen = settings(side)
    return {"crf": chosen.crf, "max_kbps": chosen.max_kbps}


def _raw(made: Made) -> dict[str, Any]:
    return {
        "playable": vars(made.playable),
        "complete": vars(made.complete),
        "upload_bytes": made.upload_bytes,
        "kept_bytes": made.kept_bytes,
    }
