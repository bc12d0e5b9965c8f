"""What a text may hold, and which words are found in it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.social import wording


@given(st.text(max_size=60))
def test_a_cleaned_text_is_clean_and_stays_as_it_is(text: str) -> None:
    try:
        made = wording.clean("A comment", text, 50)
    except wording.WordsInvalid:
        return
    assert wording.clean("A comment", made, 50) == made
    assert 1 <= len(made) <= 50
    assert made == made.strip() == unicodedata.normalize("NFC", made)
    assert "\n\n\n" not in made
    assert not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in made if letter != "\n")


@given(st.text(max_size=300), st.integers(2, 50))
def test_an_excerpt_is_one_line_of_its_length(text: str, most: int) -> None:
    made = wording.excerpt(text, most)
    assert len(made) <= most
    assert made == " ".join(made.split())


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("The RAS is here", ["ras"], True),
        ("grass", ["ras"], False),
        ("ras!", ["ras"], True),
        ("a new  shoe", ["new shoe"], True),
        ("straße", ["strasse"], True),
        ("今日は天気", ["天気"], True),
        ("what :-( now", [":-("], True),
        ("anything", [], False),
        ("\uff52\uff41\uff53", ["ras"], True),
    ],
)
def test_a_word_is_found_as_a_word(text: str, words: list[str], found: bool) -> None:
    assert wording.has_any(text, words) == found
