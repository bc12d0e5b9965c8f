"""Every page, signed out and in, small and large, dark and light: for everyone, by keys alone, in any language."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import probes
import pytest
from pages import ARTEFACTS, DESKTOP, PHONE, fill_sign_up
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from running import Product

pytestmark = pytest.mark.browser

HANDLE = "marakeys"
SIZES = {"phone": PHONE, "desktop": DESKTOP}
# Each page's address (and the number of a tab), and the last thing that comes when it is opened.
OUTSIDE = {
    "home": ("/", ".keys a"),
    "sign-up": ("/signup", "form"),
    "sign-in": ("/signin", "form"),
    "forgot": ("/forgot", "form"),
    "bad-reset": ("/reset/x", "form"),
    "bad-verification": ("/verify/x", "[role=alert]"),
    "no-video": ("/v/1", ".empty"),
    "tag-of-nobody": ("/tag/nothing", ".empty"),
    "no-sound": ("/sound/1", ".empty"),
    "no-playlist": ("/playlist/1", ".empty"),
    "search": ("/search", "form"),
    "search-nothing": ("/search?q=zzzz", ".empty"),
    "discover": ("/discover", ".empty"),
    "nobody": ("/@nobody", ".empty"),
    "trust": ("/trust", ".empty"),
    "no-page": ("/no/such/page", "a"),
}
INSIDE = {
    "own-home": ("/", ".keys a"),
    "upload": ("/upload", "input[type=file]"),
    "uploads": ("/uploads", ".empty"),
    "own-profile": (f"/@{HANDLE}", ".empty"),
    "settings": ("/settings", "text=/(This|Thîš) (one|öñé)/"),
    "muted": ("/settings/muted", "section:nth-of-type(3) .dim3"),
    "saved": ("/saved", ".empty"),
    "liked": ("/liked", ".empty"),
    "history": ("/history", ".empty"),
    "own-playlists": (f"/@{HANDLE}#2", "[role=tabpanel] .empty"),
    "followers": (f"/@{HANDLE}/followers", ".empty"),
    "following": (f"/@{HANDLE}/following", ".empty"),
    "inbox": ("/inbox", ".empty"),
    "requests": ("/inbox/requests", ".empty"),
    "messages": ("/messages", ".empty"),
    "message-requests": ("/messages#1", ".empty"),
    "no-conversation": ("/messages/1", "[role=alert]"),
    "decisions": ("/decisions", ".empty"),
    "moderation": ("/moderation", ".empty"),
    "moderation-appeals": ("/moderation#1", ".empty"),
    "moderation-audit": ("/moderation#2", "[role=tabpanel] .empty, [role=tabpanel] li"),
    "no-case": ("/moderation/1", "[role=alert]"),
    "operator": ("/operator", "[role=tabpanel] .versions"),
    "operator-outbox": ("/operator#1", "[role=tabpanel] li"),
    "operator-work": ("/operator#2", "[role=tabpanel] .empty, [role=tabpanel] li"),
    "operator-preferences": ("/operator#3", "[role=tabpanel] form"),
    "operator-invitations": ("/operator#4", "[role=tabpanel] form"),
}
# Words that no catalogue holds: names of people, of this server and of kinds of files, signs and units.
KNOWN = [
    HANDLE,
    HANDLE[0].upper(),
    "nobody",
    "people",
    "example",
    "Nonet",
    "nothing",
    "https",
    "GB",
    "MB",
    "kB",
    "min",
    "s",
    "h",
]
# Where the server's own words stand: refusals, mails, names of browsers, what a preference does.
SAID = "[role=alert], [role=tabpanel] li h2, [role=tabpanel] .text, li .m, form .li, form .help, form label"
EXPECTED = re.compile(r"Failed to load resource: the server responded with a status of (404|410)")


@pytest.fixture(scope="module")
def operator(product: Product, chromium: Browser) -> Iterator[dict[str, Any]]:
    """Open the printed set-up link as the first person does; gives the cookies of the operator."""
    link = re.search(r"http://\S+/setup/\S+", product.said)
    assert link, product.said
    context = chromium.new_context(viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(link[0])
    fill_sign_up(page, HANDLE)
    page.wait_for_url("**/operator")
    expect(page.get_by_role("tab", name="Outbox")).to_be_visible()
    yield context.storage_state()  # type: ignore[misc]
    context.close()


@pytest.fixture
def look(product: Product, chromium: Browser, operator: dict[str, Any]) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a page of the product and keeps what its console says in ``faults``."""
    opened: list[BrowserContext] = []

    def make(*, signed_in: bool, **options: Any) -> Page:
        state = operator if signed_in else None
        settings = {"viewport": PHONE, "reduced_motion": "reduce", "storage_state": state} | options
        context = chromium.new_context(base_url=product.address, **settings)
        context.set_default_timeout(20_000)
        opened.append(context)
        page = context.new_page()
        page.faults = []  # type: ignore[attr-defined]
        page.on("console", lambda said: _hear(page, said))
        page.on("pageerror", lambda error: page.faults.append(f"error: {error}"))  # type: ignore[attr-defined]
        return page

    yield make
    for context in opened:
        context.close()


