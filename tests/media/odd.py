"""The odd corpus: videos as phones, browsers, editors and televisions make them, and what must come of each.

Each picture has four patches in its corners, upright: red and green above, blue and grey below.
"""

import random
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import light
from corpus import AAC, H264, encoded, kept

from nonet.media import boxes, tools

PATCHES = ("0xC83232", "0x32A032", "0x3232C8", "0x808080")
SECONDS = 1.5
BT709 = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
SILENCE = "anullsrc=r=48000:cl=stereo"


@dataclass(frozen=True, slots=True)
class Odd:
    """One kind of file: how it is made and what is seen and heard of it."""

    make: Callable[[], Path]
    width: int = 270
    height: int = 480
    seconds: float = SECONDS
    copied: bool = False
    heard: bool = True
    fps: float = 30
    sound_at: float = 0  # when the tone begins
    exact: bool = True  # colours can be compared
    texts: int = 0


def patched(width: int = 270, height: int = 480, fps: float = 30, seconds: float = SECONDS, *more: str) -> list[str]:
    """Return the input of a moving picture with its four patches, and filters after them."""
    side = min(width, height) // 3
    places = ((0, 0), (width - side, 0), (0, height - side), (width - side, height - side))
    drawn = [f"drawbox={x}:{y}:{side}:{side}:{colour}:fill" for (x, y), colour in zip(places, PATCHES, strict=True)]
    still = f"testsrc2=size={width}x{height}:rate={fps}:duration={seconds},format=gbrp"
    return ["-f", "lavfi", "-i", ",".join([still, *drawn, *more])]


def tone(seconds: float = SECONDS, *more: str, rate: int = 48000) -> list[str]:
    """Return the input of a tone, and filters after it."""
    return ["-f", "lavfi", "-i", ",".join([f"sine=frequency=440:sample_rate={rate}:duration={seconds}", *more])]


def made(suffix: str, *args: str | Path, picture: list[str] | None = None, sound: list[str] | None = None) -> Path:
    """Give a picture and a tone, encoded so; an empty list leaves one out."""
    picture = patched() if picture is None else picture
    return encoded(suffix, *picture, *(tone() if sound is None else sound), *args)


def plain(*more: str) -> Path:
    """Give the plainest clip of all."""
    return made("mp4", *H264, *AAC, *more, "-movflags", "+faststart")


def again(suffix: str, path: Path, before: tuple[str, ...] = (), *more: str | Path) -> Path:
    """Give a clip's packets laid anew."""
    return encoded(suffix, *before, "-i", path, *(more or ("-map", "0", "-c", "copy")))


def turned(degrees: int) -> Path:
    """Give a clip that is coded lying and shown upright by its display matrix."""
    lying = {90: "transpose=1", 180: "hflip,vflip", 270: "transpose=2"}[degrees]
    coded = made("mp4", *H264, *AAC, picture=patched(270, 480, 30, SECONDS, lying))
    return again("mp4", coded, ("-display_rotation", str(degrees)))


def mirrored() -> Path:
    """Give a clip as a front camera writes it."""
    coded = made("mp4", *H264, *AAC, picture=patched(270, 480, 30, SECONDS, "hflip"))
    return again("mp4", coded, ("-display_hflip",))


def uneven() -> Path:
    """Give a clip whose frames come as they please."""
    picture = patched(270, 480, 60, SECONDS, "select='not(mod(n,7))+not(mod(n,5))+eq(n,89)'")
    return made("mp4", *H264, *AAC, "-fps_mode", "vfr", picture=picture)


def hdr(transfer: str) -> Path:
    """Give ten bits in BT.2100, PQ or HLG: the patches as bright as on a screen whose white is 203 cd/m2."""
    raw = kept(f"bt2100 {transfer} 1", "yuv", lambda path: path.write_bytes(light.frames(transfer, PATCHES)))
    still = ["-f", "rawvideo", "-pix_fmt", "yuv420p10le", "-s", "270x480", "-r", "30", "-i", str(raw)]
    x265 = f"log-level=error:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc:pools=1:frame-threads=1"
    named = ("-vf", f"setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc={transfer}:range=tv")
    return made("mp4", *HEVC, "-crf", "6", "-x265-params", x265, *named, "-tag:v", "hvc1", *AAC, picture=still)


