"""The documentation site as people read it: from a folder, small and large, dark and light, by keys."""

import re
import subprocess
import sys

import probes
import pytest
from pages import DESKTOP, PHONE, ROOT, Open
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

PAGES = (
    "index.html",
    "guide/operator.html",
    "guide/moderator.html",
    "guide/developer.html",
    "operations/production.html",
    "reference/settings.html",
    "reference/refusals.html",
    "reference/api/index.html",
    "reference/api/accounts.html",
    "decisions/index.html",
    "decisions/0012-the-demo-lives-in-virtual-time.html",
    "changes.html",
    "building/architecture.html",
    "search.html?q=backup",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Build the site; gives the address of its folder."""
    made = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, ROOT / "tools" / "docs.py", "--to", made], check=True)
    return made.as_uri()


def _asked(page: Page) -> list[str]:
    """Return a list that grows by every address the page asks for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_kind_of_page_is_accessible_fits_and_asks_nobody(
    site: str, profile: Open, size: dict[str, int], scheme: str
) -> None:
    page = profile(viewport=size, color_scheme=scheme).new_page()
    asked = _asked(page)
    for name in PAGES:
        page.goto(f"{site}/{name}")
        if "search" in name:
            expect(page.locator(".search-summary")).to_contain_text("found")
        assert probes.violations(page) == [], name
        assert probes.overflowing(page) == [], name
    assert [address for address in asked if not address.startswith("file://")] == []


def test_the_search_finds_a_page_and_leads_to_it(site: str, profile: Open) -> None:
    page = profile(viewport=DESKTOP).new_page()
    page.goto(f"{site}/guide/viewer.html")
    page.get_by_role("searchbox").fill("multipart lifecycle")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Where objects are kept").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Where objects are kept")


def test_on_a_phone_the_contents_open_and_close_by_keys(site: str, profile: Open) -> None:
    page = profile(viewport=PHONE).new_page()
    page.goto(f"{site}/guide/viewer.html")
    contents = page.get_by_role("navigation", name="Contents")
    expect(contents).to_be_hidden()
    page.keyboard.press("Tab")
    assert probes.focused(page)["name"] == "Skip to the page"
    page.keyboard.press("Tab")
    assert probes.focused(page)["name"] == "Contents"
    page.keyboard.press("Enter")
    expect(contents).to_be_visible()
    assert probes.violations(page) == []
    page.keyboard.press("Escape")
    expect(contents).to_be_hidden()
    assert probes.focused(page)["name"] == "Contents"


def test_everything_is_reached_by_keys_and_shows_where_it_is(site: str, profile: Open) -> None:
    page = profile(viewport=DESKTOP).new_page()
    page.goto(f"{site}/guide/rules.html")
    stops = page.locator("a[href], button, input").filter(visible=True).count()
    names = []
    for _ in range(stops):
        page.keyboard.press("Tab")
        focus = probes.focused(page)
        assert focus["seen"], focus
        assert focus["inside"], focus
        names.append(focus["name"])
    assert names[:2] == ["Skip to the page", "Nonet"]
    assert {"Search the documentation", "Settings", "moderating", "When it was you"} <= set(names)


def test_the_skip_link_leads_to_the_page(site: str, profile: Open) -> None:
    page = profile(viewport=DESKTOP).new_page()
    page.goto(f"{site}/guide/rules.html")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_chosen_theme_stays(site: str, profile: Open) -> None:
    page = profile(viewport=PHONE, color_scheme="dark").new_page()
    page.goto(f"{site}/index.html")
    page.get_by_role("button", name="Show light pages").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.goto(f"{site}/guide/viewer.html")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    expect(page.get_by_role("button", name="Show dark pages")).to_be_visible()


def test_a_page_reads_without_scripts(site: str, profile: Open) -> None:
    page = profile(viewport=PHONE, java_script_enabled=False).new_page()
    page.goto(f"{site}/guide/viewer.html")
    expect(page.get_by_role("heading", name=re.compile("The feed"))).to_be_visible()
    page.get_by_role("button", name="Contents", exact=True).click()
    expect(page.get_by_role("link", name="Moderating")).to_be_visible()
