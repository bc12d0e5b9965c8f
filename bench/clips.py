"""The two clips that the media part sends: 30 s of 1080x1920 at 30 frames, six scenes of texture, grain and text.

One is H.264 in eight bits at 12 Mbit/s, which can be copied; the other HEVC, which must be encoded. Made once by a
seed, kept in a cache by the hash of this file.
"""

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nonet.media import tools

WIDTH, HEIGHT, FPS, SCENE_S, SCENES = 1080, 1920, 30, 5, 6
GROUND_WIDTH, GROUND_HEIGHT = 1440, 2560
SOFT = (0.5, 0.6, 0.4, 0.7, 0.5, 0.6)
TINTS = ((120, 110, 95), (90, 130, 110), (140, 120, 120), (110, 115, 140), (150, 140, 110), (80, 90, 85))
PATHS = (
    "x='180+150*sin(t*2.3)':y='320+300*sin(t*1.7)'",
    "x='180+170*sin(t*1.5)':y='40+t*118'",
    "x='350-t*68':y='320+300*cos(t*2)'",
    "x='180+170*sin(t*3)':y='620-t*120'",
    "x='180+160*cos(t*2.5)':y='320+160*sin(t*2.5)'",
    "x='180+100*sin(t*4)':y='10+t*122'",
)
COLOURS = ("-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
SOUND = (
    "aevalsrc='0.2*sin(2*PI*220*t)*(1+sin(2*PI*2*t))+0.1*sin(2*PI*(330+50*sin(t))*t)"
    "|0.2*sin(2*PI*277*t)+0.05*random(0)':s=48000:d=30,asplit[x][y]"
)


def make() -> tuple[Path, Path]:
    """Return the H.264 and the HEVC clip, made when they aren't there."""
    recipe = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    home = Path(os.environ.get("NONET_TEST_CACHE") or Path.home() / ".cache" / "nonet-tests")
    folder = home / f"bench-{recipe}"
    if not folder.is_dir():
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as made:
            _draw(Path(made))
            _encode(Path(made))
            Path(made).rename(folder)
            Path(made).mkdir()
    return folder / "h264.mp4", folder / "hevc.mp4"


def _draw(folder: Path) -> None:
    dice = np.random.default_rng(9)
    for n in range(SCENES):
        Image.fromarray(_ground(dice, SOFT[n], TINTS[n])).save(folder / f"ground{n}.png")
        words = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
        pen = ImageDraw.Draw(words)
        large, small = ImageFont.load_default(64), ImageFont.load_default(30)
        title = f"Scene {n + 1} of six\nfine print stays sharp\n0123456789 &@#"
        pen.text((80, 1400), title, font=large, fill="white", stroke_width=4, stroke_fill="black")
        pen.text((80, 1720), "small words under the large ones, as captions are", font=small, fill="#faf0c8")
        words.save(folder / f"words{n}.png")


def _ground(dice: "np.random.Generator", soft: float, tint: tuple[int, int, int]) -> Any:  # noqa: ANN401 - an array
    """Return fine texture in patches with edges between smooth ones, as leaves stand before a wall."""
    fine, smooth = _texture(dice, 1.1, tint), _texture(dice, 2.0, tuple(255 - c for c in tint))
    mask = _noise(dice, 2.2, 1.0)
    return np.where((mask > np.quantile(mask, soft))[..., None], fine, smooth).astype(np.uint8)


def _texture(dice: "np.random.Generator", slope: float, tint: tuple[int, ...]) -> Any:  # noqa: ANN401 - an array
    base = _noise(dice, slope, 0.2)
    return np.stack([np.clip(c + 34 * base + 14 * _noise(dice, slope + 0.3, 0.2), 0, 255) for c in tint], -1)


def _noise(dice: "np.random.Generator", slope: float, cut: float) -> Any:  # noqa: ANN401 - an array
    """Return noise whose spectrum falls by ``slope``, as natural pictures' does, smoothed beyond ``cut``."""
    size = (GROUND_HEIGHT, GROUND_WIDTH)
    far = np.hypot(np.fft.fftfreq(size[0])[:, None], np.fft.rfftfreq(size[1])[None, :])
    far[0, 0] = 1
    shaped = np.fft.rfft2(dice.standard_normal(size)) / far**slope * np.exp(-((far / cut) ** 2))
    made = np.fft.irfft2(shaped, s=size)
    return made / made.std()


def _encode(folder: Path) -> None:
    inputs: list[str] = []
    graph = ""
    for n in range(SCENES):
        for name in (f"ground{n}.png", f"words{n}.png"):
            inputs += ["-loop", "1", "-framerate", str(FPS), "-t", str(SCENE_S), "-i", name]
        graph += f"[{2 * n}:v]crop={WIDTH}:{HEIGHT}:{PATHS[n]},setsar=1[c{n}];"
        graph += f"[c{n}][{2 * n + 1}:v]overlay=x='20*sin(t*2)':y=0,noise=alls=3:allf=t,format=yuv420p[v{n}];"
    graph += "".join(f"[v{n}]" for n in range(SCENES)) + f"concat=n={SCENES}:v=1,split[a][b];{SOUND}"
    h264 = ["-c:v", "libx264", "-preset", "veryfast", "-b:v", "12M", "-maxrate", "14M", "-bufsize", "14M", "-g", "60"]
    hevc = [
        "-c:v",
        "libx265",
        "-preset",
        "ultrafast",
        "-b:v",
        "8M",
        "-x265-params",
        "log-level=error",
        "-tag:v",
        "hvc1",
    ]
    audio = ["-c:a", "aac", "-b:a", "128k"]
    subprocess.run(
        [
            *(tools.ffmpeg(), "-hide_banner", "-loglevel", "error", "-y", *inputs, "-filter_complex", graph),
            *("-map", "[a]", "-map", "[x]", *h264, *COLOURS, *audio, "h264.mp4"),
            *("-map", "[b]", "-map", "[y]", *hevc, *COLOURS, *audio, "hevc.mp4"),
        ],
        cwd=folder,
        check=True,
    )