HEVC = ("-c:v", "libx265", "-preset", "ultrafast")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "800k", "-pix_fmt", "yuv420p")
OPUS = ("-c:a", "libopus", "-b:a", "64k")
QUIET265 = ("-x265-params", "log-level=error:pools=1:frame-threads=1")


def piped(suffix: str, *args: str | Path) -> Path:
    """Give what a recorder that can't go back writes: no duration, no index."""

    def write(path: Path) -> None:
        command: list[str | Path] = [tools.ffmpeg(), "-nostdin", "-loglevel", "error", *args, "pipe:1"]
        path.write_bytes(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)

    return kept("pipe " + " ".join(map(str, args)), suffix, write)


def patched_bytes(name: str, path: Path, change: Callable[[bytearray], None]) -> Path:
    """Give a clip with bytes changed by hand."""

    def write(target: Path) -> None:
        data = bytearray(path.read_bytes())
        change(data)
        target.write_bytes(data)

    return kept(f"{name} of {path.name}", path.suffix[1:], write)


def ten_hours(data: bytearray) -> None:
    """Let every header of a movie say ten hours."""
    for where in ((b"moov", b"mvhd"), (b"moov", b"trak", b"tkhd"), (b"moov", b"trak", b"mdia", b"mdhd")):
        for box in boxes.find(bytes(data), *where):
            at = box.body + (20 if where[-1] == b"tkhd" else 16)
            scale = struct.unpack_from(">I", data, at - 4)[0] if where[-1] != b"tkhd" else 1000
            struct.pack_into(">I", data, at, min(36_000 * scale, 2**32 - 2))


def two_pictures() -> Path:
    """Give a file whose first, larger video is not the one to show."""
    args = [*patched(540, 960), *patched(), *tone(), "-map", "0", "-map", "1", "-map", "2", *H264, *AAC]
    return encoded("mkv", *args, "-disposition:v:0", "0", "-disposition:v:1", "default")


def with_cover() -> Path:
    """Give a clip with a still cover beside its picture."""
    still = encoded("png", *patched(600, 600, 1, 1, "negate"), "-frames:v", "1")
    args: list[str | Path] = ["-i", plain(), "-i", still, "-map", "0", "-map", "1", "-c", "copy", "-c:v:1", "mjpeg"]
    return encoded("mp4", *args, "-disposition:v:1", "attached_pic")


def offset(picture_s: float, sound_s: float) -> Path:
    """Give a clip whose picture and sound begin apart."""
    args = ["-itsoffset", str(picture_s), *patched(), "-itsoffset", str(sound_s), *tone(SECONDS - sound_s)]
    return encoded("mp4", *args, *H264, *AAC)


def written(name: str, text: str) -> Path:
    """Give a text file."""
    return kept(f"{name} {text}", name, lambda path: path.write_text(text, "utf-8"))


SRT = "1\n00:00:00,100 --> 00:00:00,900\nA <b>kettle</b> sings\n\n2\n00:00:01,000 --> 00:00:01,400\n& stops\n"


def subtitled(suffix: str, codec: str) -> Path:
    """Give a clip with two text tracks."""
    srt = written("srt", SRT)
    args: list[str | Path] = [
        "-i",
        plain(),
        "-i",
        srt,
        "-i",
        srt,
        "-map",
        "0",
        "-map",
        "1",
        "-map",
        "2",
        "-c",
        "copy",
        "-c:s",
        codec,
    ]
    return encoded(suffix, *args, "-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=deu")


def resized() -> Path:
    """Give a browser's recording whose picture changes its size in the middle."""
    small = made("ts", *H264, *AAC, picture=patched(216, 384, 30, 1), sound=tone(1))
    large = made("ts", *H264, *AAC, picture=patched(270, 480, 30, 1), sound=tone(1))
    return kept(f"join {large.name} {small.name}", "ts", lambda p: _join(p, large, small))


def _join(path: Path, *parts: Path) -> None:
    command: list[str | Path] = [
        tools.ffmpeg(),
        "-nostdin",
        "-loglevel",
        "error",
        "-i",
        f"concat:{'|'.join(map(str, parts))}",
    ]
    subprocess.run([*command, "-c", "copy", "-f", "mpegts", path], check=True, capture_output=True, timeout=60)


