# ruff: noqa: RUF001 - sentences stand here as the page writes them
"""Two people and a visitor: watch, like, comment, follow, share, write, report, decide, appeal, block, leave."""

import re
import zipfile
from collections.abc import Callable, Iterator

import probes
import pytest
from pages import DESKTOP, PHONE, Open, fill_sign_up
from playwright.sync_api import Browser, Locator, Page, expect
from running import Product, wait_for
from society import Json, Society, bring, film, in_view, kept_events, moves, see, slide, swipe, watch

pytestmark = pytest.mark.browser

PASSWORD = "nine quiet glasses"
CAPTIONS = {
    "glasses": "Nine glasses, tuned with a teaspoon #kitchen",
    "kettle": "The kettle joins in, a quarter tone flat #kitchen #tuning",
    "rain": "Rain on the bicycle shed, in five",
}
BRASS = "Brass in the stairwell, too loud by half"
WORDS = "WEBVTT\n\n00:00.000 --> 00:04.000\nThe kettle sings an F.\n"
# What a person wrote.
SAID = "article article p[dir=auto], [role=dialog] p[dir=auto], dialog p[dir=auto], aside p[dir=auto]"
AT_REST = """
() => Promise.allSettled(document.getAnimations()
  .filter(one => one.effect.getComputedTiming().endTime < 2000).map(one => one.finished))
"""
CLIPPED = "acts => acts.map(act => getComputedStyle(act).clipPath === 'inset(50%)')"
Keep = Callable[..., None]


@pytest.fixture
def keep(keep: Keep) -> Keep:
    """Keep screenshots once what moves for a moment has come to rest."""

    def shot(page: Page, name: str) -> None:
        page.evaluate(AT_REST)
        keep(page, f"together-{name}")

    return shot


@pytest.fixture(scope="module")
def society(product: Product) -> Iterator[Society]:
    """Give Mara, who published three videos, Otto with one, and Juno, who looks on."""
    made = Society(product)
    mara, otto = made.join("Mara"), made.join("Otto")
    made.join("Juno")
    sent = [(mara, mara.upload(film(2 + n), caption=text)) for n, text in enumerate(CAPTIONS.values())]
    sent.append((otto, otto.upload(film(5), caption=BRASS)))
    made.videos = [who.wait(upload, "playable", "complete")["id"] for who, upload in sent]
    for who, _upload in sent:
        wait_for(lambda: all(video["state"] == "published" for video in who.videos()), "the videos to be published")  # noqa: B023
    address = f"/api/v1/videos/{made.videos[1]}/captions/en"
    assert mara.ask("PUT", address, content=WORDS, headers={"Content-Type": "text/vtt"}).is_success
    yield made
    made.end()


@pytest.fixture(scope="module")
def moderators(society: Society, chromium: Browser) -> Iterator[list[Page]]:
    """Give the pages of two who moderate, at a desk: the operator, who came by the printed link, and Pia."""
    link = re.search(r"http://\S+/setup/\S+", society.product.said)
    assert link, society.product.said
    hanna = chromium.new_context(base_url=society.product.address, viewport=DESKTOP)  # type: ignore[arg-type]
    page = hanna.new_page()
    page.goto(link[0])
    fill_sign_up(page, "hannakeeps")
    page.wait_for_url("**/operator")
    pia = society.join("Pia")
    role = page.request.put(
        f"/api/v1/operator/people/{pia.handle}/role",
        data={"role": "moderator"},
        headers={"Origin": society.product.address},
    )
    assert role.ok, role.text()
    context = chromium.new_context(base_url=society.product.address, viewport=DESKTOP, color_scheme="light")  # type: ignore[arg-type]
    kept = pia.http.cookies.jar
    context.add_cookies([{"name": c.name, "value": c.value or "", "url": society.product.address} for c in kept])
    yield [page, context.new_page()]
    hanna.close()
    context.close()


