"""Makes a square picture of at most 512 pixels from an image nobody trusts. A program: image in, WebP out.

It runs as a process of its own, with bounded memory and time, without our environment: a fault in a decoder harms
nothing else. ``python -I -m nonet.people.crop [X Y SIZE]`` reads standard input and writes standard output. X, Y and
SIZE are pixels of the picture as it is seen, turned as its camera says; without them the middle is taken.
"""

import contextlib
import io
import resource
import struct
import sys
import warnings

from PIL import Image, ImageCms, ImageOps

SIDE = 512
PIXELS_MOST = 40_000_000
SIDE_MOST = 16_384
MEMORY_BYTES = 1536 * 1024**2
CPU_S = 15
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")

TOO_MANY_PIXELS, OUTSIDE = 3, 4
"""Exit codes; any other that isn't zero means that this is no picture."""


def main(arguments: list[str]) -> int:
    """Crop standard input to standard output and return the exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    box = [int(each) for each in arguments] if arguments else None
    try:
        with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=FORMATS) as image:
            if image.width * image.height > PIXELS_MOST or max(image.size) > SIDE_MOST:
                return TOO_MANY_PIXELS
            image.load()
            square = _square(_turned(image), box)
    except Image.DecompressionBombError:
        return TOO_MANY_PIXELS
    if square is None:
        return OUTSIDE
    sys.stdout.buffer.write(encode(square))
    return 0


def _turned(image: Image.Image) -> Image.Image:
    """Turn a picture as its camera says; what can't be understood of that is as good as not said."""
    try:
        return ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, KeyError, TypeError, ArithmeticError, struct.error):
        return image


def _square(image: Image.Image, box: list[int] | None) -> Image.Image | None:
    if box is None:
        size = min(image.size)
        box = [(image.width - size) // 2, (image.height - size) // 2, size]
    x, y, size = box
    if x < 0 or y < 0 or size < 1 or x + size > image.width or y + size > image.height:
        return None
    return _plain(image.crop((x, y, x + size, y + size)), image.info.get("icc_profile"))


def _plain(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Bring a picture to 8-bit sRGB, with transparency when it has any, at most SIDE wide."""
    transparent = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 256).convert("L")
    if profile and image.mode in {"RGB", "RGBA", "CMYK", "L"}:
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = "RGBA" if image.mode == "RGBA" else "RGB"
            image = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode) or image
    image = image.convert("RGBA" if transparent else "RGB")
    side = min(SIDE, image.width)
    return image.resize((side, side), Image.Resampling.LANCZOS)


def encode(image: Image.Image) -> bytes:
    """Return a picture as WebP, with nothing in it but pixels."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    out = io.BytesIO()
    bare.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
