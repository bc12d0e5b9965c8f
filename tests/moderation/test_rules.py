"""The rules as people read them are the rules that decisions name."""

import re
from pathlib import Path

from nonet.moderation import rules

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "rules.md"


def test_the_guide_shows_every_rule_as_it_is() -> None:
    table = PAGE.read_text("utf-8").split("<!-- rules", 1)[1].split("\n\n", 1)[0]
    rows = re.findall(r"^\| (.+?) \| `(\w+)` \| (.+?) \|$", table, re.MULTILINE)
    assert rows == [(rule.title, rule.code, rule.sentence) for rule in rules.RULES]


def test_codes_are_used_once_and_every_category_leads_to_a_rule() -> None:
    assert len(rules.RULE) == len(rules.RULES)
    assert len(rules.CATEGORY) == len(rules.CATEGORIES)
    assert {category.rule for category in rules.CATEGORIES} == set(rules.RULE)


def test_the_safety_of_children_comes_first() -> None:
    first, second = sorted(rules.CATEGORIES, key=lambda each: -each.priority)[:2]
    assert first.rule == "minors"
    assert first.priority > second.priority
