"""Lists of cards: each item once whatever happens meanwhile, served with a ticket, in a fixed number of queries."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import event

import films
from community import MakeMember, Member
from nonet.cards import lists
from nonet.core import clock, db
from nonet.people import relations
from nonet.signals import tickets
from nonet.signals.tables import Watch
from nonet.social.tables import Like, Playlist, PlaylistItem, Repost, Save
from nonet.videos import service as videos

Happen = Callable[[], Awaitable[None]]


async def pages(client: httpx.AsyncClient, address: str) -> AsyncIterator[list[dict[str, Any]]]:
    cursor = None
    while True:
        answer = await client.get(address, params={"cursor": cursor} if cursor else {})
        assert answer.status_code == 200, answer.text
        yield answer.json()["items"]
        cursor = answer.json()["next"]
        if cursor is None:
            return


async def ids_of(client: httpx.AsyncClient, address: str, meanwhile: Happen | None = None) -> list[int]:
    seen: list[int] = []
    async for items in pages(client, address):
        seen += [int(card["id"]) for card in items]
        if meanwhile:
            await meanwhile()
    return seen


async def put(*rows: db.Base) -> None:
    async with db.transaction() as session:
        session.add_all(rows)


async def delete(owner: Member, video_id: int) -> None:
    async with db.transaction() as session:
        await videos.delete(session, owner.id, video_id)


LISTS = ("profile", "tag", "sound", "likes", "saves", "reposts", "history", "playlist")


async def listed(kind: str, ilse: Member, sound_id: int | None, video_id: int, place: int) -> None:
    """Put a video into one of the lists, or do nothing where publishing did."""
    if kind == "sound":
        async with db.transaction() as session:
            (await session.get_one(films.Video, video_id)).sound_id = sound_id
    rows: dict[str, Callable[[], db.Base]] = {
        "likes": lambda: Like(account_id=ilse.id, video_id=video_id),
        "saves": lambda: Save(account_id=ilse.id, video_id=video_id),
        "reposts": lambda: Repost(account_id=ilse.id, video_id=video_id),
        "history": lambda: Watch(viewer=ilse.id, video_id=video_id, plays=1, first_at=clock.now(), last_at=clock.now()),
        "playlist": lambda: PlaylistItem(playlist_id=7, video_id=video_id, place=place),
    }
    if kind in rows:
        await put(rows[kind]())


@pytest.mark.parametrize("kind", LISTS)
async def test_each_item_stands_once_in_a_list_while_others_publish_and_delete(
    member: MakeMember, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 4)
    juno, ilse = await member("juno"), await member("ilse")
    if kind == "playlist":
        await put(Playlist(id=7, owner_id=juno.id, title="Evening"))
    first = await films.film(juno.id, caption="#tea")
    sound_id = (await films.row(first)).sound_id
    made = [first] + [await films.film(juno.id, caption="#tea") for _ in range(10)]
    for place, each in enumerate(made):
        await listed(kind, ilse, sound_id, each, place)
    address = {
        "profile": "/api/v1/people/juno/videos",
        "tag": "/api/v1/tags/Tea/videos",
        "sound": f"/api/v1/sounds/{sound_id}/videos",
        "reposts": "/api/v1/people/ilse/reposts",
        "playlist": "/api/v1/playlists/7/videos",
    }.get(kind, f"/api/v1/me/{kind}")
    wanted = made if kind == "playlist" else made[::-1]
    gone = [wanted[3], wanted[6]]  # the last one of the first page, and one that comes later
    left = iter(gone)
    fresh: list[int] = []

    async def meanwhile() -> None:
        fresh.append(await films.film(juno.id, caption="#tea"))
        await listed(kind, ilse, sound_id, fresh[-1], len(made) + len(fresh))
        for each in left:
            await delete(juno, each)

    seen = await ids_of(ilse.client, address, meanwhile)
    assert len(seen) == len(set(seen))
    assert [each for each in seen if each in made] == [each for each in wanted if each != gone[1]]
    assert not fresh or kind == "playlist" or not set(fresh) & set(seen)


async def test_what_is_pinned_stands_first_and_once_however_it_is_pinned_meanwhile(
    member: MakeMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE", 4)
    juno = await member("juno")
    made = [await films.film(juno.id) for _ in range(12)]
    for each in made[:3]:
        assert (await juno.client.put(f"/api/v1/videos/{each}/pin")).json()["pinned"] is True
    changes = iter([(juno.client.delete, made[0]), (juno.client.put, made[5])])

    async def meanwhile() -> None:
        for change, video_id in changes:
            assert (await change(f"/api/v1/videos/{video_id}/pin")).status_code == 200
            break

    seen = await ids_of(juno.client, "/api/v1/people/juno/videos", meanwhile)
    assert seen == [*made[2::-1], *made[:2:-1]]
    assert (await ids_of(juno.client, "/api/v1/people/juno/videos"))[:3] == [made[5], made[2], made[1]]


async def test_no_more_than_three_videos_are_pinned_and_none_that_isnt_on_the_profile(member: MakeMember) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    made = [await films.film(juno.id) for _ in range(4)]
    for each in made[:3]:
        await juno.client.put(f"/api/v1/videos/{each}/pin")
    answer = await juno.client.put(f"/api/v1/videos/{made[3]}/pin")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "too_many_pinned")
    await juno.client.patch(f"/api/v1/videos/{made[0]}", json={"visibility": "private"})
    assert (await juno.client.put(f"/api/v1/videos/{made[3]}/pin")).status_code == 200
    answer = await juno.client.put(f"/api/v1/videos/{made[0]}/pin")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_published")
    assert (await ilse.client.put(f"/api/v1/videos/{made[1]}/pin")).status_code == 404


async def test_every_card_of_a_list_has_a_ticket_for_its_place_and_its_viewer(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    juno = await member("juno")
    for _ in range(4):
        await films.film(juno.id, caption="#tea")
    for viewer, account_id in ((client, 0), (juno.client, juno.id)):
        cards = (await viewer.get("/api/v1/tags/tea/videos")).json()["items"]
        assert [card["served"]["position"] for card in cards] == [0, 1, 2, 3]
        assert len({card["served"]["request_id"] for card in cards}) == 1
        for card in cards:
            served = card["served"]
            said = (int(served["request_id"]), served["position"], int(card["id"]), account_id)
            assert tickets.valid(served["ticket"], *said)


@contextmanager
def counted() -> Any:
    """Count the statements that this process sends through sessions."""
    sent: list[str] = []
    engine = db.engine().sync_engine

    def note(*args: Any) -> None:
        sent.append(args[2])

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/people/juno/videos",
        "/api/v1/tags/tea/videos",
        "/api/v1/search/videos?q=tea",
        "/api/v1/search/people?q=person",
        "/api/v1/search/tags?q=te",
        "/api/v1/discover",
    ],
)
async def test_a_list_takes_the_same_number_of_queries_however_long_it_is(member: MakeMember, address: str) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    await films.film(juno.id, caption="#tea for @ilse")
    took = []
    for more in (0, 9):
        for n in range(more):
            other = await member(f"person{n}")
            await films.film(other.id, caption=f"#tea{n} #tea for @ilse")
            await films.film(juno.id, caption=f"#tea{n} #tea for @ilse")
        with counted() as sent:
            assert (await ilse.client.get(address)).status_code == 200
        took.append(len(sent))
    assert took[1] <= max(took[0], 1) + 1
    assert took[1] <= 12


async def test_videos_are_read_by_their_numbers_in_the_order_asked_for(member: MakeMember) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    made = [await films.film(juno.id) for _ in range(3)]
    private = await films.film(juno.id, visibility="private")
    asked = ",".join(map(str, [made[2], private, made[0], 404, "x", made[0]]))
    answer = await ilse.client.get("/api/v1/videos", params={"ids": asked})
    assert [int(card["id"]) for card in answer.json()["items"]] == [made[2], made[0]]
    too_many = await ilse.client.get("/api/v1/videos", params={"ids": ",".join(map(str, range(1, 52)))})
    assert too_many.json()["error"]["code"] == "too_many_asked"


async def test_a_blocked_persons_lists_are_not_found_and_a_private_ones_are_empty(member: MakeMember) -> None:
    juno, ilse, marlow = await member("juno"), await member("ilse"), await member("marlow")
    await films.film(juno.id)
    other = await films.film(marlow.id)
    unlisted = await films.film(marlow.id, visibility="unlisted")
    await put(Repost(account_id=juno.id, video_id=other), Repost(account_id=juno.id, video_id=unlisted))
    assert await ids_of(juno.client, "/api/v1/people/juno/reposts") == [unlisted, other]
    assert await ids_of(ilse.client, "/api/v1/people/juno/reposts") == [other]
    await juno.client.patch("/api/v1/me/privacy", json={"private": True})
    for name in ("videos", "reposts"):
        assert await ids_of(ilse.client, f"/api/v1/people/juno/{name}") == []
    async with db.transaction() as session:
        await relations.block(session, juno.id, ilse.id)
    for name in ("videos", "reposts"):
        assert (await ilse.client.get(f"/api/v1/people/juno/{name}")).status_code == 404


async def test_a_history_is_forgotten_whole_or_by_the_video(member: MakeMember) -> None:
    juno = await member("juno")
    made = [await films.film(juno.id) for _ in range(3)]
    for each in made:
        await listed("history", juno, None, each, 0)
    await juno.client.delete("/api/v1/me/history", params={"video_id": str(made[1])})
    assert await ids_of(juno.client, "/api/v1/me/history") == [made[2], made[0]]
    assert (await juno.client.delete("/api/v1/me/history")).status_code == 204
    assert await ids_of(juno.client, "/api/v1/me/history") == []
