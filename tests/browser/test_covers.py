"""A group that grows, what waits for a moderator, and a covered video that plays for who asks: in a real browser."""

import re
from collections.abc import Callable, Iterator

import pytest
from pages import DESKTOP, Open
from playwright.sync_api import Page, expect
from running import Product, wait_for
from society import Society, film, moves

pytestmark = pytest.mark.browser

Keep = Callable[..., None]
ASKED_FOR = """
() => performance.getEntriesByType('resource').map(each => each.name).filter(name => /\\/m\\/[0-9]/.test(name))
"""


@pytest.fixture(scope="module")
def society(product: Product) -> Iterator[Society]:
    """Give Mara with one video, Otto and Ilse who follow her, Juno, and Pia, who operates the server."""
    made = Society(product)
    mara, otto, ilse = made.join("Mara"), made.join("Otto"), made.join("Ilse")
    made.join("Juno")
    link = re.search(r"/setup/(\S+)", product.said)
    assert link, product.said
    assert made.join("Pia").ask("POST", f"/api/v1/setup/{link[1]}").is_success
    for each in (otto, ilse):
        assert each.ask("PUT", f"/api/v1/people/{mara.handle}/follow").is_success
    upload = mara.upload(film(4), caption="Nine glasses, and one that breaks")
    made.videos = [mara.wait(upload, "playable", "complete")["id"]]
    wait_for(lambda: mara.videos()[0]["state"] == "published", "the video to be published")
    yield made
    made.end()


def test_a_group_gets_people_and_a_name_and_says_who_did_it(society: Society, profile: Open, keep: Keep) -> None:
    mara, otto, ilse, juno = (society.people[name].handle for name in ("Mara", "Otto", "Ilse", "Juno"))
    assert society.people["Juno"].ask("PUT", f"/api/v1/people/{mara}/follow").is_success
    made = society.people["Mara"].ask("POST", "/api/v1/threads", json={"handles": [otto, ilse]}).json()
    theirs = society.enter(profile, "Otto")
    theirs.goto(f"/messages/{made['id']}")
    mine = society.enter(profile, "Mara", color_scheme="light")
    mine.goto(f"/messages/{made['id']}")
    _change(mine)
    mine.get_by_label("Whom to add").fill(f"@{juno}")
    keep(mine, "covers-1-group-phone")
    mine.get_by_role("button", name="Add people").click()
    expect(mine.get_by_text("You added Juno")).to_be_visible()
    expect(theirs.get_by_text("Mara added Juno")).to_be_visible()
    _change(mine)
    mine.get_by_label("Name of the group").fill("Glasses")
    mine.get_by_role("button", name="Keep the name").click()
    expect(mine.get_by_role("heading", name="Glasses")).to_be_visible()
    expect(theirs.get_by_text("Mara named the group Glasses")).to_be_visible()
    keep(theirs, "covers-2-lines-phone")
    added = society.enter(profile, "Juno")
    added.goto("/messages")
    added.goto(f"/messages/{made['id']}")
    expect(added.get_by_text("Mara added you")).to_be_visible()


def _change(page: Page) -> None:
    page.get_by_role("button", name=re.compile("More about")).click()
    page.get_by_role("button", name="Change the group").click()


def test_a_new_case_is_counted_at_once_and_a_covered_video_waits_to_be_asked(
    society: Society, profile: Open, keep: Keep
) -> None:
    (video,) = society.videos
    desk = society.enter(profile, "Pia", viewport=DESKTOP)
    desk.goto("/discover")
    queue = desk.get_by_role("navigation").get_by_role("link", name=re.compile("Moderation"))
    expect(queue).to_be_visible()
    expect(queue).not_to_contain_text("1")
    form = {"kind": "video", "id": video, "category": "other", "text": "The glass."}
    assert society.people["Otto"].ask("POST", "/api/v1/reports", json=form).status_code == 201
    expect(queue).to_contain_text("1")
    keep(desk, "covers-3-badge-desktop")
    queue.click()
    desk.get_by_role("link", name=re.compile("Video by")).click()
    desk.get_by_text("Covered", exact=True).click()
    desk.get_by_label("Rule", exact=True).select_option(label="Dangerous acts")
    desk.get_by_label("Reason, as both sides will read it").fill("The glass breaks near the hand.")
    desk.get_by_role("button", name="Decide").click()
    expect(desk.get_by_text("Decision made. Both sides are told.")).to_be_visible()
    expect(queue).not_to_contain_text("1")

    page = society.enter(profile, "Juno")
    page.goto("/")
    expect(page.get_by_text("Nothing of it plays before you ask.")).to_be_visible()
    assert not moves(page)
    assert page.evaluate(ASKED_FOR) == []
    keep(page, "covers-4-covered-phone")
    page.get_by_role("button", name="Show", exact=True).click()
    wait_for(lambda: moves(page), "the video to play")
    expect(page.get_by_text("Nothing of it plays before you ask.")).to_have_count(0)
    page.goto(f"/@{society.people['Mara'].handle}")
    expect(page.get_by_text("Sensitive")).to_be_visible()
    keep(page, "covers-5-grid-phone")
