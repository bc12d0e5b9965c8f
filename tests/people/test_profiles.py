"""What someone shows of themselves, and what it may hold."""

from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, update

from community import MakeMember, code
from nonet.accounts.tables import Account
from nonet.core import db
from nonet.people import service as people
from nonet.people import words


async def test_until_someone_gives_a_name_it_is_their_handle(client: httpx.AsyncClient, member: MakeMember) -> None:
    juno = await member("juno")
    assert (await client.get("/api/v1/people/@JUNO")).json() == {
        "id": str(juno.id),
        "handle": "juno",
        "name": "juno",
        "avatar_url": None,
        "bio": "",
        "link": "",
        "private": False,
        "followers": 0,
        "following": 0,
        "video_count": 0,
        "relation": None,
    }


async def test_a_profile_changes_field_by_field_and_is_shown_to_anyone(
    client: httpx.AsyncClient, member: MakeMember
) -> None:
    juno = await member("juno")
    await juno.client.patch("/api/v1/me/profile", json={"name": "Juno  Sato", "bio": "Hello\r\n\r\n\r\n\r\nthere "})
    me = (await juno.client.patch("/api/v1/me/profile", json={"link": "https://example.org/juno?a=b#c"})).json()
    assert (me["name"], me["bio"], me["link"]) == ("Juno Sato", "Hello\n\nthere", "https://example.org/juno?a=b#c")
    shown = (await client.get("/api/v1/people/juno")).json()
    assert {field: me[field] for field in shown} == shown
    assert "email" not in shown
    assert (await juno.client.patch("/api/v1/me/profile", json={})).json() == me
    emptied = (await juno.client.patch("/api/v1/me/profile", json={"name": None, "bio": "", "link": " "})).json()
    assert (emptied["name"], emptied["bio"], emptied["link"]) == ("juno", "", "")


async def test_a_profile_is_changed_by_its_owner_alone(client: httpx.AsyncClient) -> None:
    assert code(await client.patch("/api/v1/me/profile", json={"name": "Someone"})) == "sign_in_needed"


async def test_a_suspended_person_is_not_shown(client: httpx.AsyncClient, member: MakeMember) -> None:
    await member("juno")
    async with db.transaction() as session:
        await session.execute(update(Account).values(state="suspended"))
    assert code(await client.get("/api/v1/people/juno")) == "not_found"


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("name", "x" * 51, "text_invalid"),
        ("name", "Juno\u202eotaS", "text_invalid"),
        ("name", "Juno\u200b", "text_invalid"),
        ("name", "Ju\0no", "text_invalid"),
        ("name", "Ju\x1bno", "text_invalid"),
        ("name", "\ufeffJuno", "text_invalid"),
        ("bio", "x" * 301, "text_invalid"),
        ("bio", "a\u2066b", "text_invalid"),
        ("link", "javascript:alert(1)", "website_invalid"),
        ("link", "ftp://example.org", "website_invalid"),
        ("link", "https://", "website_invalid"),
        ("link", "https://juno:secret@example.org", "website_invalid"),
        ("link", "https://example.org\\@evil.example", "website_invalid"),
        ("link", "https://exam ple.org", "website_invalid"),
        ("link", "https://example.org:99999", "website_invalid"),
        ("link", 'https://example.org/"onclick="', "website_invalid"),
        ("link", "//example.org", "website_invalid"),
        ("link", "https://[::1", "website_invalid"),
        ("link", "https://example.org/" + "x" * 200, "website_invalid"),
    ],
)
async def test_what_hides_or_leads_astray_is_refused(member: MakeMember, field: str, text: str, expected: str) -> None:
    juno = await member("juno")
    answer = await juno.client.patch("/api/v1/me/profile", json={"name": "Before", field: text})
    assert code(answer) == expected
    assert (await juno.client.get("/api/v1/me")).json()["name"] == "juno"


@pytest.mark.parametrize(
    "name",
    [
        "李小龙",
        "Zoë",
        "👨\u200d👩\u200d👧",
        "می\u200cروم",
        "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    ],
)
async def test_names_of_all_scripts_and_families_of_emoji_are_welcome(member: MakeMember, name: str) -> None:
    juno = await member("juno")
    assert (await juno.client.patch("/api/v1/me/profile", json={"name": name})).json()["name"] == name


@given(st.text(max_size=400))
def test_what_a_name_or_bio_keeps_is_visible_short_and_kept_as_it_is(text: str) -> None:
    for rule, most in ((words.name, 50), (words.bio, 300)):
        try:
            kept = rule(text)
        except words.TextInvalid:
            continue
        assert len(kept) <= most
        assert rule(kept) == kept
        assert not set(kept) & set(map(chr, [*range(10), *range(11, 32), 127, 0x200E, 0x200F, *range(0x202A, 0x202F)]))


@given(st.text(max_size=220) | st.text("htps:/@.a[]\\ %?#1", max_size=40).map("https://".__add__))
def test_what_a_link_keeps_is_the_address_of_a_page(text: str) -> None:
    try:
        kept = words.link(text)
    except words.WebsiteInvalid:
        return
    assert kept == "" or kept.startswith(("http://", "https://"))
    assert "@" not in urlsplit(kept).netloc
    assert bool(kept) == bool(urlsplit(kept).hostname)
    assert words.link(kept) == kept


async def test_authors_of_many_cards_come_by_one_query(member: MakeMember) -> None:
    juno, marlow = await member("juno"), await member("marlow")
    await juno.client.patch("/api/v1/me/profile", json={"name": "Juno Sato"})
    statements: list[str] = []
    sync = db.engine().sync_engine
    event.listen(sync, "before_cursor_execute", lambda *args: statements.append(args[2]))
    async with db.transaction() as session:
        found = await people.authors(session, [juno.id, marlow.id, juno.id, 7])
        assert await people.authors(session, []) == {}
    assert len(statements) == 1
    assert found == {
        juno.id: people.Author(juno.id, "juno", "Juno Sato", None),
        marlow.id: people.Author(marlow.id, "marlow", "marlow", None),
    }
