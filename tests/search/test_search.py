"""Finding people, videos and hashtags by words, in any script, and what is worth discovering."""

from typing import Any

import httpx
import pytest
from sqlalchemy import text

import films
from community import Drain, MakeMember, Member, code
from nonet.cards.schemas import CardPage
from nonet.core import db
from nonet.moderation import labels
from nonet.people import relations
from nonet.search import schemas, service
from nonet.signals.tables import Count


async def found(someone: httpx.AsyncClient, kind: str, q: str) -> list[Any]:
    answer = await someone.get(f"/api/v1/search/{kind}", params={"q": q})
    assert answer.status_code == 200, answer.text
    key = {"people": "handle", "videos": "id", "tags": "tag"}[kind]
    return [each[key] for each in answer.json()["items"]]


async def call(someone: Member, name: str) -> None:
    await someone.client.patch("/api/v1/me/profile", json={"name": name})


async def test_people_are_found_by_handle_then_by_beginning_then_by_likeness(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    people = {name: await member(name) for name in ("marlowe", "marlow", "tea.marlow", "ilse", "marlon")}
    await call(people["ilse"], "Marlow Smith")
    assert (await found(client, "people", "@Marlow"))[:4] == ["marlow", "marlowe", "ilse", "tea.marlow"]
    assert await found(client, "people", "ilsee") == ["ilse"]
    assert await found(client, "people", "smith") == ["ilse"]
    assert await found(client, "people", "m") == ["marlowe", "marlow", "marlon", "ilse"]
    assert await found(client, "people", "nobodyatall") == []


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Straßer Ænne", "STRASSER"),
        ("\uff2d\uff41\uff59\uff41 Haya", "maya haya"),
        ("Zoë Öz", "zoë"),
        ("Дмитрий", "дМИТР"),
        ("Ηλίας", "ηλίασ"),
        ("Marguerite Dubois", "margurite"),
    ],
)
async def test_people_are_found_by_their_names_as_captions_are(
    member: MakeMember, client: httpx.AsyncClient, name: str, typed: str
) -> None:
    await call(await member("q7"), name)
    await call(await member("q8"), "Someone else")
    assert await found(client, "people", typed) == ["q7"]


async def test_a_name_is_looked_for_in_its_index(member: MakeMember) -> None:
    await call(await member("q7"), "Straßer")
    async with db.transaction() as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await session.scalars(text("EXPLAIN SELECT account_id FROM profiles WHERE search_name LIKE '%strass%'"))
        assert "ix_profiles_words" in "\n".join(plan)


async def test_neither_of_two_who_blocked_is_found_by_the_other_nor_who_is_suspended(member: MakeMember) -> None:
    juno, ilse, marlow = await member("juno"), await member("ilse"), await member("marlow")
    for each in (juno, ilse, marlow):
        await films.film(each.id, caption="a cup of tea")
    async with db.transaction() as session:
        await relations.block(session, juno.id, ilse.id)
        await session.execute(text("UPDATE accounts SET state = 'suspended' WHERE handle = 'marlow'"))
    for one, other in ((juno, "ilse"), (ilse, "juno")):
        assert await found(one.client, "people", other) == []
        assert len(await found(one.client, "videos", "tea")) == 1
    assert await found(juno.client, "people", "marlow") == []


@pytest.mark.parametrize(
    ("caption", "typed"),
    [
        ("The rain in the harbour", "RAIN harbour"),
        ("The rain in the harbour", "rain in the"),
        ("The rain in the harbour", "harb"),
        ("The rain in the harbour", "harbor"),
        ("雨の港で撮った", "港で"),
        ("雨の港で撮った", "港"),
        ("Дождь в гавани", "дождь"),
        ("مطر في الميناء", "مطر"),
        ("बारिश में बंदरगाह", "बंदरगाह"),
        ("ฝนตกที่ท่าเรือ", "ท่าเรือ"),
        ("Straße im Regen", "STRASSE"),
        ("100% rain_ed out", "100%"),
        ("#Tea time", "#tea"),
        ("it's o'clock", "o'clock"),
    ],
)
async def test_videos_are_found_by_words_in_any_script(
    member: MakeMember, client: httpx.AsyncClient, caption: str, typed: str
) -> None:
    juno = await member("juno")
    video_id = await films.film(juno.id, caption=caption)
    await films.film(juno.id, caption="something else")
    assert await found(client, "videos", typed) == [str(video_id)]


async def test_the_whole_text_comes_before_its_words_apart_and_then_the_newest(
    member: MakeMember, client: httpx.AsyncClient
) -> None:
    juno = await member("juno")
    together, apart = await films.film(juno.id, caption="green tea"), await films.film(juno.id, caption="tea is green")
    newer = await films.film(juno.id, caption="green tea again")
    assert await found(client, "videos", "green tea") == [str(newer), str(together), str(apart)]


