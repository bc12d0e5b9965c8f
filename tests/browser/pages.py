"""What browser tests share: sizes, flags, and what a person does on a page."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

ROOT = Path(__file__).parent.parent.parent
ARTEFACTS = ROOT / "artefacts"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
AT_HOME = "--host-resolver-rules=MAP *.home.arpa 127.0.0.1"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", AT_HOME]
AUTOPLAY = "--autoplay-policy=no-user-gesture-required"

Open = Callable[..., BrowserContext]


def sign_up(page: Page, handle: str) -> None:
    page.goto("/signup")
    fill_sign_up(page, handle)
    page.wait_for_url(lambda address: "/signup" not in address)


def fill_sign_up(page: Page, handle: str) -> None:
    """Fill the form that stands on the page, and send it."""
    page.get_by_label("Your name here").fill(handle)
    page.get_by_label("E-mail").fill(f"{handle}@people.example")
    page.get_by_label("Password", exact=True).fill("nine quiet glasses")
    page.get_by_label("Day").select_option("17")
    page.get_by_label("Month").select_option("5")
    page.get_by_label("Year").select_option("1990")
    page.get_by_role("button", name="Sign up").click()


def plays(page: Page) -> bool:
    """Tell whether the page's video has moved and shows a picture."""
    return bool(
        page.evaluate(
            "() => { const v = document.querySelector('video');"
            " return !!v && v.currentTime > 0.1 && v.videoWidth > 0 && !v.error }"
        )
    )
