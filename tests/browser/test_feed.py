# ruff: noqa: RUF001 - sentences stand here as the page writes them
"""The feed as it is watched: by finger, wheel and keys, with and without a line, with and without motion."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import probes
import pytest
import society
from pages import DESKTOP, PHONE, Open
from playwright.sync_api import Page, Request, expect
from running import Product, wait_for
from society import IN_VIEW, Society, finger, in_view, moves, slide, swipe, untouched, watch

pytestmark = pytest.mark.browser

HEARD = "() => [...document.querySelectorAll('[role=feed] video')].some(v => !v.paused && !v.muted)"
MOVING = "() => [...document.querySelectorAll('[role=feed] video')].filter(v => !v.paused).length"
# A sweep over a trackpad runs on for as long as it likes; sent one by one from here it could seem to be two.
SWEEP = """
strengths => {
  const feed = document.querySelector('[role=feed]')
  const way = { bubbles: true, cancelable: true }
  for (const deltaY of strengths) feed.dispatchEvent(new WheelEvent('wheel', { deltaY, ...way }))
}
"""
CAPTION = "Filled by ear, tuned with a teaspoon #kitchen @ilseplays"
# Which sources have shown a frame, paused or not.
SHOWN = """
(() => {
  self.shown = new Map()
  const arm = v => v.requestVideoFrameCallback(() => self.shown.set(v, v.currentSrc))
  document.addEventListener('loadstart', event => arm(event.target), true)
})()
"""
NEXT_IS_DECODED = """
() => {
  const feed = document.querySelector('[role=feed]'), { bottom } = feed.getBoundingClientRect()
  const next = [...feed.querySelectorAll('video')].find(v => Math.abs(v.getBoundingClientRect().top - bottom) < 2)
  return !!next && next.paused && next.readyState >= 2 && self.shown.get(next) === next.currentSrc
}
"""


@pytest.fixture(scope="module")
def town(product: Product) -> Iterator[Society]:
    """Two people, one of whom published four clips, each of its own length."""
    made = Society(product)
    for name in ("Ilse", "Bram"):
        made.join(name)
    captions = [CAPTION, "Second take #kitchen", "Third take", "Fourth take, with the window open"]
    begun = [made.people["Ilse"].upload(society.film(3 + n), caption=text) for n, text in enumerate(captions)]
    for upload in begun:
        video = made.people["Ilse"].wait(upload, "playable", "complete")
        made.videos.append(video["id"])
    wait_for(lambda: len(made.get("Ilse", "/people/ilseplays/videos")["items"]) == len(captions), "all to be listed")
    yield made
    for person in made.people.values():
        person.http.close()


def events_of(page: Page) -> list[dict[str, Any]]:
    """Return a list that fills with the events a page sends from then on, by whatever request."""
    found: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        if request.url.endswith(("/api/v1/events", "/api/v1/feed")) and request.post_data:
            found.extend(json.loads(request.post_data).get("events", []))

    page.on("request", note)
    return found


def begin(page: Page) -> str:
    """Open the feed, from its beginning when all of it was seen; returns the video that plays then."""
    page.goto("/")
    again = page.locator(".end:not([inert]) button", has_text="Begin again")
    wait_for(lambda: moves(page) or again.count() > 0, "the feed")
    if again.count():
        again.click()
    wait_for(lambda: moves(page), "the first video to play")
    return in_view(page)


def test_a_visitor_watches_at_once_and_the_next_video_is_decoded_before_the_finger_moves(
    town: Society, profile: Open, keep: Callable[..., None]
) -> None:
    page = town.enter(profile, None)
    page.add_init_script(SHOWN)
    seen = [watch(page)]
    keep(page, "feed-visitor-phone")
    while len(seen) < len(town.videos):
        wait_for(lambda: bool(page.evaluate(NEXT_IS_DECODED)), "the next video's first frame")
        seen.append(swipe(page))
        wait_for(lambda: moves(page), "the next video to play")
        assert page.locator("[role=feed] video").count() == 3
        wait_for(lambda: page.evaluate(MOVING) == 1, "all others to stand")
    assert sorted(seen) == sorted(town.videos)
    assert swipe(page) == ""
    expect(page.get_by_role("heading", name="You have seen everything")).to_be_visible()
    page.get_by_role("button", name="Begin again").click()
    wait_for(lambda: moves(page), "the feed to begin again")


def test_a_picture_that_comes_into_view_moves_and_stands_back_when_the_finger_turns(
    town: Society, profile: Open
) -> None:
    page = town.enter(profile, None)
    page.add_init_script(SHOWN)
    first = watch(page)
    wait_for(lambda: bool(page.evaluate(NEXT_IS_DECODED)), "the next video's first frame")
    with finger(page) as touch:
        touch("touchStart", 0.7)
        for part in (0.65, 0.6, 0.5, 0.4):
            touch("touchMove", part)
        wait_for(lambda: page.evaluate(MOVING) == 2, "the next picture to move")
        for part in (0.5, 0.6, 0.68):
            touch("touchMove", part)
        wait_for(lambda: page.evaluate(MOVING) == 1, "the next picture to stand")
        touch("touchEnd")
    wait_for(lambda: in_view(page) == first, "the strip to stand back")
    wait_for(lambda: bool(page.evaluate(NEXT_IS_DECODED)), "the next video to stand at its first frame")


def test_keys_buttons_and_one_gesture_of_a_wheel_each_go_on_by_one(town: Society, profile: Open) -> None:
    page = town.enter(profile, None, viewport=DESKTOP)
    first = watch(page)

    def goes(act: Callable[[], object]) -> str:
        before = in_view(page)
        act()
        wait_for(lambda: in_view(page) not in {before, ""} and moves(page), "another video")
        return in_view(page)

    second = goes(lambda: page.keyboard.press("ArrowDown"))
    assert goes(lambda: page.keyboard.press("k")) == first
    assert goes(page.get_by_role("button", name="Next video").first.click) == second
    assert goes(lambda: page.keyboard.press("PageUp")) == first
    page.mouse.move(DESKTOP["width"] / 2 - 60, 400)

    assert goes(lambda: page.mouse.wheel(0, 100)) == second
    assert goes(lambda: page.keyboard.press("ArrowUp")) == first
    assert goes(lambda: page.evaluate(SWEEP, [40, 120, 90, 60, 40, 25, 12, 6])) == second
    page.keyboard.press(" ")
    wait_for(lambda: not moves(page), "the pause")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_sound_comes_with_the_first_gesture_and_stays_for_the_next_video(town: Society, profile: Open) -> None:
    page = town.enter(profile, None)
    page.goto("/")
    wait_for(lambda: untouched(page, IN_VIEW)[1], "the first video to play")
    assert not untouched(page, HEARD)
    first = in_view(page)
    expect(page.get_by_role("button", name="Tap for sound")).to_be_visible()
    page.keyboard.press("Shift")
    wait_for(lambda: bool(page.evaluate(HEARD)), "the sound")
    page.keyboard.press("j")
    wait_for(lambda: in_view(page) not in {first, ""} and moves(page), "the next video")
    wait_for(lambda: bool(page.evaluate(HEARD)), "its sound")
    page.keyboard.press("m")
    wait_for(lambda: not page.evaluate(HEARD), "silence")
    page.reload()
    wait_for(lambda: moves(page), "the feed")
    page.keyboard.press("Shift")
    assert not page.evaluate(HEARD)
    page.keyboard.press("m")
    wait_for(lambda: bool(page.evaluate(HEARD)), "the sound")


def test_the_position_is_dragged_over_frames_of_the_video(
    town: Society, profile: Open, keep: Callable[..., None]
) -> None:
    video = town.videos[3]
    wait_for(lambda: town.get("Bram", f"/videos/{video}")["sprite"] is not None, "the frames")
    page = town.enter(profile, "Ilse", viewport=DESKTOP)
    watch(page, f"/v/{video}")
    page.keyboard.press(" ")
    rail = slide(page).get_by_role("slider", name="Position")
    box = rail.bounding_box()
    assert box
    page.mouse.move(box["x"] + 10, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    tile = slide(page).locator(".tile")
    expect(tile).to_be_visible()
    assert town.get("Bram", f"/videos/{video}")["sprite"]["url"] in tile.evaluate("e => e.style.backgroundImage")
    keep(page, "feed-scrubbing-desktop")
    page.mouse.up()
    expect(tile).to_have_count(0)
    length = int(rail.get_attribute("aria-valuemax") or 0)
    assert abs(int(rail.get_attribute("aria-valuenow") or 0) - 0.75 * length) <= 1
    rail.press("Home")
    expect(rail).to_have_attribute("aria-valuenow", "0")


def test_what_was_watched_is_told_at_the_swipe_and_counts(town: Society, profile: Open) -> None:
    page = town.enter(profile, "Bram")
    events = events_of(page)
    before = {video: town.count(video, "views") for video in town.videos}
    first = watch(page)
    wait_for(
        lambda: page.evaluate("[...document.querySelectorAll('video')].some(v => v.currentTime > 2.2)"), "two seconds"
    )
    swipe(page)

    def told() -> list[dict[str, Any]]:
        """Return the events of the first video; requests are heard of only while the page is asked something."""
        in_view(page)
        return [event for event in events if event["video_id"] == first]

    wait_for(lambda: {"impression", "start"} <= {event["kind"] for event in told()}, "the start")
    wait_for(lambda: sum(event.get("played_ms", 0) for event in told()) > 2000, "the played time")
    assert [e["id"] for e in events] == sorted(e["id"] for e in events)
    wait_for(lambda: town.count(first, "views") == before[first] + 1, "the view to count")
    assert town.get("Bram", "/me/history")["items"][0]["id"] == first

    def skips() -> bool:
        """Look at a video for less than two seconds, as far as the machine is quick enough for that."""
        for key in ("j", "k"):
            page.keyboard.press(key)
            wait_for(lambda: moves(page), "the video to play")
        return any(e["kind"] == "skip" for e in events)

    wait_for(skips, "a skip")


def test_events_wait_for_a_line_and_then_arrive(town: Society, profile: Open) -> None:
    page = town.enter(profile, "Bram")
    begin(page)
    page.context.set_offline(True)
    page.keyboard.press("j")
    wait_for(lambda: bool(society.kept_events(page)), "events to be kept")
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    wait_for(lambda: not society.kept_events(page), "the kept events to arrive")


def test_two_taps_like_and_a_hold_plays_twice_as_fast(town: Society, profile: Open) -> None:
    page = town.enter(profile, "Bram")
    page.goto(f"/v/{town.videos[0]}")
    wait_for(lambda: moves(page), "the video to play")
    like = slide(page).get_by_role("button", name="Like,")
    expect(like).to_have_attribute("aria-pressed", "false")
    for _ in range(2):
        page.touchscreen.tap(180, 320)
    expect(like).to_have_attribute("aria-pressed", "true")
    wait_for(lambda: town.count(town.videos[0], "likes") == 1, "the like to count")
    page.mouse.move(180, 320)
    page.mouse.down()
    expect(page.get_by_text("Twice as fast")).to_be_visible()
    page.mouse.up()
    expect(page.get_by_text("Twice as fast")).to_have_count(0)
    wait_for(lambda: moves(page), "the video to go on")
    page.keyboard.press("l")
    wait_for(lambda: town.count(town.videos[0], "likes") == 0, "the like to be taken back")


def test_a_visitor_is_offered_the_door_in_place_and_comes_back(town: Society, profile: Open) -> None:
    page = town.enter(profile, None)
    page.goto(f"/v/{town.videos[1]}")
    wait_for(lambda: moves(page), "the video to play")
    slide(page).get_by_role("button", name="Save,").click()
    door = page.get_by_role("dialog", name="Sign up to save this")
    door.get_by_role("link", name="Sign in").click()
    page.get_by_label("Name here or e-mail").fill("bramplays")
    page.get_by_label("Password", exact=True).fill("nine quiet glasses")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**/v/{town.videos[1]}")
    save = slide(page, town.videos[1]).get_by_role("button", name="Save,")
    save.click()
    expect(save).to_have_attribute("aria-pressed", "true")


def test_comments_are_written_answered_and_taken_back(town: Society, profile: Open, keep: Callable[..., None]) -> None:
    page = town.enter(profile, "Bram")
    page.goto(f"/v/{town.videos[0]}")
    wait_for(lambda: moves(page), "the video to play")
    slide(page).get_by_role("button", name="0 comments").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_role("textbox").fill("The F sharp wobbling is the best part.")
    sheet.get_by_role("button", name="Send comment").click()
    expect(sheet.get_by_role("heading", name="1 comment")).to_be_visible()
    keep(page, "feed-comments-phone")

    author = town.enter(profile, "Ilse", viewport=DESKTOP, color_scheme="light")
    author.goto(f"/v/{town.videos[0]}")
    pane = author.get_by_role("complementary", name="About this video")
    pane.get_by_role("button", name="Reply to Bram").click()
    pane.get_by_role("textbox").fill("Please never fix it? I won’t.")
    pane.get_by_role("button", name="Send comment").click()
    expect(pane.get_by_text("Creator")).to_be_visible()
    pane.get_by_role("button", name="More about the comment by Bram").click()
    pane.get_by_role("button", name="Pin", exact=True).click()
    expect(pane.get_by_text("Pinned")).to_be_visible()
    keep(author, "feed-pane-desktop")
    assert town.count(town.videos[0], "comments") == 2

    sheet.get_by_role("button", name="More about the comment by Bram").click()
    sheet.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Undo").click()
    expect(sheet.get_by_text("The F sharp wobbling")).to_be_visible()
    assert town.count(town.videos[0], "comments") == 2


def test_what_nobody_wants_to_see_is_gone_at_once_and_can_come_back(town: Society, profile: Open) -> None:
    page = town.enter(profile, "Bram")
    page.goto(f"/v/{town.videos[2]}")
    wait_for(lambda: moves(page), "the video to play")
    slide(page).get_by_role("button", name="Why this video").click()
    page.get_by_role("dialog").get_by_role("button", name="Not interested").click()
    expect(slide(page, town.videos[2]).get_by_text("You won’t see this one again.")).to_be_visible()
    wait_for(lambda: town.videos[2] not in town.offered("Bram"), "the feed to know")
    slide(page, town.videos[2]).get_by_role("button", name="Undo").click()
    wait_for(lambda: moves(page), "the video to come back")

    slide(page).get_by_role("button", name="Why this video").click()
    page.get_by_role("dialog").get_by_role("button", name="Report video").click()
    report = page.get_by_role("dialog", name="Report video")
    report.get_by_label("Something else").check()
    report.get_by_label("What else should moderators know?").fill("Too many glasses")
    report.get_by_role("button", name="Send report").click()
    expect(page.get_by_text("Reported. You won’t see it again.")).to_be_visible()
    assert town.status("Bram", f"/videos/{town.videos[2]}") == 404


def test_the_feed_says_why_and_shares_by_a_link_of_its_own(town: Society, profile: Open) -> None:
    page = town.enter(profile, "Ilse")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    # What a system with a sheet of its own gives its pages; this browser has none.
    page.add_init_script("navigator.share = async passed => { self.passed = passed }")
    video = begin(page)
    slide(page).get_by_role("button", name="Why this video").click()
    expect(page.get_by_role("dialog").locator(".reasons li").first).to_be_visible()
    page.keyboard.press("Escape")
    slide(page).get_by_role("button", name="Share,").click()
    page.get_by_role("dialog").get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Link copied")).to_be_visible()
    assert f"/v/{video}?s=" in page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("dialog").get_by_role("button", name="Share with…").click()
    wait_for(lambda: f"/v/{video}?s=" in page.evaluate("self.passed?.url ?? ''"), "the system's own sheet")


def test_with_less_motion_nothing_plays_until_it_is_asked_for(town: Society, profile: Open) -> None:
    page = town.enter(profile, None, reduced_motion="reduce")
    page.goto(f"/v/{town.videos[0]}")
    play = slide(page, town.videos[0]).get_by_role("button", name="Play").first
    expect(play).to_be_visible()
    assert not moves(page)
    play.click()
    wait_for(lambda: moves(page), "the video to play")
    page.keyboard.press("ArrowDown")
    wait_for(lambda: in_view(page) not in {town.videos[0], ""}, "the next video")
    expect(slide(page).get_by_role("button", name="Play").first).to_be_visible()
    assert page.evaluate("[...document.querySelectorAll('video')].every(v => v.paused)")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_feed_can_be_used_by_everyone(
    town: Society, profile: Open, keep: Callable[..., None], size: dict[str, int]
) -> None:
    page = town.enter(profile, "Bram", viewport=size, reduced_motion="reduce")
    page.goto(f"/v/{town.videos[0]}")
    expect(slide(page, town.videos[0]).get_by_role("slider", name="Position")).to_be_visible()
    found: list[str] = []
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {fault}" for fault in probes.violations(page)]
        keep(page, f"feed-{size['width']}-{scheme}")
    found += probes.overflowing(page)
    reached: list[str] = []
    page.evaluate("document.activeElement.blur()")
    for _ in range(60):
        page.keyboard.press("Tab")
        inside = page.evaluate("document.activeElement.closest('article')?.dataset.video ?? ''")
        reached.append(inside)
    assert set(reached) <= {"", town.videos[0]}
    assert town.videos[0] in reached
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found += [f"at 200 %: {fault}" for fault in probes.overflowing(page)]
    page.goto(f"/v/{town.videos[0]}?lang=xx-rtl")
    expect(slide(page, town.videos[0]).get_by_role("slider")).to_be_visible()
    found += [f"right to left: {fault}" for fault in probes.overflowing(page)]
    keep(page, f"feed-{size['width']}-right-to-left")
    assert not found, "\n".join(found)


def test_the_app_opens_without_a_line_and_says_so(town: Society, profile: Open) -> None:
    page = town.enter(profile, None)
    watch(page)
    wait_for(
        lambda: bool(page.evaluate("navigator.serviceWorker.getRegistration().then(r => !!(r && r.active))")),
        "the service worker",
    )
    page.context.set_offline(True)
    page.goto("/")
    expect(page.get_by_text("There is no connection").first).to_be_visible()
    page.context.set_offline(False)
    wait_for(lambda: moves(page), "the feed to come back by itself")
    manifest = page.request.get("/manifest.webmanifest").json()
    assert manifest["display"] == "standalone"
    assert all(page.request.get(icon["src"]).ok for icon in manifest["icons"])
