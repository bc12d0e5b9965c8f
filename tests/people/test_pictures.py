"""Pictures of people: cropped, brought to one size, stripped, and gone when replaced."""

import asyncio
import io
import struct
import zlib
from collections import Counter
from datetime import timedelta
from types import ModuleType
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image, ImageCms, ImageDraw

from community import Drain, MakeMember, Member, code
from nonet.core import pictures, settings, storage
from nonet.people import avatar

RED, GREEN, BLUE = (220, 30, 30), (30, 200, 30), (30, 30, 220)


def thirds(mode: str = "RGB", size: tuple[int, int] = (900, 300)) -> Image.Image:
    """A picture of three squares beside each other: red, green, blue."""
    image = Image.new("RGB", size)
    draw = ImageDraw.Draw(image)
    for n, colour in enumerate((RED, GREEN, BLUE)):
        draw.rectangle((n * size[0] // 3, 0, (n + 1) * size[0] // 3 - 1, size[1]), colour)
    return image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


async def put(someone: Member, image: bytes, **square: int) -> httpx.Response:
    return await someone.client.put("/api/v1/me/avatar", content=image, params=square)


async def kept(url: str) -> bytes:
    """The object behind a picture's address."""
    parts = urlsplit(url)
    assert f"{parts.scheme}://{parts.netloc}" == settings.load().bytes_origin
    objects, key = storage.open(settings.load().objects_url), "open/" + parts.path.removeprefix("/m/open/")
    head = await objects.head(key)
    if head is None:
        raise FileNotFoundError(key)
    return b"".join([bytes(piece) async for piece in objects.read(key, 0, head.size)])


async def seen(answer: httpx.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(await kept(answer.json()["avatar_url"])))


def close(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= 24 for a, b in zip(pixel[:3], colour, strict=True))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
        ("JPEG", "L"),
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "LA"),
        ("WEBP", "RGB"),
        ("GIF", "P"),
    ],
)
async def test_a_picture_of_each_kind_becomes_its_middle_square_of_512(
    client: httpx.AsyncClient, member: MakeMember, kind: str, mode: str
) -> None:
    juno = await member("juno")
    answer = await put(juno, encoded(thirds(mode, (1800, 600)), kind))
    image = await seen(answer)
    assert (image.format, image.size) == ("WEBP", (512, 512))
    if mode not in {"L", "LA"}:
        assert close(image.convert("RGB").getpixel((256, 256)), GREEN)
    assert (await client.get("/api/v1/people/juno")).json()["avatar_url"] == answer.json()["avatar_url"]


async def test_the_square_one_chooses_is_kept_and_a_small_one_is_not_blown_up(
    member: MakeMember,
) -> None:
    juno = await member("juno")
    image = await seen(await put(juno, encoded(thirds(), "PNG"), x=610, y=10, size=200))
    assert image.size == (200, 200)
    assert close(image.convert("RGB").getpixel((100, 100)), BLUE)


@pytest.mark.parametrize(("x", "y", "size"), [(700, 0, 201), (0, 0, 0), (0, 299, 2), (900, 0, 1), (0, 0, 20_000)])
async def test_a_square_that_leaves_the_picture_is_refused(member: MakeMember, x: int, y: int, size: int) -> None:
    juno = await member("juno")
    assert code(await put(juno, encoded(thirds(), "PNG"), x=x, y=y, size=size)) == "crop_outside"


async def test_a_phone_held_upright_is_understood_and_nothing_but_pixels_is_kept(member: MakeMember) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter to the right
    exif[0x010F] = "Secret Camera"
    exif[0x8825] = {1: "N", 2: (52.0, 22.0, 12.0)}
    sent = encoded(thirds(), "JPEG", exif=exif, comment=b"a secret comment", quality=95)
    assert b"Secret Camera" in sent
    juno = await member("juno")
    answer = await put(juno, sent, x=0, y=0, size=300)
    image = await seen(answer)
    assert close(image.convert("RGB").getpixel((150, 150)), RED), "the top of the picture as it is seen"
    bytes_kept = await kept(answer.json()["avatar_url"])
    assert not any(secret in bytes_kept for secret in (b"Secret", b"secret", b"EXIF", b"ICCP", b"XMP"))
    assert not image.getexif()


async def test_a_picture_of_wide_colours_is_brought_to_srgb(member: MakeMember) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    juno = await member("juno")
    for icc in (profile, b"no profile at all"):
        image = await seen(await put(juno, encoded(thirds(), "JPEG", icc_profile=icc)))
        assert "icc_profile" not in image.info


async def test_depth_and_transparency_are_understood(member: MakeMember) -> None:
    juno = await member("juno")
    grey = await seen(await put(juno, encoded(Image.new("I;16", (64, 64), 0x8000), "PNG")))
    assert close(grey.convert("RGB").getpixel((32, 32)), (128, 128, 128))
    clear = await seen(await put(juno, encoded(Image.new("RGBA", (64, 64), (*RED, 0)), "PNG")))
    assert clear.convert("RGBA").getpixel((32, 32))[3] == 0  # type: ignore[index]