def test_a_visitor_watches_and_swipes_without_an_account(society: Society, profile: Open, keep: Keep) -> None:
    page = society.enter(profile, None)
    first = watch(page)
    keep(page, "1-visitor-phone")
    see(page)
    seen = [first]
    while found := swipe(page):
        wait_for(lambda: moves(page), "the next video to play")
        seen.append(found)
    assert sorted(seen) == sorted(society.videos)
    keep(page, "2-end-phone")
    wait_for(lambda: society.count(first, "views") == 1, "the visitor's view to be counted")

    assert swipe(page, up=False) == seen[-1]
    slide(page).get_by_role("button", name=re.compile("^Like")).click()
    expect(page.get_by_role("dialog", name="Sign up to like this")).to_be_visible()
    keep(page, "3-offer-phone")


def test_who_watches_likes_comments_and_follows_is_heard_by_the_author(
    society: Society, profile: Open, keep: Keep
) -> None:
    glasses, kettle, _rain, _brass = society.videos
    views = society.count(glasses, "views")
    page = society.enter(profile, "Juno")
    watch(page)
    place = bring(page, glasses)
    see(page)
    page.mouse.dblclick(195, 300)
    expect(place.get_by_role("button", name="Like, 1 like")).to_have_attribute("aria-pressed", "true")
    keep(page, "4-liked-phone")

    place.get_by_role("button", name=re.compile(r"^\d+ comments?$")).click()
    sheet = page.get_by_role("dialog")
    keep(page, "5-no-comments-phone")
    sheet.get_by_role("textbox", name="Say something to Mara").fill("Is the third glass a G?")
    sheet.get_by_role("button", name="Send comment").click()
    expect(sheet.get_by_role("article", name="Comment by Juno")).to_contain_text("Is the third glass a G?")
    sheet.get_by_role("button", name="Close").click()
    place.get_by_role("button", name="Follow Mara").click()
    expect(place.get_by_role("button", name="Follow Mara")).to_have_count(0)

    bring(page, kettle)
    page.keyboard.press("l")
    expect(slide(page).get_by_role("button", name="Like, 1 like")).to_have_attribute("aria-pressed", "true")
    wait_for(lambda: society.count(glasses, "views") == views + 1, "the view to be counted")
    slide(page).get_by_role("link", name="Mara’s profile").click()
    expect(page.get_by_role("heading", name="Mara")).to_be_visible()
    expect(page.get_by_role("link", name="1 follower")).to_be_visible()
    keep(page, "6-profile-phone")

    author = society.enter(profile, "Mara", color_scheme="light")
    author.goto("/inbox")
    for said in ("Juno likes your video", "Juno commented on your video", "Juno follows you"):
        expect(author.get_by_role("link", name=said).first).to_be_visible()
    keep(author, "7-inbox-phone")
    author.goto(f"/v/{glasses}")
    author.get_by_role("button", name="1 comment").click()
    sheet = author.get_by_role("dialog")
    expect(sheet).to_have_accessible_name("1 comment")
    sheet.get_by_role("button", name="Reply to Juno").click()
    sheet.get_by_role("textbox", name="Reply to Juno").fill("An F sharp, when the kettle is quiet")
    sheet.get_by_role("button", name="Send comment").click()
    expect(sheet.get_by_role("article", name="Comment by Mara")).to_contain_text("F sharp")
    expect(sheet).to_have_accessible_name("2 comments")
    keep(author, "8-replied-phone")

    page.goto("/inbox")
    page.get_by_role("link", name="Mara answered you").click()
    page.wait_for_url(re.compile(rf"/v/{glasses}"))
    page.get_by_role("button", name="2 comments").click()
    page.get_by_role("button", name="Show 1 reply").click()
    expect(page.get_by_role("article", name="Comment by Mara")).to_contain_text("F sharp")


def test_two_people_write_to_each_other_while_both_look(society: Society, profile: Open, keep: Keep) -> None:
    society.join("Ilse")
    theirs = society.enter(profile, "Mara")
    theirs.goto("/messages")
    theirs.get_by_role("tab", name="Requests").click()
    expect(theirs.get_by_text("No requests")).to_be_visible()

    mine = society.enter(profile, "Ilse", color_scheme="light")
    mine.goto(f"/@{society.people['Mara'].handle}")
    mine.get_by_role("button", name="Message").click()
    mine.wait_for_url(re.compile(r"/messages/\d+"))
    _say(mine, "May I borrow the ninth glass?")

    theirs.get_by_role("link", name=re.compile("Ilse")).click()
    expect(theirs.get_by_role("log").get_by_text("May I borrow the ninth glass?")).to_be_visible()
    keep(theirs, "9-asked-phone")
    theirs.get_by_role("button", name="Accept").click()
    _say(theirs, "Until Thursday. Don’t wash it.")
    expect(mine.get_by_role("log").get_by_text("Until Thursday. Don’t wash it.")).to_be_visible()
    _say(mine, "Never.")
    expect(theirs.get_by_role("log").get_by_text("Never.")).to_be_visible()
    keep(mine, "10-messages-phone")


