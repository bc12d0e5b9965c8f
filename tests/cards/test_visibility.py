import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from nonet.core import clock, db, ids
from nonet.media import uploads
from nonet.media.tables import Asset
from nonet.videos import service as videos
from nonet.videos.tables import Video

Join = Callable[..., Awaitable[Any]]


async def playing(owner_id: int, **values: Any) -> Video:
    """Put a video that plays into the database, as the pipeline leaves it."""
    asset_id = ids.new()
    asset = Asset(id=asset_id, owner_id=owner_id, folder_key=uploads.new_folder_key(), state="complete")
    asset.master, asset.mp4, asset.poster = (
        "master-0123456789ab.m3u8",
        "540-0123456789ab.mp4",
        "poster-0123456789ab.jpg",
    )
    asset.duration_ms, asset.width, asset.height, asset.playable_at = 9000, 540, 960, clock.now()
    async with db.transaction() as session:
        session.add(asset)
        await session.flush()
        video = await videos.draft(session, owner_id, asset_id)
        await videos.edit(session, video, {"caption": "Filled by ear", **values})
        await videos.publish(session, video)
    return video


async def folder_key(video: Video) -> str:
    async with db.transaction() as session:
        return (await session.get_one(Asset, video.asset_id)).folder_key


@pytest.mark.parametrize(
    ("visibility", "listed", "opened"), [("public", 1, 200), ("unlisted", 0, 200), ("private", 0, 404)]
)
async def test_who_sees_a_video_follows_its_visibility(
    client: httpx.AsyncClient, member: Join, visibility: str, listed: int, opened: int
) -> None:
    juno = await member("juno")
    video = await playing(juno.id, visibility=visibility)
    for viewer, status in ((client, opened), ((await member("ilse")).client, opened), (juno.client, 200)):
        assert (await viewer.get(f"/api/v1/videos/{video.id}")).status_code == status
        assert (await viewer.get(f"/v/{video.id}")).status_code == status
    assert len((await client.get("/api/v1/people/juno/videos")).json()["items"]) == listed


async def test_a_draft_is_seen_by_its_author_alone(client: httpx.AsyncClient, member: Join) -> None:
    juno = await member("juno")
    video = await playing(juno.id)
    async with db.transaction() as session:
        (await session.get_one(Video, video.id)).state = "draft"
    assert (await client.get(f"/api/v1/videos/{video.id}")).status_code == 404
    assert (await juno.client.get(f"/api/v1/videos/{video.id}")).status_code == 200


async def test_only_a_public_video_has_plain_addresses(client: httpx.AsyncClient, member: Join) -> None:
    juno = await member("juno")
    public = (await client.get(f"/api/v1/videos/{(await playing(juno.id)).id}")).json()
    unlisted = (await client.get(f"/api/v1/videos/{(await playing(juno.id, visibility='unlisted')).id}")).json()
    assert re.search(r"/m/\d+-[a-z2-7]{16}/540-", public["mp4_url"])
    assert re.search(r"/m/\d+\.[\w-]{43}/\d+-[a-z2-7]{16}/540-", unlisted["mp4_url"])


async def test_a_video_made_private_leaves_its_old_addresses_behind(member: Join) -> None:
    juno = await member("juno")
    video = await playing(juno.id)
    before = await folder_key(video)
    await juno.client.patch(f"/api/v1/videos/{video.id}", json={"visibility": "private"})
    assert await folder_key(video) != before


async def test_the_share_page_says_what_it_shows_and_escapes_what_people_wrote(
    client: httpx.AsyncClient, member: Join
) -> None:
    juno = await member("juno")
    video = await playing(juno.id, caption='</title><script>alert("x")</script> & "tea"', alt_text='"><img src=x>')
    page = (await client.get(f"/v/{video.id}")).text
    assert "<script>alert" not in page
    assert "<img src=x>" not in page
    for part in (
        "og:title",
        "og:image",
        "og:video",
        "twitter:player",
        "<video",
        "540-0123456789ab.mp4",
        'rel="canonical"',
    ):
        assert part in page, part


async def test_a_missing_video_has_a_page_that_tells_nothing(client: httpx.AsyncClient) -> None:
    for address in ("/v/1", "/v/abc", "/v/99999999999999999999999"):
        answer = await client.get(address)
        assert answer.status_code == 404
        assert "There is nothing here" in answer.text


async def test_only_its_author_changes_a_video(member: Join, client: httpx.AsyncClient) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    video = await playing(juno.id)
    for person, status in ((ilse.client, 404), (client, 401)):
        address = f"/api/v1/videos/{video.id}"
        assert (await person.patch(address, json={"caption": "Mine"})).status_code == status
        assert (await person.delete(address)).status_code == status
        assert (await person.post(f"{address}/publish")).status_code == status
        assert (await person.put(f"{address}/cover", json={"at_ms": 0})).status_code == status
        assert (await person.put(f"{address}/captions/en", content=b"WEBVTT\n")).status_code == status


async def test_pages_of_a_profile_neither_repeat_nor_skip(client: httpx.AsyncClient, member: Join) -> None:
    juno = await member("juno")
    made = [str((await playing(juno.id)).id) for _ in range(30)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = (await client.get("/api/v1/people/juno/videos", params={"cursor": cursor} if cursor else {})).json()
        seen += [card["id"] for card in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == made[::-1]


@pytest.mark.parametrize("cursor", ["x", "e30", "W10", "WyJhIiwiYiJd", "%00"])
async def test_a_damaged_cursor_is_refused(client: httpx.AsyncClient, member: Join, cursor: str) -> None:
    juno = await member("juno")
    for viewer, path in ((client, "/api/v1/people/juno/videos"), (juno.client, "/api/v1/me/videos")):
        answer = await viewer.get(path, params={"cursor": cursor})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "cursor_invalid")


async def test_a_caption_longer_than_2200_letters_is_refused_by_field(member: Join) -> None:
    juno = await member("juno")
    video = await playing(juno.id)
    answer = await juno.client.patch(f"/api/v1/videos/{video.id}", json={"caption": "a" * 2201})
    assert answer.json()["error"]["code"] == "invalid"
    assert "caption" in answer.json()["error"]["details"]["fields"]
