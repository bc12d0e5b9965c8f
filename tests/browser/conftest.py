"""A real browser against a real product: pages at phone and desktop size, screenshots kept in artefacts/."""

import os
from collections.abc import Callable, Iterator

import pytest
from pages import ARTEFACTS, AUTOPLAY, FLAGS, PHONE, Open
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from running import Product


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start one Chromium for the tests of a module; Playwright holds an event loop that no other test may meet."""
    path = os.environ.get("NONET_BROWSER") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=[*FLAGS, AUTOPLAY])
        yield started
        started.close()


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Start one product for the tests of a module."""
    made = Product(tmp_path_factory.mktemp("product") / "data")
    made.start()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def profile(chromium: Browser) -> Iterator[Open]:
    """Give a function that opens a browser profile of its own."""
    opened: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        context = chromium.new_context(**({"viewport": PHONE, "color_scheme": "dark"} | options))  # type: ignore[arg-type]
        context.set_default_timeout(30_000)
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()


@pytest.fixture
def keep() -> Callable[..., None]:
    """Give a function that keeps a screenshot of a page as an artefact."""
    ARTEFACTS.mkdir(exist_ok=True)

    def shot(page: object, name: str) -> None:
        page.screenshot(path=ARTEFACTS / f"{name}.png")  # type: ignore[attr-defined]

    return shot
