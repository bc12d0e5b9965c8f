"""What someone typed becomes patterns and queries that mean nothing else. Pure."""

import re

from hypothesis import given
from hypothesis import strategies as st

from nonet.search import words


@given(st.text(max_size=300))
def test_whatever_is_typed_becomes_a_bounded_line(typed: str) -> None:
    made = words.folded(typed)
    assert "\0" not in made
    assert made == " ".join(made.split())


@given(st.text(max_size=100))
def test_a_pattern_matches_its_text_alone(typed: str) -> None:
    made = words.pattern(typed, anywhere=False)
    plain = re.sub(r"\\(.)", r"\1", made[:-1], flags=re.DOTALL)
    assert (plain, made[-1]) == (typed, "%")
    assert not re.search(r"(?<!\\)(\\\\)*[%_]", made[:-1])


@given(st.text(max_size=100))
def test_a_query_has_words_between_its_signs_and_nothing_else(typed: str) -> None:
    made = words.tsquery(words.folded(typed))
    assert not made or re.fullmatch(r"'[^'\\\s&|!:*()<>]+'( & '[^'\\\s&|!:*()<>]+')*:\*", made)