def test_what_can_be_done_about_a_message_shows_under_a_resting_finger_and_the_focus(
    society: Society, profile: Open, keep: Keep
) -> None:
    mine, theirs = society.join("Emil"), society.join("Rosa")
    for one, other in ((mine, theirs), (theirs, mine)):
        assert one.ask("PUT", f"/api/v1/people/{other.handle}/follow").is_success
    thread = mine.ask("POST", "/api/v1/threads", json={"handles": [theirs.handle]}).json()["id"]
    for who, text in ((mine, "Bring the spoons."), (theirs, "Which ones?"), (mine, "All of them.")):
        assert who.ask("POST", f"/api/v1/threads/{thread}/messages", json={"text": text}).is_success
    page = society.enter(profile, "Emil", is_mobile=True)
    page.goto(f"/messages/{thread}")
    log = page.get_by_role("log")
    acts = log.get_by_role("button", name=re.compile("^(Delete|Report) message$"))
    expect(acts).to_have_count(3)
    assert acts.evaluate_all(CLIPPED) == [True, True, True]
    acts.nth(1).focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert acts.evaluate_all(CLIPPED) == [True, False, True]
    page.evaluate("document.activeElement.blur()")

    _rest_on(page, log.get_by_text("All of them."))
    expect(log.locator(".held").get_by_text("Delete message")).to_be_visible()
    assert acts.evaluate_all(CLIPPED) == [True, True, False]
    keep(page, "27-message-held-phone")
    acts.nth(2).tap()
    expect(log.get_by_text("Deleted by its writer")).to_be_visible()
    expect(log.get_by_text("All of them.")).to_have_count(0)

    page.get_by_role("button", name="More about Rosa").tap()
    page.get_by_role("button", name="Leave this conversation").tap()
    page.wait_for_url("**/messages")
    page.get_by_role("button", name="Undo").tap()
    expect(page.get_by_role("link", name=re.compile("Rosa"))).to_be_visible()


def _rest_on(page: Page, place: Locator) -> None:
    """Let a finger rest on something until it has been noticed."""
    box = place.bounding_box()
    assert box
    finger = page.context.new_cdp_session(page)
    at = {"x": box["x"] + 20, "y": box["y"] + 10}
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    page.locator(".held").wait_for()
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    finger.detach()


def test_a_video_goes_to_several_as_a_message_and_can_be_taken_back(
    society: Society, profile: Open, keep: Keep
) -> None:
    glasses = society.videos[0]
    nora = society.join("Nora")
    for name in ("Hugo", "Lotte"):
        friend = society.join(name)
        assert nora.ask("PUT", f"/api/v1/people/{friend.handle}/follow").is_success
        assert friend.ask("PUT", f"/api/v1/people/{nora.handle}/follow").is_success
    assert nora.ask("PUT", f"/api/v1/people/{society.people['Otto'].handle}/follow").is_success
    page = society.enter(profile, "Nora", color_scheme="light")
    watch(page, f"/v/{glasses}")
    slide(page).get_by_role("button", name=re.compile("^Share")).click()
    sheet = page.get_by_role("dialog", name="Share")
    assert sheet.evaluate("sheet => getComputedStyle(sheet).colorScheme") == "light"
    sheet.get_by_role("button", name="Send in a message").click()
    for name in ("Hugo", "Lotte"):
        sheet.get_by_role("button", name=name).click()
    expect(sheet.get_by_role("button", name="Otto")).to_have_count(0)  # a request takes no video
    keep(page, "28-send-phone")
    assert probes.violations(page) == []
    sheet.get_by_role("button", name="Send to 2").click()
    expect(page.get_by_text("Sent to 2")).to_be_visible()

    def last(name: str) -> Json:
        found: Json = society.get(name, "/threads")["items"][0]["last"]
        return found

    assert [last(name)["video_id"] for name in ("Hugo", "Lotte")] == [glasses, glasses]
    page.get_by_role("button", name="Undo").click()
    wait_for(lambda: all(last(name)["deleted"] for name in ("Hugo", "Lotte")), "both to be taken back")
    expect(sheet.get_by_role("button", name="Hugo")).to_be_enabled()