WEBM = (*VP9, *OPUS)
SAR = patched(360, 480, 30, SECONDS, "scale=270:480,setsar=4/3")
WIDE = ("-colorspace", "bt2020nc", "-color_primaries", "bt2020", "-color_trc", "bt2020-10")
WIDE_PICTURE = patched(270, 480, 30, SECONDS, "scale=out_color_matrix=bt2020", "format=yuv420p10le")
ODD: dict[str, Odd] = {
    "plain": Odd(plain, copied=True),
    "matroska": Odd(lambda: again("mkv", plain()), copied=True),
    "moov-last": Odd(lambda: made("mov", *H264, *AAC), copied=True),
    "turned-90": Odd(lambda: turned(90)),
    "turned-180": Odd(lambda: turned(180)),
    "turned-270": Odd(lambda: turned(270)),
    "mirrored": Odd(mirrored),
    "variable-rate": Odd(uneven, copied=True, fps=0),
    "hevc": Odd(lambda: made("mp4", *HEVC, *QUIET265, "-pix_fmt", "yuv420p", "-tag:v", "hvc1", *AAC)),
    "hevc-10-bit": Odd(lambda: made("mkv", *HEVC, *QUIET265, "-pix_fmt", "yuv420p10le", *AAC)),
    "vp8": Odd(lambda: made("webm", "-c:v", "libvpx", "-deadline", "realtime", "-b:v", "800k", "-c:a", "libvorbis")),
    "vp9": Odd(lambda: made("webm", *WEBM)),
    "av1": Odd(lambda: made("mp4", "-c:v", "libsvtav1", "-preset", "12", "-pix_fmt", "yuv420p", *AAC)),
    "pq": Odd(lambda: hdr("smpte2084"), exact=False),
    "hlg": Odd(lambda: hdr("arib-std-b67"), exact=False),
    "4:4:4": Odd(lambda: made("mp4", *H264[:4], "-pix_fmt", "yuv444p", *AAC)),
    "4:2:2 10-bit": Odd(lambda: made("mov", *H264[:4], "-pix_fmt", "yuv422p10le", *AAC)),
    "odd-444": Odd(
        lambda: made("mp4", *H264[:4], "-pix_fmt", "yuv444p", *AAC, picture=patched(271, 481)), width=270, height=480
    ),
    "odd-vp9": Odd(lambda: made("webm", *WEBM, picture=patched(271, 481))),
    "narrow-pixels": Odd(lambda: made("mp4", *H264, *AAC, picture=SAR), width=360),
    "full-range": Odd(
        lambda: made(
            "mp4", *H264, *AAC, "-color_range", "pc", picture=patched(270, 480, 30, SECONDS, "scale=out_range=pc")
        )
    ),
    "bt709-small": Odd(
        lambda: made(
            "mp4",
            *HEVC,
            *QUIET265,
            *BT709,
            "-pix_fmt",
            "yuv420p",
            *AAC,
            picture=patched(270, 480, 30, SECONDS, "scale=out_color_matrix=bt709"),
        ),
    ),
    "60-fps": Odd(lambda: made("mp4", *H264, *AAC, picture=patched(fps=60)), copied=True, fps=60),
    "240-fps": Odd(
        lambda: made("mp4", *H264, *AAC, picture=patched(fps=240, seconds=1), sound=tone(1)), fps=60, seconds=1
    ),
    "one-fps": Odd(
        lambda: made("mp4", *H264, *AAC, picture=patched(fps=0.5, seconds=4), sound=tone(4)), seconds=4, fps=0
    ),
    "one-frame": Odd(lambda: made("mp4", *H264, *AAC, picture=patched(seconds=0.03)), fps=0),
    "mute": Odd(lambda: made("mp4", *H264, sound=[]), heard=False, copied=True),
    "mono-8-khz": Odd(lambda: made("mov", *H264, "-c:a", "pcm_s16le", sound=tone(rate=8000)), copied=True),
    "5.1": Odd(
        lambda: made("mp4", *H264, "-c:a", "aac", sound=tone(SECONDS, "pan=5.1|c0=c0|c1=c0|c2=c0|c5=c0")), copied=True
    ),
    "silence": Odd(
        lambda: made("mp4", *H264, *AAC, sound=["-f", "lavfi", "-t", str(SECONDS), "-i", SILENCE]),
        heard=False,
        copied=True,
    ),
    "late-sound": Odd(lambda: offset(0, 0.8), copied=True, sound_at=0.8),
    "early-sound": Odd(lambda: offset(0.6, 0), copied=True, seconds=1.5),
    "clipping": Odd(lambda: made("mp4", *H264, *AAC, sound=tone(SECONDS, "volume=40dB:precision=fixed")), copied=True),
    "short-sound": Odd(lambda: made("mp4", *H264, *AAC, sound=tone(0.5)), copied=True),
    "long-sound": Odd(lambda: made("mp4", *H264, *AAC, sound=tone(3)), seconds=3, fps=0),
    "second-picture": Odd(two_pictures, copied=True),
    "with-cover": Odd(with_cover, copied=True),
    "edit-list": Odd(lambda: again("mp4", plain(), ("-ss", "0.5")), seconds=1),
    "no-duration": Odd(lambda: piped("webm", *patched(), *tone(), *WEBM, "-f", "webm")),
    "fragmented-opus": Odd(
        lambda: piped("mp4", *patched(), *tone(), *H264, *OPUS, "-movflags", "frag_keyframe+empty_moov", "-f", "mp4"),
        copied=True,
    ),
    "mpeg-ts": Odd(lambda: made("ts", *H264, *AAC)),
    "mpeg-ps": Odd(lambda: made("mpg", "-c:v", "mpeg2video", "-q:v", "3", "-pix_fmt", "yuv420p", "-c:a", "mp2")),
    "interlaced": Odd(
        lambda: made(
            "ts",
            "-c:v",
            "mpeg2video",
            "-q:v",
            "3",
            "-flags",
            "+ildct+ilme",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "mp2",
            picture=patched(270, 480, 50, SECONDS, "interlace"),
        ),
        fps=25,
    ),
    "gif": Odd(lambda: made("gif", picture=patched(fps=10), sound=[]), heard=False, fps=10),
    "mjpeg": Odd(lambda: made("avi", "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le")),
    "mpeg-4": Odd(
        lambda: made("avi", "-c:v", "mpeg4", "-q:v", "3", "-bf", "2", "-pix_fmt", "yuv420p", "-c:a", "libmp3lame")
    ),
    "flv": Odd(lambda: made("flv", *H264, *AAC)),
    "ogg": Odd(
        lambda: made(
            "ogv",
            "-c:v",
            "libtheora",
            "-q:v",
            "8",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "libvorbis",
            picture=patched(272, 480),
        ),
        width=272,
    ),
    "prores": Odd(
        lambda: made(
            "mov",
            "-c:v",
            "prores_ks",
            "-profile:v",
            "0",
            "-pix_fmt",
            "yuv422p10le",
            "-c:a",
            "pcm_s24le",
            picture=patched(seconds=1),
            sound=tone(1),
        ),
        seconds=1,
    ),
    "3gp": Odd(
        lambda: made(
            "3gp",
            "-c:v",
            "h263",
            "-q:v",
            "3",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "libopencore_amrnb",
            "-ac",
            "1",
            "-ar",
            "8000",
            picture=patched(176, 144),
        ),
        width=176,
        height=144,
    ),
    "mov-text": Odd(lambda: subtitled("mp4", "mov_text"), copied=True, texts=2),
    "srt-in-mkv": Odd(lambda: subtitled("mkv", "srt"), copied=True, texts=2),
    "ten-declared-hours": Odd(lambda: patched_bytes("ten hours", plain(), ten_hours), copied=True),
    "late-clock": Odd(lambda: again("mkv", plain(), (), "-c", "copy", "-output_ts_offset", "5000"), copied=True),
    "late-clock-vp9": Odd(lambda: again("webm", made("webm", *WEBM), (), "-c", "copy", "-output_ts_offset", "5000")),
    "mpeg-ts-copy": Odd(lambda: again("mkv", made("ts", *H264, *AAC), ("-copyts",)), copied=True),
    "avi-h264": Odd(lambda: made("avi", *H264[:2], "-pix_fmt", "yuv420p", "-bf", "0", "-c:a", "libmp3lame"), fps=0),
    "bt2020-sdr": Odd(
        lambda: made("mkv", *HEVC, *QUIET265, *WIDE, "-pix_fmt", "yuv420p10le", *AAC, picture=WIDE_PICTURE), exact=False
    ),
    "alpha": Odd(
        lambda: made("mov", "-c:v", "prores_ks", "-profile:v", "4", "-pix_fmt", "yuva444p10le", "-c:a", "pcm_s16le")
    ),
    "rgb": Odd(lambda: made("mkv", "-c:v", "libx264rgb", "-preset", "ultrafast", "-crf", "10", *AAC)),
    "flac-in-mkv": Odd(lambda: made("mkv", *H264, "-c:a", "flac"), copied=True),
    "22-khz": Odd(lambda: made("mp4", *H264, "-c:a", "aac", "-ar", "22050", "-ac", "1"), copied=True),
    "cropped-rate": Odd(lambda: made("mp4", *H264, *AAC, picture=patched(fps=29.97)), copied=True, fps=29.97),
    "resized": Odd(resized, seconds=2, exact=False),
}