def _hear(page: Page, said: ConsoleMessage) -> None:
    if said.type in {"error", "warning"} and not EXPECTED.match(said.text):
        page.faults.append(f"{said.type}: {said.text}")  # type: ignore[attr-defined]


def _stand(page: Page, address: str, last: str) -> None:
    """Open a page and wait until the last of it came."""
    path, _, tab = address.partition("#")
    page.goto(path)
    expect(page.locator("main h1").first).to_be_visible()
    if tab:
        page.get_by_role("tab").nth(int(tab)).click()
    page.locator("main").locator(last).first.wait_for(state="attached")
    expect(page.locator("[aria-busy=true]"), address).to_have_count(0)
    page.evaluate("document.fonts.ready")


@pytest.mark.parametrize("signed_in", [False, True], ids=["signed out", "signed in"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_can_be_used_by_everyone(look: Callable[..., Page], size: str, signed_in: bool) -> None:
    page = look(signed_in=signed_in, viewport=SIZES[size], color_scheme="dark")
    (ARTEFACTS / "pages").mkdir(parents=True, exist_ok=True)
    found: list[str] = []
    for name, (address, last) in (INSIDE if signed_in else OUTSIDE).items():
        _stand(page, address, last)
        faults = probes.violations(page)
        _keep(page, f"{name}-{size}-dark")
        page.emulate_media(color_scheme="light")
        faults += probes.violations(page, only=["color-contrast"])
        _keep(page, f"{name}-{size}-light")
        faults += probes.overflowing(page)
        page.emulate_media(color_scheme="dark")
        found += [f"{name}: {fault}" for fault in faults + page.faults]  # type: ignore[attr-defined]
        page.faults.clear()  # type: ignore[attr-defined]
    assert not found, "\n".join(found)


def test_an_address_without_a_page_answers_404_and_shows_what_to_do(look: Callable[..., Page]) -> None:
    page = look(signed_in=False)
    missing = [
        "/no/such/page",
        "/@nobody",
        "/@nobody/followers",
        "/v/1",
        "/sound/1",
        "/sound/x",
        "/playlist/1",
        "/trust/x",
    ]
    there = [
        "/",
        f"/@{HANDLE}",
        f"/@{HANDLE}/following",
        "/tag/nothing",
        "/search?q=x",
        "/reset/x",
        "/messages/1",
        "/upload/",
    ]
    for addresses, status in ((missing, 404), (there, 200)):
        for address in addresses:
            answer = page.request.get(address)
            assert (address, answer.status) == (address, status)
            assert "script-src 'self'" in answer.headers["content-security-policy"]
    answer = page.goto("/no/such/page")
    assert answer
    assert answer.status == 404
    expect(page.get_by_role("heading", name="Nothing stands at this address")).to_be_visible()


def _keep(page: Page, name: str) -> None:
    page.screenshot(path=ARTEFACTS / "pages" / f"{name}.png")


@pytest.mark.parametrize("signed_in", [False, True], ids=["signed out", "signed in"])
def test_no_page_scrolls_sideways_at_320_px_or_clips_text_of_twice_the_size(
    look: Callable[..., Page], signed_in: bool
) -> None:
    page = look(signed_in=signed_in)
    found: list[str] = []
    for name, (address, last) in (INSIDE if signed_in else OUTSIDE).items():
        page.set_viewport_size({"width": 320, "height": 568})
        _stand(page, address, last)
        found += [f"{name} at 320 px: {fault}" for fault in probes.overflowing(page)]
        page.set_viewport_size({"width": 390, "height": 844})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        found += [f"{name} at 200 %: {fault}" for fault in probes.overflowing(page)]
        _keep(page, f"{name}-phone-twice")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("signed_in", [False, True], ids=["signed out", "signed in"])
def test_every_sentence_comes_from_the_catalogue_and_right_to_left_changes_sides(
    look: Callable[..., Page], signed_in: bool
) -> None:
    page = look(signed_in=signed_in)
    page.goto("/?lang=xx-rtl")  # the tab keeps it
    page.locator("html[dir=rtl]").wait_for()
    found: list[str] = []
    for name, (address, last) in (INSIDE if signed_in else OUTSIDE).items():
        page.set_viewport_size(PHONE)
        _stand(page, address, last)
        found += [f"{name}: {text}" for text in probes.untranslated(page, KNOWN, SAID)]
        found += [f"{name} right to left: {fault}" for fault in probes.overflowing(page)]
        _keep(page, f"{name}-phone-right-to-left")
        page.set_viewport_size(DESKTOP)
        found += [f"{name} right to left, desktop: {fault}" for fault in probes.overflowing(page)]
    assert not found, "\n".join(found)


def test_the_health_page_says_from_when_it_is_while_the_server_is_out_of_reach(look: Callable[..., Page]) -> None:
    page = look(signed_in=True)
    _stand(page, *INSIDE["operator"])
    expect(page.get_by_role("tab", name="Health")).to_have_attribute("aria-selected", "true")
    look_again = "document.dispatchEvent(new Event('visibilitychange'))"
    page.context.set_offline(True)
    page.evaluate(look_again)
    expect(page.get_by_text("What stands here is from")).to_be_visible()
    expect(page.get_by_role("heading", name="Disk")).to_be_visible()
    page.context.set_offline(False)
    page.evaluate(look_again)
    expect(page.get_by_text("Checked at")).to_be_visible()


def test_sign_up_works_by_keys_alone_and_the_focus_is_always_seen(look: Callable[..., Page]) -> None:
    page = look(signed_in=False)
    _stand(page, "/signup", "form")
    wanted = ["Skip to content", "Nonet", "Your name here", "E-mail", "Password", "Show", "Day", "Month", "Year"]
    for name in [*wanted, "Sign up", "Sign in"]:
        page.keyboard.press("Tab")
        has = probes.focused(page)
        assert (has["name"], has["seen"], has["inside"]) == (name, True, True), has
    page.get_by_label("Your name here").focus()
    for typed in ("keysalone", "keysalone@people.example", "nine quiet glasses"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    for chosen in ("17", "May", "1990"):
        page.keyboard.press("Tab")
        page.keyboard.type(chosen)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/signup" not in address)


def test_the_skip_link_leads_past_the_navigation(look: Callable[..., Page]) -> None:
    page = look(signed_in=True, viewport=DESKTOP)
    _stand(page, *INSIDE["own-home"])
    page.keyboard.press("Tab")
    assert probes.focused(page)["name"] == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main')")
    reached = set()
    while (has := probes.focused(page))["tag"] != "body" and len(reached) < 30:
        assert has["seen"], has
        reached.add(has["name"])
        page.keyboard.press("Tab")
    assert "Create" in reached
