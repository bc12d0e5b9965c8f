# ruff: noqa: RUF001 - other scripts and widths are what is tested
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonet.core import texts

WRITTEN = st.text(max_size=60)


@given(WRITTEN)
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    once = texts.fold(text)
    assert texts.fold(once) == once


def test_no_letter_of_unicode_folds_twice() -> None:
    twice = [
        point for point in range(sys.maxunicode + 1) if texts.fold(texts.fold(chr(point))) != texts.fold(chr(point))
    ]
    assert twice == []


@given(WRITTEN)
def test_case_and_compatibility_forms_make_no_difference(text: str) -> None:
    assert texts.fold(unicodedata.normalize("NFD", text)) == texts.fold(unicodedata.normalize("NFC", text))
    assert "\0" not in texts.fold(text)


@pytest.mark.parametrize(
    ("caption", "tags"),
    [
        ("#Tea", [("tea", "Tea")]),
        ("Tea #Ｔｅａ #tea", [("tea", "Ｔｅａ")]),
        ("#Straße and #STRASSE", [("strasse", "Straße")]),
        ("#हिन्दी #ไทย #日本語 #العربية #Ελλάδα", None),
        ("#کتاب\u200cخانه", [("کتابخانه", "کتاب\u200cخانه")]),
        ("＃東京", [("東京", "東京")]),
        ("#1 #2026 #_", []),
        ("#90s", [("90s", "90s")]),
        ("a#b &#39; example.org/#top ##x", []),
        ("(#tea),#cake!", [("tea", "tea"), ("cake", "cake")]),
        ("#cafe\u0301 #café", [("café", "cafe\u0301")]),
        ("#" + "a" * 81, []),
        ("#tea\ufe0f #t\u200bea", [("tea", "tea\ufe0f"), ("t", "t")]),
    ],
)
def test_hashtags_are_found_in_any_script(caption: str, tags: list[tuple[str, str]] | None) -> None:
    found = texts.hashtags(caption)
    if tags is None:
        assert [name for _, name in found] == [word[1:] for word in caption.split()]
    else:
        assert found == tags


@given(WRITTEN)
def test_a_hashtag_is_found_again_by_its_folded_name(caption: str) -> None:
    for folded, name in texts.hashtags(caption):
        assert texts.tag(name) == texts.tag(folded) == folded
        assert texts.hashtags("#" + folded) == [(folded, folded)]
        assert name in caption


@pytest.mark.parametrize(
    ("caption", "named"),
    [
        ("@juno and @Ilse.K.", ["juno", "ilse.k"]),
        ("with @juno, @JUNO and ＠ｊｕｎｏ", ["juno"]),
        ("mail me at juno@example.org", []),
        ("@juno@example.org", []),
        ("@a", []),
        ("@" + "a" * 25, []),
        ("@junoü", []),
        ("@ab.cü", []),
        ("(@juno_2)", ["juno_2"]),
        ("example.org/@juno", []),
    ],
)
def test_mentions_are_handles_at_the_beginning_of_a_word(caption: str, named: list[str]) -> None:
    assert texts.mentions(caption) == named


@given(WRITTEN)
def test_a_mention_is_always_a_handle_that_could_be_taken(caption: str) -> None:
    for handle in texts.mentions("@" + caption):
        assert texts.mentions(f"@{handle}") == [handle]
