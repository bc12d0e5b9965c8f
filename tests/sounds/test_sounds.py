"""The original sound of each video: who sees it, who names it, what stays of it."""

import httpx

import films
from community import MakeMember, code
from nonet.core import db
from nonet.media.tables import Asset
from nonet.moderation import labels
from nonet.videos.tables import Video


async def sound_of(video_id: int) -> int | None:
    return (await films.row(video_id)).sound_id


async def test_a_video_with_audio_has_a_sound_of_its_own_and_a_silent_one_has_none(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    juno = await member("juno")
    video_id, silent = await films.film(juno.id), await films.film(juno.id, audio=False)
    card = (await client.get(f"/api/v1/videos/{video_id}")).json()
    assert card["sound"] == {
        "id": str(await sound_of(video_id)),
        "title": "",
        "author_handle": "juno",
        "duration_ms": 9000,
    }
    assert (await client.get(f"/api/v1/videos/{silent}")).json()["sound"] is None


async def test_a_sounds_page_says_whose_it_is_how_it_looks_and_where_to_hear_it(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    juno = await member("juno")
    sound_id = await sound_of(await films.film(juno.id))
    page = (await client.get(f"/api/v1/sounds/{sound_id}")).json()
    assert (page["author"]["handle"], page["video_count"], page["mine"]) == ("juno", 1, False)
    assert len(page["waveform"]) == 64
    assert page["audio_url"].endswith(".mp4")


async def test_only_its_owner_names_a_sound(member: MakeMember, client: httpx.AsyncClient) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    address = f"/api/v1/sounds/{await sound_of(await films.film(juno.id))}"
    for someone, status in ((client, 401), (ilse.client, 404), (juno.client, 200)):
        answer = await someone.patch(address, json={"title": "  Rain \x00 on a\ttin roof "})
        assert answer.status_code == status
    assert (await client.get(address)).json()["title"] == "Rain on a tin roof"
    assert code(await juno.client.patch(address, json={"title": "a" * 101})) == "invalid"


async def test_the_sound_of_a_video_nobody_may_open_is_not_found(member: MakeMember, client: httpx.AsyncClient) -> None:
    juno = await member("juno")
    video_id = await films.film(juno.id, visibility="private")
    address = f"/api/v1/sounds/{await sound_of(video_id)}"
    for path in (address, f"{address}/videos", "/api/v1/sounds/404", "/api/v1/sounds/x"):
        assert (await client.get(path)).status_code == 404
    assert (await juno.client.get(address)).json()["mine"] is True
    await juno.client.patch(f"/api/v1/videos/{video_id}", json={"visibility": "unlisted"})
    page = (await client.get(address)).json()
    assert (page["video_count"], page["audio_url"] is None) == (0, False)


async def test_a_hidden_sound_is_its_owners_alone(member: MakeMember, client: httpx.AsyncClient) -> None:
    juno = await member("juno")
    sound_id = await sound_of(await films.film(juno.id))
    async with db.transaction() as session:
        await labels.put(session, "sound", sound_id or 0, "hidden", 1)
    assert (await client.get(f"/api/v1/sounds/{sound_id}")).status_code == 404
    assert (await juno.client.get(f"/api/v1/sounds/{sound_id}")).status_code == 200


async def test_a_sound_outlives_its_video_while_another_has_it(member: MakeMember, client: httpx.AsyncClient) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    first, second = await films.film(juno.id), await films.film(ilse.id, audio=False)
    sound_id = await sound_of(first)
    async with db.transaction() as session:
        (await session.get_one(Video, second)).sound_id = sound_id
    await juno.client.delete(f"/api/v1/videos/{first}")
    page = (await client.get(f"/api/v1/sounds/{sound_id}")).json()
    assert (page["video_count"], page["audio_url"], len(page["waveform"])) == (1, None, 64)
    await ilse.client.delete(f"/api/v1/videos/{second}")
    assert (await juno.client.get(f"/api/v1/sounds/{sound_id}")).status_code == 404


async def test_a_waveform_made_after_publication_is_shown(member: MakeMember, client: httpx.AsyncClient) -> None:
    juno = await member("juno")
    video_id = await films.film(juno.id)
    video = await films.row(video_id)
    async with db.transaction() as session:
        (await session.get_one(Asset, video.asset_id)).waveform = [9] * 64
    assert (await client.get(f"/api/v1/sounds/{video.sound_id}")).json()["waveform"] == [9] * 64
