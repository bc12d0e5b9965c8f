"""The rules of handles, and free ones nearby."""

import string
import unicodedata

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from community import Browser, MakeMember, code, form
from nonet.accounts import handles

ALPHABET = string.ascii_lowercase + string.digits + "._"


@given(st.text())
def test_a_well_formed_handle_has_one_ascii_spelling_of_its_own(text: str) -> None:
    if handles.well_formed(text):
        known = handles.key(text)
        assert handles.well_formed(known)
        assert handles.key(known) == known
        assert set(known) <= set(ALPHABET)
        assert handles.SHORTEST <= len(known) <= handles.LONGEST
        assert known[0].isalnum()
        assert known[-1].isalnum()
        assert not any(pair in known for pair in ("..", "__", "._", "_."))


@given(st.text(ALPHABET, max_size=26))
def test_lookalikes_share_a_skeleton_and_a_skeleton_is_its_own(text: str) -> None:
    shape = handles.skeleton(text)
    assert handles.skeleton(shape) == shape
    for seen, meant in (("0", "o"), ("1", "l"), ("i", "l"), ("m", "rn"), ("w", "vv"), (".", ""), ("_", "")):
        assert handles.skeleton(text.replace(seen, meant)) == shape
        assert handles.skeleton(text.replace(meant, seen) if meant else text) == shape


@given(st.text())
def test_whatever_is_typed_what_is_suggested_can_be_had(text: str) -> None:
    near = list(handles.candidates(text))
    assert near == list(handles.candidates(text))
    assert all(handles.well_formed(each) and handles.key(each) == each and not handles.reserved(each) for each in near)
    assert any(near)


@given(st.characters(categories=["Ll", "Lu", "Lo"], exclude_characters=string.ascii_letters))
def test_a_letter_that_is_not_plain_is_refused_unless_it_is_another_form_of_a_plain_one(letter: str) -> None:
    assert handles.well_formed(f"ju{letter}no") == unicodedata.normalize("NFKC", letter).isascii()


@pytest.mark.parametrize("typed", ["JUNO", "@juno", "ｊｕｎｏ", "  Juno ", "𝒿𝓊𝓃ℴ"])  # noqa: RUF001 - what this is about
def test_forms_of_one_handle_are_one(typed: str) -> None:
    assert handles.well_formed(typed)
    assert handles.key(typed) == "juno"


@pytest.mark.parametrize(
    "typed",
    [
        "j",
        "a" * 25,
        ".juno",
        "juno.",
        "ju..no",
        "ju._no",
        "ju no",
        "ju-no",
        "jun\u043e",
        "ßen",
        "josé",
        "ju\0no",
        "",
        "@",
        "🎻",
    ],
)
async def test_a_badly_formed_handle_is_refused_with_the_letters_it_may_have(
    client: httpx.AsyncClient, typed: str
) -> None:
    answer = await client.post("/api/v1/accounts", json=form(handle=typed, email="juno@example.org"))
    assert code(answer) == "handle_invalid"
    assert "letters a to z, digits, dots and underscores" in answer.json()["error"]["sentence"]


@pytest.mark.parametrize("typed", ["admin", "Adm1n", "ad.min", "nonet", "n0net", "sett1ngs", "moderat0r"])
async def test_words_of_the_server_and_their_lookalikes_are_reserved(client: httpx.AsyncClient, typed: str) -> None:
    assert code(await client.post("/api/v1/accounts", json=form(handle=typed))) == "handle_reserved"


@pytest.mark.parametrize("typed", ["Marlow", "marl0w", "m.arlow", "rnarlow", "marlovv", "mar1ow", "mariow", "MARLOW"])
async def test_a_handle_that_looks_like_someones_is_taken(
    client: httpx.AsyncClient, member: MakeMember, typed: str
) -> None:
    await member("marlow")
    answer = await client.post("/api/v1/accounts", json=form(handle=typed, email="other@example.org"))
    assert code(answer) == "handle_taken"
    assert answer.status_code == 409
    error = answer.json()["error"]
    exact = typed.lower() == "marlow"
    assert error["sentence"].startswith(
        "@marlow is taken. " if exact else f"@{typed} looks like @marlow, which is taken. "
    )
    assert error["details"]["suggestions"]


async def test_a_taken_handle_comes_with_free_ones_that_really_are(
    client: httpx.AsyncClient, member: MakeMember
) -> None:
    await member("juno")
    await member("juno.plays")
    state = (await client.get("/api/v1/handles/Juno")).json()
    assert state == (await client.get("/api/v1/handles/Juno")).json()
    assert (state["free"], state["code"], len(state["suggestions"])) == (False, "handle_taken", 3)
    assert "juno.plays" not in state["suggestions"]
    for near in state["suggestions"]:
        assert (await client.get(f"/api/v1/handles/{near}")).json() == {
            "handle": near,
            "free": True,
            "code": None,
            "sentence": None,
            "suggestions": [],
        }


async def test_ones_own_handle_is_free_for_oneself(member: MakeMember, client: httpx.AsyncClient) -> None:
    juno = await member("juno")
    assert (await juno.client.get("/api/v1/handles/juno")).json()["free"]
    assert not (await client.get("/api/v1/handles/juno")).json()["free"]


async def test_a_handle_with_accents_is_offered_without_them(client: httpx.AsyncClient) -> None:
    state = (await client.get("/api/v1/handles/José Núñez")).json()
    assert state["code"] == "handle_invalid"
    assert state["suggestions"][0] == "jose.nunez"


@pytest.mark.usefixtures("frozen_clock")
async def test_asking_for_handles_is_bounded_by_address(browser: Browser) -> None:
    here, there = browser("203.0.113.5"), browser("203.0.113.6")
    answers = [await here.get("/api/v1/handles/juno") for _ in range(121)]
    assert [answer.status_code for answer in answers] == [200] * 120 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert (await there.get("/api/v1/handles/juno")).status_code == 200