def test_a_muted_hashtag_comes_back_by_undo(society: Society, profile: Open) -> None:
    society.join("Selma")
    page = society.enter(profile, "Selma")
    page.goto("/tag/tuning")
    page.get_by_role("button", name="Mute hashtag").click()
    expect(page.get_by_text("You won’t meet #tuning in your feed")).to_be_visible()
    assert [one["value"] for one in society.get("Selma", "/me/mutes")["items"]] == ["tuning"]
    page.reload()
    page.get_by_role("button", name="Unmute hashtag").click()
    expect(page.get_by_role("button", name="Mute hashtag", exact=True)).to_be_visible()
    page.get_by_role("button", name="Mute hashtag", exact=True).click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Mute hashtag", exact=True)).to_be_visible()
    assert society.get("Selma", "/me/mutes")["items"] == []


def _say(page: Page, text: str) -> None:
    page.get_by_role("textbox", name=re.compile("Conversation with|Write a message")).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("log").get_by_text(text)).to_be_visible()


def test_a_video_that_was_hidden_for_a_reason_is_shown_again_by_another_moderator(
    society: Society, moderators: list[Page], profile: Open, keep: Keep
) -> None:
    rain, path = society.videos[2], f"/videos/{society.videos[2]}"
    society.join("Vera")
    reporter = society.enter(profile, "Vera")
    watch(reporter)
    bring(reporter, rain).get_by_role("button", name="Why this video").click()
    keep(reporter, "11-why-phone")
    reporter.get_by_role("dialog", name="Why this video").get_by_role("button", name="Report video").click()
    sheet = reporter.get_by_role("dialog", name="Report video")
    sheet.get_by_role("radio", name="False information that can do harm").check()
    sheet.get_by_role("textbox").fill("It is plainly in seven.")
    keep(reporter, "12-report-phone")
    sheet.get_by_role("button", name="Send report").click()
    expect(reporter.get_by_text("Reported. You won’t see it again.")).to_be_visible()
    wait_for(lambda: in_view(reporter) != rain, "the feed to go on")
    assert society.status("Vera", path) == 404
    assert rain not in society.offered("Vera")
    assert society.status("Juno", path) == 200

    _hide(moderators[0], "It is in seven, and the caption says five.", keep)
    assert society.status(None, path) == 404
    author = society.enter(profile, "Mara")
    author.goto("/inbox")
    author.get_by_role("link", name="A decision about something of yours: Harmful falsehoods").click()
    expect(author.get_by_text("It is in seven, and the caption says five.")).to_be_visible()
    author.get_by_role("button", name="Appeal").click()
    author.get_by_role("textbox", name="Why it should be changed").fill("Count the gutter: it is in five.")
    keep(author, "14-appeal-phone")
    author.get_by_role("button", name="Send appeal").click()
    expect(author.get_by_text("Your appeal is being looked at.")).to_be_visible()

    _overturn(moderators, "The gutter counts. It is in five.", keep)
    author.reload()
    expect(author.get_by_text("Your appeal succeeded: the decision was taken back.")).to_be_visible()
    expect(author.get_by_text("The gutter counts. It is in five.")).to_be_visible()
    keep(author, "16-overturned-phone")
    assert society.status(None, path) == 200
    assert society.status("Vera", path) == 404


def _hide(page: Page, statement: str, keep: Keep) -> None:
    """Decide the one case of the queue: hide, by its rule, with a reason."""
    page.goto("/moderation")
    page.get_by_role("link", name="Video by @maraplays").click()
    expect(page.get_by_text("It is plainly in seven.")).to_be_visible()
    page.get_by_role("button", name="Take this case").click()
    page.get_by_text("Hidden", exact=True).click()
    page.get_by_label("Rule", exact=True).select_option(label="Harmful falsehoods")
    page.get_by_label("Reason, as both sides will read it").fill(statement)
    keep(page, "13-decide-desktop")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Decision made. Both sides are told.")).to_be_visible()