VIDEO: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("mp4", (*H264[:4], "-pix_fmt", "yuv420p")),
    ("mov", (*H264[:4], "-pix_fmt", "yuv422p")),
    ("mkv", (*HEVC, *QUIET265, "-pix_fmt", "yuv420p10le")),
    ("webm", VP9),
    ("ts", (*H264[:4], "-pix_fmt", "yuv420p")),
    ("mp4", ("-c:v", "mpeg4", "-q:v", "3", "-pix_fmt", "yuv420p")),
    ("avi", ("-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj422p")),
    ("mov", ("-c:v", "prores_ks", "-pix_fmt", "yuv422p10le")),
    ("mkv", ("-c:v", "ffv1", "-pix_fmt", "gbrp")),
)
SOUND = {"webm": (OPUS, ("-c:a", "libvorbis")), "ts": (AAC, ("-c:a", "mp2")), "avi": (("-c:a", "libmp3lame"),)}


def any_odd(seed: int) -> Odd:
    """Give a file that nobody thought of: a codec, size, rate, shape of pixels, turn and sound, drawn by lot."""
    lot = random.Random(seed)  # noqa: S311 - the same for the same seed
    suffix, video = lot.choice(VIDEO)
    width, height = 2 * lot.randint(40, 340), 2 * lot.randint(40, 340)
    fps, seconds = lot.choice([8, 12.5, 24000 / 1001, 25, 30, 48, 50, 90, 120]), lot.choice([0.8, 1.3, 2.6])
    across, down = lot.choice([(1, 1), (1, 1), (4, 3), (3, 4), (16, 11), (2, 1)])
    turn = lot.choice([0, 0, 90, 180, 270]) if suffix in {"mp4", "mov"} else 0
    lying = {0: "null", 90: "transpose=1", 180: "hflip,vflip", 270: "transpose=2"}[turn]
    sound = (*lot.choice(SOUND.get(suffix, (AAC, ("-c:a", "libmp3lame")))), "-ac", lot.choice(["1", "2"]))
    rate, late = lot.choice([44100, 48000]), lot.choice([0.0, 0.0, 0.3])
    at = 0 if suffix in {"avi", "ts"} else late
    shape = ",".join([lying, f"setsar={across}/{down}"])
    picture = patched(width, height, fps, seconds, shape)
    args = ["-itsoffset", str(at), *tone(seconds - at, rate=rate)]

    def make() -> Path:
        coded = encoded(suffix, *picture, *args, *video, *sound)
        return again(suffix, coded, ("-display_rotation", str(turn))) if turn else coded

    if turn in {90, 270}:
        across, down = down, across
    return Odd(make, *_stretched(width, height, across, down), seconds=seconds, sound_at=at, fps=0, exact=False)


def _stretched(width: int, height: int, across: int, down: int) -> tuple[int, int]:
    if across > down:
        return round(width * across / down), height
    return width, round(height * down / across)
