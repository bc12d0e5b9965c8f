"""The one decision of who may write to whom, over every way two people can stand to each other."""

from itertools import product

import pytest

from nonet.core import errors
from nonet.social import admission
from nonet.social.admission import Standing

TRUTH = (False, True)
EVERY = [
    Standing("ines", *values)
    for values in product(
        TRUTH, TRUTH, TRUTH, ("everyone", "followed", "nobody"), (None, "in", "asked", "left"), TRUTH, TRUTH, TRUTH
    )
]


def outcome(standing: Standing, *, with_video: bool = False) -> str:
    try:
        return admission.admit(standing, with_video=with_video)
    except errors.Refusal as refusal:
        return refusal.code


ALL = [(each, with_video, outcome(each, with_video=with_video)) for each in EVERY for with_video in TRUTH]
ARRIVES = {"in", "asked"}


def test_nothing_reaches_who_has_blocked_or_is_away() -> None:
    assert {said for each, _, said in ALL if not each.reachable} == {"not_found"}


def test_nothing_reaches_a_minor_from_someone_they_do_not_follow() -> None:
    assert not [each for each, _, said in ALL if each.minor and not each.follows and said in ARRIVES]


def test_a_minor_writes_only_where_an_answer_could_reach_them() -> None:
    assert not [each for each, _, said in ALL if each.writer_minor and not each.writer_follows and said in ARRIVES]


def test_a_stranger_begins_with_one_request_of_text() -> None:
    strangers = [row for row in ALL if not row[0].follows and row[0].seat != "in"]
    assert not [each for each, _, said in strangers if said == "in"]
    assert not [each for each, with_video, said in strangers if said == "asked" and (with_video or each.sent)]
    assert {each.messages_from for each, _, said in strangers if said == "asked"} == {"everyone"}


def test_who_declined_or_left_is_not_asked_again_by_a_stranger() -> None:
    assert not [each for each, _, said in ALL if each.seat == "left" and not each.follows and said in ARRIVES]


def test_a_setting_closes_what_has_not_begun_and_nothing_else() -> None:
    begun = [(each, said) for each, _, said in ALL if each.seat == "in" and each.reachable]
    free = [said for each, said in begun if not each.minor and not each.writer_minor]
    assert set(free) == {"in"}
    closed = [said for each, _, said in ALL if each.messages_from == "nobody" and each.seat != "in"]
    assert ARRIVES.isdisjoint(closed)


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (Standing("ines"), "asked"),
        (Standing("ines", follows=True), "in"),
        (Standing("ines", seat="asked", sent=True), "request_waits"),
        (Standing("ines", seat="asked", sent=True, follows=True), "in"),
        (Standing("ines", messages_from="followed"), "messages_closed"),
        (Standing("ines", minor=True), "messages_closed"),
        (Standing("ines", writer_minor=True), "follow_first"),
    ],
)
def test_each_rule_has_its_answer(standing: Standing, said: str) -> None:
    assert outcome(standing) == said


def test_a_request_takes_no_video() -> None:
    assert outcome(Standing("ines"), with_video=True) == "request_text_only"
