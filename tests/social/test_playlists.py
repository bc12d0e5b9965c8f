"""Playlists: who sees which, their order, and what one holds."""

import asyncio
from typing import Any

import httpx
import pytest

from community import MakeMember, Member, code
from films import film
from nonet.core import db, jobs
from nonet.social import export, playlists


async def make(who: Member, title: str = "Slow pieces", visibility: str = "public") -> dict[str, Any]:
    answer = await who.client.post("/api/v1/me/playlists", json={"title": title, "visibility": visibility})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def held(who: httpx.AsyncClient, playlist: str) -> list[int]:
    return [int(each["id"]) for each in (await who.get(f"/api/v1/playlists/{playlist}/videos")).json()["items"]]


async def test_a_list_keeps_videos_in_the_order_it_was_given(member: MakeMember, client: httpx.AsyncClient) -> None:
    juno = await member("juno")
    made = await make(juno, "  Slow \n pieces ")
    assert (made["title"], made["video_count"], made["mine"]) == ("Slow pieces", 0, True)
    address = f"/api/v1/playlists/{made['id']}"
    videos = [await film(juno.id) for _ in range(4)]
    for each in [*videos, videos[0]]:
        assert (await juno.client.put(f"{address}/videos/{each}")).status_code == 200
    assert await held(client, made["id"]) == videos
    order = {"video_ids": [str(each) for each in (videos[3], 77, videos[1], videos[3])]}
    assert (await juno.client.put(f"{address}/order", json=order)).json()["video_count"] == 4
    assert await held(client, made["id"]) == [videos[3], videos[1], videos[0], videos[2]]
    for _ in range(2):
        assert (await juno.client.delete(f"{address}/videos/{videos[1]}")).json()["video_count"] == 3
    assert await held(client, made["id"]) == [videos[3], videos[0], videos[2]]


async def test_a_private_list_is_its_owners_alone(member: MakeMember, client: httpx.AsyncClient) -> None:
    juno, ines = await member("juno"), await member("ines")
    hidden, shown = await make(juno, "Mine", "private"), await make(juno)
    for viewer in (client, ines.client):
        assert code(await viewer.get(f"/api/v1/playlists/{hidden['id']}")) == "not_found"
        assert (await viewer.get(f"/api/v1/playlists/{shown['id']}")).json() == shown | {"mine": False}
        listed = (await viewer.get("/api/v1/people/juno/playlists")).json()["items"]
        assert [each["id"] for each in listed] == [shown["id"]]
    listed = (await juno.client.get("/api/v1/me/playlists")).json()["items"]
    assert [each["id"] for each in listed] == [shown["id"], hidden["id"]]
    changed = await juno.client.patch(
        f"/api/v1/playlists/{hidden['id']}", json={"visibility": "public", "title": "Ours"}
    )
    assert (changed.json()["visibility"], changed.json()["title"]) == ("public", "Ours")
    assert (await client.get(f"/api/v1/playlists/{hidden['id']}")).status_code == 200


async def test_the_lists_of_a_private_person_are_for_followers_and_blocks_close_them(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    made = await make(juno)
    await ines.client.put("/api/v1/people/juno/follow")
    await juno.client.patch("/api/v1/me/privacy", json={"private": True})
    assert (await ines.client.get(f"/api/v1/playlists/{made['id']}")).status_code == 200
    assert code(await (await member("oro")).client.get(f"/api/v1/playlists/{made['id']}")) == "not_found"
    await ines.client.put("/api/v1/people/juno/block")
    assert code(await ines.client.get(f"/api/v1/playlists/{made['id']}")) == "not_found"
    assert code(await ines.client.get("/api/v1/people/juno/playlists")) == "not_found"


async def test_only_its_owner_changes_a_list(member: MakeMember, client: httpx.AsyncClient) -> None:
    juno, ines = await member("juno"), await member("ines")
    address, video = f"/api/v1/playlists/{(await make(juno))['id']}", await film(juno.id)
    for method, path, body in (
        ("PATCH", "", {"title": "Mine"}),
        ("PUT", f"/videos/{video}", None),
        ("DELETE", f"/videos/{video}", None),
        ("PUT", "/order", {"video_ids": []}),
        ("DELETE", "", None),
    ):
        assert code(await ines.client.request(method, address + path, json=body)) == "not_found"
        assert code(await client.request(method, address + path, json=body)) == "sign_in_needed"
    assert (await juno.client.delete(address)).status_code == 204
    assert code(await juno.client.get(address)) == "not_found"


async def test_a_list_takes_only_what_its_owner_sees_and_so_many(
    member: MakeMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    juno, ines = await member("juno"), await member("ines")
    address = f"/api/v1/playlists/{(await make(juno))['id']}/videos"
    assert code(await juno.client.put(f"{address}/{await film(ines.id, visibility='private')}")) == "not_found"
    monkeypatch.setattr(playlists, "VIDEOS_MOST", 2)
    videos = [await film(juno.id) for _ in range(4)]
    answers = await asyncio.gather(*(juno.client.put(f"{address}/{each}") for each in videos))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 409, 409]
    monkeypatch.setattr(playlists, "LISTS_MOST", 1)
    assert code(await juno.client.post("/api/v1/me/playlists", json={"title": "Another"})) == "too_many_playlists"
    assert code(await juno.client.post("/api/v1/me/playlists", json={"title": " "})) == "words_invalid"


async def test_an_archive_holds_what_a_person_did_with_others(member: MakeMember) -> None:
    juno, ines = await member("juno"), await member("ines")
    video, made = await film(juno.id), await make(ines)
    await ines.client.put(f"/api/v1/playlists/{made['id']}/videos/{video}")
    await ines.client.put(f"/api/v1/videos/{video}/like")
    await ines.client.post(f"/api/v1/videos/{video}/shares")
    await ines.client.post(f"/api/v1/videos/{video}/comments", json={"text": "Again"})
    thread = (await ines.client.post("/api/v1/threads", json={"handles": ["juno"]})).json()["id"]
    await ines.client.post(f"/api/v1/threads/{thread}/messages", json={"text": "Hello"})
    found: dict[str, list[dict[str, Any]]] = {}
    async with db.transaction() as session:
        async for name, row in export.export(session, ines.id):
            found.setdefault(name, []).append(row)
    assert set(found) == {"likes", "comments", "shares", "playlists", "playlist_videos", "conversations", "messages"}
    assert (found["likes"][0]["video_id"], found["comments"][0]["text"]) == (str(video), "Again")
    assert (found["messages"][0]["text"], found["playlists"][0]["title"]) == ("Hello", "Slow pieces")
    async with db.transaction() as session:
        await jobs.publish(session, "account.deleted", {"account_id": str(ines.id)})
    await jobs.drain()
    async with db.transaction() as session:
        assert [name async for name, _ in export.export(session, ines.id)] == []