def _overturn(moderators: list[Page], statement: str, keep: Keep) -> None:
    """Let the first moderator see that the appeal isn't theirs, and the second take the decision back."""
    own, other = moderators
    for page in moderators:
        page.goto("/moderation")
        page.get_by_role("tab", name="Appeals").click()
        expect(page.get_by_text("Count the gutter: it is in five.")).to_be_visible()
    expect(own.get_by_text("You made this decision: another moderator decides the appeal.")).to_be_visible()
    other.get_by_label("Reason, as both sides will read it").fill(statement)
    keep(other, "15-appeals-desktop")
    other.get_by_role("button", name="Take the decision back").click()
    expect(other.get_by_text("No open appeals")).to_be_visible()


def test_who_is_blocked_is_gone_for_both_and_a_muted_word_stays_away(
    society: Society, profile: Open, keep: Keep
) -> None:
    glasses, _kettle, rain, brass = society.videos
    lena, otto = society.join("Lena"), society.people["Otto"]
    assert society.offered("Lena") == set(society.videos)
    page = society.enter(profile, "Lena")
    page.goto("/settings/muted")
    page.get_by_label("A word or a few you don’t want to meet").fill("Teaspoon")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("Word “teaspoon”", exact=False)).to_be_visible()
    assert society.offered("Lena") == set(society.videos) - {glasses}

    page.goto(f"/@{otto.handle}")
    page.get_by_role("button", name="More about Otto").click()
    keep(page, "17-more-phone")
    page.get_by_role("dialog", name="Otto").get_by_role("button", name=re.compile("^Block")).click()
    expect(page.get_by_text("You have blocked Otto")).to_be_visible()
    keep(page, "18-blocked-phone")
    assert society.offered("Lena") == set(society.videos) - {glasses, brass}
    assert society.status("Lena", f"/videos/{brass}") == 404
    assert society.get("Lena", "/search/people?q=otto")["items"] == []

    other = society.enter(profile, "Otto")
    other.goto(f"/@{lena.handle}")
    expect(other.get_by_role("heading", name="Nobody is here by that name")).to_be_visible()
    assert society.status("Otto", f"/videos/{rain}") == 200


def test_a_shared_link_counts_its_opening_and_stands_in_the_archive_of_who_shared_it(
    society: Society, profile: Open, keep: Keep
) -> None:
    society.join("Nils")
    page = society.enter(profile, "Nils", permissions=["clipboard-read", "clipboard-write"])
    watch(page)
    video = in_view(page)
    shares = society.count(video, "shares")
    slide(page).get_by_role("button", name=re.compile("^Share")).click()
    sheet = page.get_by_role("dialog", name="Share")
    expect(sheet.get_by_role("img", name="QR code of the link")).to_be_visible()
    keep(page, "19-share-phone")
    sheet.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert society.count(video, "shares") == shares + 1
    visitor = society.enter(profile, None)
    assert watch(visitor, link) == video

    page.goto("/settings")
    page.get_by_role("button", name="Make an archive").click()
    ready = page.get_by_role("link", name=re.compile("^Download"))
    expect(ready).to_be_visible(timeout=60_000)
    ready.scroll_into_view_if_needed()
    keep(page, "20-archive-phone")
    with page.expect_download() as fetched:
        ready.click()
    with zipfile.ZipFile(fetched.value.path()) as archive:
        assert archive.testzip() is None
        told = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".json")}
    assert any("nilsplays@people.example" in text for text in told.values()), sorted(told)
    (shared,) = [text for name, text in told.items() if name.rsplit("/", 1)[-1] == "shares.json"]
    assert link.rsplit("=", 1)[-1] in shared
    assert re.search(r'"opens":\s*"?1\b', shared), shared


def test_who_leaves_is_gone_at_once_and_comes_back_by_signing_in(society: Society, profile: Open, keep: Keep) -> None:
    handle = society.join("Ruth").handle
    page = society.enter(profile, "Ruth")
    page.goto("/settings")
    page.get_by_role("button", name="Leave for good").click()
    page.get_by_label("Present password").last.fill(PASSWORD)
    page.get_by_role("button", name="Leave for good").scroll_into_view_if_needed()
    keep(page, "21-leave-phone")
    page.get_by_role("button", name="Leave for good").click()
    expect(page.get_by_text("Your account closes on")).to_be_visible()
    assert society.status(None, f"/people/{handle}") == 404
    page.goto("/signin")
    page.get_by_label("Name here or e-mail").fill(handle)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/signin" not in address)
    wait_for(lambda: society.status(None, f"/people/{handle}") == 200, "the profile to be back")


