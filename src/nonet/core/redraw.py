"""Draws a picture anew from an image nobody trusts. A program: image in, a picture of ours out.

It runs as a process of its own, with bounded memory and time, without our environment: a fault in a decoder harms
nothing else. ``python -I -m nonet.core.redraw KIND SIDE [X Y SIZE]`` reads standard input and writes standard output: a
line ``WIDTH HEIGHT #rrggbb``, the last its mean colour, then the picture. KIND ``square`` is WebP, the square X, Y,
SIZE of the picture as it is seen, turned as its camera says, or its middle; ``whole`` is JPEG. SIDE is the longest that
the short side may be.
"""

import contextlib
import io
import resource
import struct
import sys
import warnings

from PIL import Image, ImageCms, ImageOps, ImageStat

PIXELS_MOST = 40_000_000
SIDE_MOST = 16_384
LONGER_MOST = 3
MEMORY_BYTES = 1536 * 1024**2
CPU_S = 15
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")

TOO_MANY_PIXELS, OUTSIDE = 3, 4
"""Exit codes; any other that isn't zero means that this is no picture."""


def main(arguments: list[str]) -> int:
    """Redraw standard input to standard output and return the exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    kind, side = arguments[0], int(arguments[1])
    box = [int(each) for each in arguments[2:]] or None
    try:
        with Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=FORMATS) as image:
            if image.width * image.height > PIXELS_MOST or max(image.size) > SIDE_MOST:
                return TOO_MANY_PIXELS
            image.load()
            turned = _turned(image)
            cut = _square(turned, box) if kind == "square" else _not_too_long(turned)
            if cut is None:
                return OUTSIDE
            drawn = _plain(cut, turned.info.get("icc_profile"), side)
    except Image.DecompressionBombError:
        return TOO_MANY_PIXELS
    sys.stdout.buffer.write(_line(drawn) + (encode(drawn) if kind == "square" else encode_whole(drawn)))
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
    return image.crop((x, y, x + size, y + size))


def _not_too_long(image: Image.Image) -> Image.Image:
    """Take the middle of a picture that is longer than any screen."""
    width, height = (min(each, LONGER_MOST * min(image.size)) for each in image.size)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))


def _plain(image: Image.Image, profile: bytes | None, side: int) -> Image.Image:
    """Bring a picture to 8-bit sRGB, with transparency when it has any, its short side at most ``side``."""
    transparent = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    if image.mode.startswith("I"):
        image = image.point(lambda value: value / 256).convert("L")
    if profile and image.mode in {"RGB", "RGBA", "CMYK", "L"}:
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = "RGBA" if image.mode == "RGBA" else "RGB"
            image = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode) or image
    image = image.convert("RGBA" if transparent else "RGB")
    shrunk = min(1.0, side / min(image.size))
    size = (max(1, round(image.width * shrunk)), max(1, round(image.height * shrunk)))
    return image.resize(size, Image.Resampling.LANCZOS)


def _line(image: Image.Image) -> bytes:
    red, green, blue = (round(value) for value in ImageStat.Stat(image.convert("RGB")).mean)
    return f"{image.width} {image.height} #{red:02x}{green:02x}{blue:02x}\n".encode()


def encode(image: Image.Image) -> bytes:
    """Return a picture as WebP, with nothing in it but pixels."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    out = io.BytesIO()
    bare.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


def encode_whole(image: Image.Image) -> bytes:
    """Return a picture as JPEG on white, with nothing in it but pixels."""
    bare = Image.new("RGB", image.size, "white")
    bare.paste(image, mask=image.getchannel("A") if image.mode == "RGBA" else None)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