async def test_a_phones_largest_picture_is_taken(member: MakeMember) -> None:
    juno = await member("juno")
    image = await seen(await put(juno, encoded(thirds("CMYK", (7302, 5477)), "JPEG")))
    assert image.size == (512, 512)


async def test_a_replaced_or_deleted_picture_is_gone(
    client: httpx.AsyncClient, member: MakeMember, drain: Drain, frozen_clock: ModuleType
) -> None:
    juno = await member("juno")
    first = (await put(juno, encoded(thirds(), "PNG"))).json()["avatar_url"]
    second = (await put(juno, encoded(thirds(), "PNG"), x=0, y=0, size=9)).json()["avatar_url"]
    assert first != second
    await drain()
    with pytest.raises(FileNotFoundError):
        await kept(first)
    frozen_clock.advance(timedelta(hours=2))
    await drain()
    assert await kept(second), "what is shown stays"
    me = (await juno.client.delete("/api/v1/me/avatar")).json()
    assert me["avatar_url"] is None
    await drain()
    with pytest.raises(FileNotFoundError):
        await kept(second)
    assert (await client.get("/api/v1/people/juno")).json()["avatar_url"] is None
    assert (await juno.client.delete("/api/v1/me/avatar")).status_code == 200


async def test_a_picture_whose_profile_never_came_to_have_it_is_swept(
    member: MakeMember, drain: Drain, frozen_clock: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    juno = await member("juno")
    before = {each.key async for each in storage.open(settings.load().objects_url).list("open")}

    async def dies(*_: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(avatar, "replace", dies)
    with pytest.raises(asyncio.CancelledError):
        await avatar.put(juno.id, encoded(thirds(), "PNG"), None)
    objects = storage.open(settings.load().objects_url)
    (left,) = {each.key async for each in objects.list("open")} - before
    frozen_clock.advance(timedelta(hours=1))
    await drain()
    assert left not in {each.key async for each in objects.list("open")}


async def test_two_people_with_one_picture_have_one_each(member: MakeMember, drain: Drain) -> None:
    juno, marlow = await member("juno"), await member("marlow")
    image = encoded(thirds(), "PNG")
    hers, his = [(await put(each, image)).json()["avatar_url"] for each in (juno, marlow)]
    assert hers != his
    await juno.client.delete("/api/v1/me/avatar")
    await drain()
    assert await kept(his)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that declares many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (b"", "picture_unreadable"),
        (b"not a picture", "picture_unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>", "picture_unreadable"),
        (b"GIF89a<script>alert(1)</script>", "picture_unreadable"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "picture_unreadable"),
        (encoded(thirds(), "JPEG")[:2000], "picture_unreadable"),
        (encoded(thirds(), "BMP"), "picture_unreadable"),
        (encoded(thirds(), "TIFF"), "picture_unreadable"),
        (bomb(100, 100), "picture_unreadable"),
        (bomb(50_000, 50_000), "picture_too_large"),
        (bomb(20_000, 2), "picture_too_large"),
        (bomb(0, 5), "picture_unreadable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_no_picture_or_too_much_of_one_is_refused_and_changes_nothing(
    member: MakeMember, image: bytes, expected: str
) -> None:
    juno = await member("juno")
    assert code(await put(juno, image)) == expected
    assert (await juno.client.get("/api/v1/me")).json()["avatar_url"] is None


async def test_a_picture_of_more_than_ten_megabytes_is_refused_before_it_is_read(member: MakeMember) -> None:
    juno = await member("juno")
    answer = await put(juno, bytes(10 * 1024 * 1024 + 1))
    assert answer.status_code == 413

    async def pieces() -> "httpx._types.AsyncByteStream":
        for _ in range(11):
            yield bytes(1024 * 1024)

    assert (await juno.client.put("/api/v1/me/avatar", content=pieces())).status_code == 413


async def test_many_pictures_at_once_are_all_made(member: MakeMember) -> None:
    members = [await member(f"juno{n}") for n in range(5)]
    image = encoded(thirds(), "PNG")
    answers = await asyncio.gather(*(put(each, image) for each in members))
    assert Counter(answer.status_code for answer in answers) == {200: 5}


async def test_when_too_many_wait_a_picture_is_asked_for_again_later(
    member: MakeMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "WAITING_MOST", 0)
    answer = await put(await member("juno"), encoded(thirds(), "PNG"))
    assert (code(answer), answer.headers["retry-after"]) == ("too_many_pictures", "60")


async def test_a_picture_is_put_by_a_signed_in_person(client: httpx.AsyncClient) -> None:
    assert code(await client.put("/api/v1/me/avatar", content=b"x")) == "sign_in_needed"