def test_with_reduced_motion_nothing_plays_by_itself_and_keys_do_everything(
    society: Society, profile: Open, keep: Keep
) -> None:
    kettle = society.videos[1]
    society.join("Tilda")
    page = society.enter(profile, "Tilda", reduced_motion="reduce")
    page.goto("/")
    wait_for(lambda: in_view(page) != "", "the feed")
    bring(page, kettle)
    place = slide(page)
    expect(place.get_by_role("button", name="Play").first).to_be_visible()
    assert page.evaluate("[...document.querySelectorAll('video')].every(video => video.paused)")
    keep(page, "22-reduced-motion-phone")
    page.keyboard.press("Space")
    wait_for(lambda: moves(page), "it to play after the key")
    expect(place.get_by_text("The kettle sings an F.")).to_be_visible()
    keep(page, "23-captions-phone")
    for key, name in (("m", "Sound"), ("c", "Captions")):
        control = page.get_by_role("button", name=name, exact=True)
        before = control.get_attribute("aria-pressed")
        page.keyboard.press(key)
        expect(control).not_to_have_attribute("aria-pressed", before or "")
    expect(place.get_by_text("The kettle sings an F.")).to_have_count(0)
    page.keyboard.press("l")
    expect(place.get_by_role("button", name=re.compile("^Like"))).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Space")
    wait_for(lambda: not moves(page), "it to stand still")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    keep(page, "24-keys-phone")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_have_count(0)
    for key in ("ArrowUp", "ArrowDown") if _above(page) else ("ArrowDown", "ArrowUp"):
        before = in_view(page)
        page.keyboard.press(key)
        wait_for(lambda: in_view(page) not in {before, ""}, f"{key} to lead on")  # noqa: B023 - waited for here
    assert in_view(page) == kettle
    assert not moves(page)


def _above(page: Page) -> bool:
    return page.evaluate("document.querySelector('[role=feed]').scrollTop") > 0


def test_the_feed_stands_right_to_left_with_every_word_from_the_catalogue(
    society: Society, profile: Open, keep: Keep
) -> None:
    written = " ".join(
        [*CAPTIONS.values(), BRASS, WORDS, *society.people, *(one.handle for one in society.people.values())]
    )
    known = [*re.findall(r"[^\W\d_]+", written), *(name[0] for name in society.people)]
    page = society.enter(profile, "Juno")
    watch(page, "/?lang=xx-rtl")
    page.locator("html[dir=rtl]").wait_for()
    found: list[str] = []

    def look(name: str) -> None:
        keep(page, f"25-{name}")
        texts = probes.untranslated(page, known, SAID)
        # How far a video has played is a sentence made of two: their brackets can't be told apart.
        found.extend(f"{name}: {text}" for text in texts if "[aria-valuetext]" not in text)
        found.extend(f"{name}: {fault}" for fault in probes.overflowing(page))
        found.extend(f"{name}: {fault}" for fault in probes.violations(page))

    look("right-to-left-phone")
    slide(page).get_by_role("button", name=re.compile("ç[öo]mm", re.IGNORECASE)).click()
    page.get_by_role("dialog").get_by_role("textbox").wait_for()
    look("right-to-left-comments-phone")
    page.keyboard.press("Escape")
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.get_by_role("complementary").get_by_role("textbox").wait_for()
    look("right-to-left-desktop")
    assert not found, "\n".join(found)


