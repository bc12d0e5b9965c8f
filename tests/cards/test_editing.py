"""What an author decides of a video, what its cover is, and what its share page tells."""

import hashlib
import io
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

import films
from community import MakeMember, Member, code
from nonet.core import db, settings, storage
from nonet.media import covers
from nonet.media.tables import Asset, File
from nonet.social.tables import Share

SETTINGS = {
    "caption": "Rain #tea",
    "visibility": "followers",
    "language": "pt-BR",
    "alt_text": "A window",
    "comments_from": "nobody",
    "duets": False,
    "stitches": False,
    "downloads": True,
    "ai_made": True,
    "is_ad": True,
}


async def test_every_setting_of_a_video_can_be_changed_and_is_told_back(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await films.film(juno.id)
    answer = (await juno.client.patch(f"/api/v1/videos/{video_id}", json=SETTINGS)).json()
    assert {name: answer[name] for name in SETTINGS} == SETTINGS
    assert {name: answer["card"][name] for name in SETTINGS} == SETTINGS
    again = (await juno.client.patch(f"/api/v1/videos/{video_id}", json={"duets": True})).json()
    assert {name: again[name] for name in SETTINGS} == SETTINGS | {"duets": True}


@pytest.mark.parametrize(
    "wrong",
    [
        {"visibility": "friends"},
        {"comments_from": "all"},
        {"language": "en us"},
        {"alt_text": "a" * 1001},
        {"duets": 7},
    ],
)
async def test_what_is_no_setting_is_refused_by_field(member: MakeMember, wrong: dict[str, object]) -> None:
    juno = await member("juno")
    answer = await juno.client.patch(f"/api/v1/videos/{await films.film(juno.id)}", json=wrong)
    assert code(answer) == "invalid"
    assert list(answer.json()["error"]["details"]["fields"]) == list(wrong)


async def test_a_video_is_downloaded_where_its_author_lets_and_always_by_its_author(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    juno = await member("juno")
    address = f"/api/v1/videos/{await films.film(juno.id)}"
    assert (await client.get(address)).json()["download_url"] is None
    assert (await juno.client.get(address)).json()["download_url"]
    await juno.client.patch(address, json={"downloads": True})
    card = (await client.get(address)).json()
    assert card["download_url"] == f"{card['mp4_url']}?save=juno-{card['id']}"


def picture(size: tuple[int, int] = (1200, 900), kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 40, 40)).save(out, kind)
    return out.getvalue()


async def send(someone: Member, video_id: int, image: bytes) -> httpx.Response:
    return await someone.client.put(f"/api/v1/videos/{video_id}/cover/picture", content=image)


async def kept(poster_url: str) -> Image.Image:
    """The object behind a poster's address."""
    folder, name = urlsplit(poster_url).path.rsplit("/", 2)[-2:]
    objects = storage.open(settings.load().objects_url)
    key = f"assets/{folder.split('-')[0]}/{name}"
    head = await objects.head(key)
    assert head is not None
    raw = b"".join([bytes(piece) async for piece in objects.read(key, 0, head.size)])
    assert hashlib.sha256(raw).hexdigest()[:12] in name
    return Image.open(io.BytesIO(raw))


async def test_a_picture_of_ones_own_becomes_the_cover_drawn_anew(member: MakeMember) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    video_id = await films.film(juno.id)
    answer = await send(juno, video_id, picture())
    assert answer.status_code == 200, answer.text
    card = answer.json()["card"]
    drawn = await kept(card["poster_url"])
    assert (drawn.format, drawn.size) == ("JPEG", (960, 720))
    assert card["placeholder"] == "#c82828"
    assert (await send(ilse, video_id, picture())).status_code == 404


@pytest.mark.parametrize(
    ("image", "refused"),
    [
        (b"", "picture_unreadable"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 200, "picture_unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture_unreadable"),
        (picture((7000, 6000)), "picture_too_large"),
        (b"a" * (10 * 1024 * 1024 + 1), "body_too_large"),
    ],
)
async def test_what_is_no_picture_leaves_the_cover_as_it_was(member: MakeMember, image: bytes, refused: str) -> None:
    juno = await member("juno")
    video_id = await films.film(juno.id)
    before = (await juno.client.get(f"/api/v1/videos/{video_id}")).json()["poster_url"]
    assert code(await send(juno, video_id, image)) == refused
    assert (await juno.client.get(f"/api/v1/videos/{video_id}")).json()["poster_url"] == before


async def test_ones_own_cover_stands_over_a_frame_drawn_later_until_a_frame_is_picked(member: MakeMember) -> None:
    juno = await member("juno")
    video_id = await films.film(juno.id)
    asset_id = (await films.row(video_id)).asset_id
    await send(juno, video_id, picture())

    async def drawn(name: str) -> str | None:
        """Record a frame as the pipeline does; say which cover then stands."""
        async with db.transaction() as session:
            asset = await session.get_one(Asset, asset_id, with_for_update=True)
            session.add(File(asset_id=asset_id, name=name, kind="poster", size_bytes=1))
            asset.poster = name
            await covers.let_go(session, asset_id)
            await covers.use_own(session, asset)
        return asset.poster

    assert str(await drawn("poster-111111111111.jpg")).startswith("cover-")
    async with db.transaction() as session:
        await covers.pick(session, asset_id, 400)
    assert await drawn("poster-222222222222.jpg") == "poster-222222222222.jpg"
    async with db.transaction() as session:
        standing = select(File.name).where(File.asset_id == asset_id, File.retired_at.is_(None))
        assert list(await session.scalars(standing)) == ["poster-222222222222.jpg"]


@pytest.mark.parametrize(
    ("visibility", "hidden_from_search"),
    [("public", False), ("followers", True), ("unlisted", True), ("private", True)],
)
async def test_only_a_public_videos_page_is_for_search_engines(
    member: MakeMember, visibility: str, hidden_from_search: bool
) -> None:
    juno = await member("juno")
    video_id = await films.film(juno.id, visibility=visibility)
    page = await juno.client.get(f"/v/{video_id}")
    assert page.status_code == 200
    assert ('<meta name="robots" content="noindex">' in page.text) is hidden_from_search


async def opens(share_code: str) -> int:
    async with db.transaction() as session:
        return (await session.get_one(Share, share_code)).opens


async def test_opening_a_shared_link_counts_once_for_each_who_opens_it(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    video_id = await films.film(juno.id)
    link = (await juno.client.post(f"/api/v1/videos/{video_id}/shares")).json()
    address = link["url"].removeprefix(settings.load().origin)
    for someone in (ilse.client, ilse.client, client, juno.client):
        assert (await someone.get(address)).status_code == 200
    assert await opens(link["code"]) == 2
    for odd in ("%00", "x" * 300, "%F0%9F%92%A1", "../x"):
        assert (await client.get(f"/v/{video_id}?s={odd}")).status_code == 200
