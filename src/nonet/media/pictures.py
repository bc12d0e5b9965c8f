"""The still and small pictures of a video: poster, preview, sprite, placeholder colour. Reads a finished rendition.

A rendition is upright, in square pixels and ordinary colours whatever the upload was, and most of its key frames stand
two seconds apart, so that the sprite decodes key frames alone. The poster is chosen among the sprite's frames.
"""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageStat

from nonet.core.errors import Refusal
from nonet.media import child, naming

LIMITS = child.Limits(memory_mb=4096, cpu_s=120, wall_s=300, file_mb=64)
DARK_MEAN, DARK_PEAK = 24, 56  # luma of 0..255 below which a frame is nearly black
SHOWS = 0.8  # of a video, from its beginning: what comes after tells how it ends
POSTER_SIDE = 720
PREVIEW_MS, PREVIEW_FPS, PREVIEW_SIDE = 2500, 6, 180
CELLS_MOST, COLUMNS, CELL = 100, 10, (90, 160)
FINE_MS, FINE_STEP_MS, KEY_STEP_MS = 10_000, 500, 2000
OUTPUT = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact", "-an", "-sn", "-dn")
INPUT = ("-protocol_whitelist", "file", "-f", "mov")


class PictureDark(Refusal):
    """Every frame looked at is nearly black."""

    code = "picture_dark"
    sentence = "Cover failed: the frames are nearly black. Pick a frame."


@dataclass(frozen=True, slots=True)
class Poster:
    """A cover: ``poster-<12 hex>.jpg``, at most 720 on the short side, and the colour that stands there before it."""

    file: str
    at_ms: int
    width: int
    height: int
    placeholder: str  # "#rrggbb"


@dataclass(frozen=True, slots=True)
class Sprite:
    """Small frames in one JPEG, row by row: cell n shows the video at ``n * interval_ms``."""

    file: str
    columns: int
    rows: int
    interval_ms: int
    width: int  # of one cell
    height: int


async def poster(rendition: Path, duration_ms: int, folder: Path, at_ms: int, *, key: bool = False) -> Poster:
    """Write the poster from the frame shown at ``at_ms``, or with ``key`` from the key frame at or before it."""
    made = folder / "poster.jpg"
    shrink = f"scale='if(gt(iw,ih),-2,min({POSTER_SIDE},iw))':'if(gt(iw,ih),min({POSTER_SIDE},ih),-2)'"
    frame = ("-frames:v", "1", "-vf", f"{shrink},format=yuvj420p", "-q:v", "4", *OUTPUT)
    seek = (*(("-noaccurate_seek", "-copyts") if key else ()), "-ss", _seconds(min(at_ms, max(0, duration_ms - 50))))
    await _ffmpeg(*seek, *INPUT, "-i", rendition, *frame, made, reads=[rendition], folder=folder)
    if not made.exists():  # the last frame may stand before the asked moment
        await _ffmpeg(*INPUT, "-i", rendition, *frame, made, reads=[rendition], folder=folder)
    with Image.open(made) as picture:
        width, height = picture.size
        red, green, blue = (round(v) for v in ImageStat.Stat(picture.convert("RGB")).mean)
    return Poster(naming.by_content(made, "poster").name, at_ms, width, height, f"#{red:02x}{green:02x}{blue:02x}")


def most_telling_ms(sprite: Sprite, duration_ms: int, folder: Path) -> int:
    """Return when the sprite's most telling frame is shown: neither dark nor blown out, with much in it.

    Raises PictureDark when none is fit.
    """
    times = range(0, max(round(duration_ms * SHOWS), 1), sprite.interval_ms)
    with Image.open(folder / sprite.file) as sheet:
        grey = sheet.convert("L")
    scores = []
    for n, at_ms in enumerate(times):
        left, top = n % sprite.columns * sprite.width, n // sprite.columns * sprite.height
        scores.append((_score(grey.crop((left, top, left + sprite.width, top + sprite.height))), -at_ms))
    best, at = max(scores)
    if best <= 0:
        raise PictureDark
    return -at


def _score(grey: Image.Image) -> float:
    """Judge a grey frame: 0 when nearly black, else its contrast, less for means far from the middle."""
    mean, spread = ImageStat.Stat(grey).mean[0], ImageStat.Stat(grey).stddev[0]
    high = grey.getextrema()[1]
    if mean < DARK_MEAN and float(high if isinstance(high, int | float) else 0) < DARK_PEAK:
        return 0.0
    return (spread + 4) * (1.0 - abs(mean - 128) / 160)


async def preview(rendition: Path, duration_ms: int, folder: Path) -> str:
    """Write ``preview-<12 hex>.webp``, at most three silent seconds, small, and return its name."""
    made = folder / "preview.webp"
    start_ms = max(0, min(duration_ms // 4, duration_ms - PREVIEW_MS))
    if not is_fine(duration_ms):
        start_ms -= start_ms % KEY_STEP_MS  # mostly a key frame: nothing is decoded that isn't shown
    shrink = f"fps={PREVIEW_FPS},scale='if(gt(iw,ih),-2,{PREVIEW_SIDE})':'if(gt(iw,ih),{PREVIEW_SIDE},-2)'"
    encode = ("-c:v", "libwebp_anim", "-quality", "45", "-compression_level", "3", "-loop", "0")
    take = ("-ss", _seconds(start_ms), "-t", _seconds(PREVIEW_MS), *INPUT, "-i", rendition)
    await _ffmpeg(*take, "-vf", shrink, *encode, *OUTPUT, made, reads=[rendition], folder=folder)
    return naming.by_content(made, "preview").name


async def sprite(rendition: Path, duration_ms: int, folder: Path) -> Sprite:
    """Write the scrubber's sprite of at most 100 cells; of anything but short videos from key frames alone."""
    fine = is_fine(duration_ms)
    interval_ms = max(FINE_STEP_MS if fine else KEY_STEP_MS, -(-duration_ms // CELLS_MOST))
    cells = max(1, -(-duration_ms // interval_ms))
    columns, rows = min(cells, COLUMNS), -(-cells // COLUMNS)
    made = folder / "sprite.jpg"
    fit = f"scale={CELL[0]}:{CELL[1]}:force_original_aspect_ratio=decrease:force_divisible_by=2"
    filters = f"fps=1000/{interval_ms}:start_time=0:round=up,{fit},tile={columns}x{rows},format=yuvj420p"
    skip = () if fine else ("-skip_frame", "nokey")
    output = ("-frames:v", "1", "-vf", filters, "-q:v", "6", *OUTPUT, made)
    await _ffmpeg(*skip, *INPUT, "-i", rendition, *output, reads=[rendition], folder=folder)
    with Image.open(made) as picture:
        width, height = picture.size[0] // columns, picture.size[1] // rows
    return Sprite(naming.by_content(made, "sprite").name, columns, rows, interval_ms, width, height)


def is_fine(duration_ms: int) -> bool:
    """Tell whether a video is so short that its sprite shows any frame, not key frames alone."""
    return duration_ms <= FINE_MS


async def _ffmpeg(*args: str | Path, reads: list[Path], folder: Path) -> None:
    await child.ffmpeg("-y", *args, limits=LIMITS, reads=reads, writes=folder)


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.3f}"