async def test_pages_of_a_search_neither_repeat_nor_skip(
    member: MakeMember, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "PAGE", 3)
    juno = await member("juno")
    made = [await films.film(juno.id, caption="tea and green" if n % 3 else "green tea") for n in range(10)]
    people = [await member(f"tea{n}") for n in range(8)]
    for kind, wanted in (("videos", {str(each) for each in made}), ("people", {str(each.id) for each in people})):
        seen, cursor = [], None
        while True:
            params = {"q": "green tea" if kind == "videos" else "tea"} | ({"cursor": cursor} if cursor else {})
            page = (await client.get(f"/api/v1/search/{kind}", params=params)).json()
            seen += [each["id"] for each in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        assert len(seen) == len(wanted)
        assert set(seen) == wanted


@pytest.mark.parametrize("visibility", ["followers", "unlisted", "private"])
async def test_what_isnt_public_is_found_by_nobody_else(member: MakeMember, visibility: str) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    await films.film(juno.id, caption="#secret tea", visibility=visibility)
    assert await found(ilse.client, "videos", "tea") == []
    assert await found(ilse.client, "tags", "secret") == []


async def test_hashtags_are_found_by_beginning_then_by_use(member: MakeMember, client: httpx.AsyncClient) -> None:
    juno = await member("juno")
    for caption in ("#Teatime #greentea", "#teacup", "#TeaCup", "#tea", "#cake"):
        await films.film(juno.id, caption=caption)
    assert await found(client, "tags", "#TEA") == ["tea", "teacup", "teatime"]
    assert await found(client, "tags", "teac") == ["teacup"]
    assert await found(client, "tags", "entea") == ["greentea"]


@pytest.mark.parametrize("typed", ["", " ", "#", "@", "\x00", "'", "\\", "%", "& | !", "💡", "a" * 200, "\u0301"])
async def test_nothing_that_is_typed_breaks_a_search(member: MakeMember, client: httpx.AsyncClient, typed: str) -> None:
    juno = await member("juno")
    await films.film(juno.id, caption="tea")
    for kind in ("people", "videos", "tags"):
        assert (await client.get(f"/api/v1/search/{kind}", params={"q": typed})).status_code == 200


async def test_a_search_that_takes_too_long_says_so(
    member: MakeMember, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    juno = await member("juno")
    async with db.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO accounts"
                " (id, handle, email, email_key, password_hash, birth_date, role, state, created_at)"
                " SELECT n, 'person' || n, '', n::text, '', '1990-05-17', 'person', 'active', now()"
                " FROM generate_series(1, 60000) n"
            )
        )
    monkeypatch.setattr(service, "TIMEOUT_MS", 1)
    answer = await juno.client.get("/api/v1/search/people", params={"q": "person"})
    assert (answer.status_code, code(answer)) == (422, "too_broad")
    assert (await client.get("/api/v1/people/juno")).status_code == 200


@pytest.mark.parametrize("cursor", ["x", "e30", "W10", "WyJhIiwiYiJd"])
async def test_a_damaged_cursor_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    for kind in ("people", "videos"):
        answer = await client.get(f"/api/v1/search/{kind}", params={"q": "tea", "cursor": cursor})
        assert code(answer) == "cursor_invalid"


async def test_discover_shows_what_does_well_and_nothing_hidden(
    member: MakeMember, client: httpx.AsyncClient, drain: Drain
) -> None:
    juno, ilse, marlow = await member("juno"), await member("ilse"), await member("marlow")
    quiet, liked = await films.film(juno.id, caption="#tea"), await films.film(ilse.id, caption="#tea #cake")
    hidden = await films.film(marlow.id, caption="#tea")
    async with db.transaction() as session:
        counts = await session.get_one(Count, liked)
        counts.plays, counts.views, counts.likes, counts.finishes = 50, 50, 30, 40
        await labels.put(session, "video", hidden, "hidden", 1)
    await drain()
    answer = await client.get("/api/v1/discover")
    page = schemas.Discovered.model_validate(answer.json())
    assert [card.id for card in page.videos] == [liked, quiet]
    assert page.tags[0].tag == "tea"
    assert [card.id for card in page.tags[0].cards] == [liked, quiet]
    assert [each.handle for each in page.people] == ["ilse", "juno"]
    assert page.sounds[0].author.handle == "ilse"
    own = (await ilse.client.get("/api/v1/discover")).json()
    assert "ilse" not in {each["handle"] for each in own["people"]}


async def test_an_empty_server_has_nothing_to_discover(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/v1/discover")
    assert answer.json() == {"tags": [], "sounds": [], "people": [], "videos": []}


async def test_the_answers_have_the_documented_shape(member: MakeMember) -> None:
    juno, ilse = await member("juno"), await member("ilse")
    await films.film(juno.id, caption="#tea for @ilse")
    for path, shape in (
        ("search/people?q=juno", schemas.FoundPeople),
        ("search/videos?q=tea", CardPage),
        ("search/tags?q=tea", schemas.FoundTags),
        ("discover", schemas.Discovered),
    ):
        answer = (await ilse.client.get(f"/api/v1/{path}")).json()
        assert shape.model_validate(answer).model_dump(mode="json") == answer