def test_what_was_watched_without_a_line_is_told_when_it_is_back(society: Society, profile: Open, keep: Keep) -> None:
    society.join("Finn")
    page = society.enter(profile, "Finn")
    first = watch(page)
    views = {video: society.count(video, "views") for video in society.videos}
    wait_for(lambda: page.evaluate("document.querySelectorAll('video').length") == 3, "the next videos")
    page.context.set_offline(True)
    expect(page.get_by_text("No connection.", exact=False)).to_be_visible()
    wait_for(lambda: len([event for event in kept_events(page) if event["kind"] in {"finish", "loop"}]) > 0, "a watch")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    expect(page.get_by_text("No connection.", exact=False)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("navigation", name="Feeds")).to_be_in_viewport(ratio=1)
    second = swipe(page)
    keep(page, "26-offline-phone")
    assert {event["video_id"] for event in kept_events(page)} >= {first}
    assert society.count(first, "views") == views[first]
    page.context.set_offline(False)
    wait_for(lambda: kept_events(page) == [] or second == in_view(page), "the line")
    wait_for(lambda: society.count(first, "views") == views[first] + 1, "the view to be counted after all")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_filled_pages_can_be_used_by_everyone(
    society: Society, moderators: list[Page], chromium: Browser, keep: Keep, size: dict[str, int]
) -> None:
    glasses, _kettle, rain, _brass = society.videos
    mara, juno = society.people["Mara"], society.people["Juno"]
    for who, path in ((juno, f"/people/{mara.handle}/follow"), (mara, f"/people/{juno.handle}/follow")):
        assert who.ask("PUT", f"/api/v1{path}").is_success
    assert juno.ask("PUT", f"/api/v1/videos/{glasses}/like").is_success
    thread = juno.ask("POST", "/api/v1/threads", json={"handles": [mara.handle]}).json()["id"]
    assert juno.ask("POST", f"/api/v1/threads/{thread}/messages", json={"text": "In D, then."}).is_success
    sound = society.get("Juno", f"/videos/{glasses}")["sound"]["id"]
    reported = {"kind": "video", "id": rain, "category": "other", "text": "The gutter is too loud."}
    society.people["Otto"].ask("POST", "/api/v1/reports", json=reported)
    _hanna, pia = moderators
    (case, *_rest) = pia.request.get("/api/v1/moderation/cases").json()["items"]
    looks: dict[str, tuple[Page | str, str, str]] = {
        "profile": ("Juno", f"/@{mara.handle}", ".cell"),
        "own-profile": ("Mara", f"/@{mara.handle}", ".cell"),
        "followers": ("Juno", f"/@{mara.handle}/followers", ".li"),
        "tag": ("Juno", "/tag/kitchen", ".cell"),
        "sound": ("Juno", f"/sound/{sound}", ".cell"),
        "search": ("Juno", "/search?q=kitchen", ".cell"),
        "discover": ("Juno", "/discover", ".cell"),
        "inbox": ("Mara", "/inbox", ".rowlink"),
        "messages": ("Mara", "/messages", "a.one"),
        "history": ("Juno", "/history", ".cell, .empty"),
        "uploads": ("Mara", "/uploads", ".up"),
        "edit": ("Mara", f"/v/{glasses}/edit", ".pick"),
        "settings": ("Mara", "/settings", "#sessions .li"),
        "decisions": ("Mara", "/decisions", ".card"),
        "queue": (moderators[0], "/moderation", "[data-case]"),
        "case": (moderators[0], f"/moderation/{case['id']}", ".case form"),
        "audit": (moderators[0], "/moderation#2", "summary"),
        "health": (moderators[0], "/operator", ".versions"),
        "work": (moderators[0], "/operator#2", ".counts"),
    }
    found: list[str] = []
    for name, (whose, address, last) in looks.items():
        context = whose.context.storage_state() if isinstance(whose, Page) else None
        own = chromium.new_context(base_url=society.product.address, viewport=size, storage_state=context)  # type: ignore[arg-type]
        if isinstance(whose, str):
            kept = society.people[whose].http.cookies.jar
            own.add_cookies([{"name": c.name, "value": c.value or "", "url": society.product.address} for c in kept])
        page = own.new_page()
        path, _, tab = address.partition("#")
        page.goto(path)
        if tab:
            page.get_by_role("tab").nth(int(tab)).click()
        page.locator("main").locator(last).first.wait_for()
        page.evaluate("document.fonts.ready")
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            keep(page, f"filled-{name}-{size['width']}-{scheme}")
            found += [f"{name}, {scheme}: {fault}" for fault in probes.violations(page)]
        found += [f"{name}: {fault}" for fault in probes.overflowing(page)]
        own.close()
    assert not found, "\n".join(found)
