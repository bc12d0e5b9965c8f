"""Makes files of clips: frames go through a pipe into ffmpeg, as a phone's camera would have recorded them."""

import subprocess
from pathlib import Path

from nonet.demo import clips
from nonet.demo.clips import Clip
from nonet.demo.pictures.canvas import FPS, HEIGHT, WIDTH
from nonet.demo.timbres import RATE
from nonet.media import tools

QUALITY = ("-c:v", "libx264", "-preset", "superfast", "-crf", "22", "-maxrate", "2800k", "-bufsize", "5600k")
COLOURS = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")


class MakingError(RuntimeError):
    """ffmpeg did not take a clip."""


def make(clip: Clip, path: Path) -> None:
    """Write the clip as an MP4 of 540x960; a size and a sound that the pipeline lays anew without encoding again."""
    sound = path.with_suffix(".f32")
    sound.write_bytes(clips.sound(clip).tobytes())
    pictures = clips.frames(clip)
    first = next(pictures)
    height, width = first.shape[:2]
    command = [
        *(str(tools.ffmpeg()), "-nostdin", "-hide_banner", "-loglevel", "error", "-threads", "2"),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(FPS), "-i", "pipe:0"),
        *("-f", "f32le", "-ar", str(RATE), "-ac", "2", "-i", str(sound)),
        *("-vf", f"scale={WIDTH}:{HEIGHT}:flags=bicubic:out_color_matrix=bt709:out_range=tv,format=yuv420p"),
        *(*QUALITY, "-g", str(FPS * 2), *COLOURS, "-c:a", "aac", "-b:a", "128k", "-shortest"),
        *("-fflags", "+bitexact", "-movflags", "+faststart", "-f", "mp4", "-y", str(path)),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        if child.stdin is None or child.stderr is None:
            raise MakingError("ffmpeg has no pipe")
        try:
            child.stdin.write(first.tobytes())
            for picture in pictures:
                child.stdin.write(picture.data)
            child.stdin.close()
        except BrokenPipeError:
            child.wait()
        said = child.stderr.read().decode(errors="replace").strip()
    sound.unlink(missing_ok=True)
    if child.returncode:
        raise MakingError(f"{clip.name}: {said[-500:]}")
