"""Pictures that people send: drawn anew in a limited process, so that what is kept is ours. See ``redraw``."""

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass

import anyio
from fastapi import Request

from nonet.core import errors, redraw

LARGEST_BYTES = 10 * 1024 * 1024
AT_ONCE, WAITING_MOST, WALL_S = 2, 32, 30.0
KINDS = ("image/jpeg", "image/png", "image/webp", "image/gif")
BODY = {"required": True, "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS}}
"""The request body of a route that takes a picture, as OpenAPI describes it."""

_room = anyio.CapacityLimiter(AT_ONCE)


class PictureUnreadable(errors.Refusal):
    """It isn't a JPEG, PNG, WebP or GIF, or it is broken."""

    code = "picture_unreadable"
    sentence = "This can't be read as a picture. Send a JPEG, PNG, WebP or GIF. Your picture stays as it was."


class PictureTooLarge(errors.Refusal):
    """More bytes or pixels than a picture of a person needs."""

    status = 413
    code = "picture_too_large"
    sentence = "A picture may have 10 MB and 40 million pixels. Send a smaller one. Yours stays as it was."


class CropOutside(errors.Refusal):
    """The square isn't inside the picture."""

    code = "crop_outside"
    sentence = "The square you chose isn't inside the picture. Choose it again. Your picture stays as it was."


class TooManyPictures(errors.Refusal):
    """More pictures wait to be cropped than the server takes at once."""

    status = 503
    code = "too_many_pictures"
    sentence = "Too many pictures are being cropped at this moment. Yours stays as it was. Try again in a minute."


@dataclass(frozen=True, slots=True)
class Square:
    """A square of a picture, in its pixels, turned as it is seen."""

    x: int
    y: int
    size: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture of ours; ``colour`` is its mean, #rrggbb."""

    image: bytes
    width: int
    height: int
    colour: str


async def square(image: bytes, side: int, box: Square | None = None) -> Drawn:
    """Draw a square of an image, or its middle, as WebP of at most ``side``; raises what a picture is refused for."""
    return await _drawn(image, "square", side, *((box.x, box.y, box.size) if box else ()))


async def whole(image: bytes, short_side: int) -> Drawn:
    """Draw an image as JPEG, its short side at most ``short_side``; raises what a picture is refused for."""
    return await _drawn(image, "whole", short_side)


async def read(request: Request) -> bytes:
    """Read a body of at most LARGEST_BYTES, whatever the layers before us let through. Raises PictureTooLarge."""
    image = bytearray()
    async for piece in request.stream():
        image += piece
        if len(image) > LARGEST_BYTES:
            raise PictureTooLarge
    return bytes(image)


async def _drawn(image: bytes, kind: str, side: int, *box: int) -> Drawn:
    if _room.statistics().tasks_waiting >= WAITING_MOST:
        raise TooManyPictures(headers={"Retry-After": "60"})
    async with _room:
        line, _, drawn = (await _run(image, kind, str(side), *map(str, box))).partition(b"\n")
    width, height, colour = line.decode().split()
    return Drawn(drawn, int(width), int(height), colour)


async def _run(image: bytes, *arguments: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-m", redraw.__name__, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd="/",
        env={},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(WALL_S):
            drawn, _ = await process.communicate(image)
    except TimeoutError:
        raise PictureUnreadable from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode:
        kinds = {redraw.TOO_MANY_PIXELS: PictureTooLarge, redraw.OUTSIDE: CropOutside}
        raise kinds.get(process.returncode, PictureUnreadable)
    return drawn
