"""docs/reference/events.md says what the code does."""

import re
from pathlib import Path

from nonet.signals import counts
from nonet.signals.kinds import Kind
from nonet.signals.tables import Count

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "events.md").read_text("utf-8")


def test_every_kind_of_event_is_on_the_page_by_its_number() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", PAGE, re.MULTILINE)
    assert [(name, int(number)) for name, number in rows] == [(kind.name.lower(), int(kind)) for kind in Kind]


def test_every_counter_is_on_the_page() -> None:
    part = PAGE.split("## What counts")[1]
    named = set(
        re.findall(r"`(\w+)`", "\n".join(line.split("|")[1] for line in part.splitlines() if line[:3] == "| `"))
    )
    assert named == {column.name for column in Count.__table__.columns} - {"video_id", "revision"}
    acted = set(re.findall(r"^\| `\w+` \| \d+ \| `(\w+)` \|", PAGE, re.MULTILINE))
    assert acted == set(counts.CHANGED)
