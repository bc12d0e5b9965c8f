"""Takes the pictures of the documentation: fills a demo community, visits its pages, writes docs/pictures.

The people, their clips and their words are always the same; times and numbers are those of the moment.
"""

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / part) for part in ("", "product", "browser", "media")]

from pages import AUTOPLAY, DESKTOP, FLAGS, PHONE  # noqa: E402 - what the browser tests know of pages, people, products
from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright  # noqa: E402
from running import Product, wait_for  # noqa: E402
from society import in_view, slide, watch  # noqa: E402

FOLDER = ROOT / "docs" / "pictures"
BYTES_MOST = 150_000
SHARP = 2  # pixels of a picture for each of the page
PASSWORD = "nine quiet glasses"  # noqa: S105 - of a server that is gone a minute later
SNOW = "Snow day"  # how the caption of the clip begins that stands for all of them
UPLOAD_BYTES_S = 1_000_000

# The video in view keeps playing at no speed: no key says that it is paused, and the frame is always the same.
HOLD = """
async (at) => {
  const shown = [...document.querySelectorAll('video')].find(v => !v.paused && v.getBoundingClientRect().top > -9)
  if (!shown) return
  shown.playbackRate = 0
  const there = new Promise(done => shown.addEventListener('seeked', done, { once: true }))
  shown.currentTime = at
  await there
}
"""


class Town:
    """The filled server and the browser that walks through it."""

    def __init__(self, product: Product, browser: Browser) -> None:
        self.product, self.browser = product, browser
        self.made: set[str] = set()
        self.kept: dict[str, Any] = {}

    def nonet(self, *words: str) -> str:
        """Run a command of ours on the server and return what it says."""
        command = [sys.executable, "-m", "nonet", *words]
        done = subprocess.run(command, env=self.product.environment(), check=True, capture_output=True, text=True)
        return done.stdout

    def enter(self, who: str, size: Any, scheme: str = "dark") -> Page:  # noqa: ANN401 - Playwright's own shape
        """Open a page as someone of the demo, or as the operator made here."""
        options: dict[str, Any] = {"viewport": size, "device_scale_factor": SHARP, "color_scheme": scheme}
        phone = {"has_touch": True, "is_mobile": True} if size == PHONE else {}
        context = self.browser.new_context(base_url=self.product.address, locale="en-GB", **options, **phone)
        context.set_default_timeout(60_000)
        if who not in self.kept:
            self._sign_in(context, who)
            self.kept[who] = context.cookies()
        context.add_cookies(self.kept[who])
        return context.new_page()

    def newcomer(self, handle: str, role: str = "person") -> str:
        """Make an account for someone who has seen nothing yet; returns the handle."""
        asked = ("--email", f"{handle}@people.example", "--born", "1990-05-17", "--password", PASSWORD)
        self.nonet("user", "create", handle, *asked, "--role", role)
        self.made.add(handle)
        return handle

    def _sign_in(self, context: BrowserContext, who: str) -> None:
        if who in self.made:
            form, headers = {"login": who, "password": PASSWORD}, {"Origin": self.product.address}
            answer = context.request.post("/api/v1/session", data=form, headers=headers)
            assert answer.ok, answer.text()  # noqa: S101 - a tool
            return
        page = context.new_page()
        page.goto(self.nonet("demo", "sign-in", who).split()[-1])
        page.close()


def fill(town: Town) -> None:
    """Wait until the demo has lived through its weeks, then make who runs the server."""
    page = town.enter("ada.quill", PHONE)

    def complete() -> bool:
        asked = page.request.get("/api/v1/operator/demo")
        if asked.ok and sys.stdout.isatty():
            print("\r{clips} of {of} clips".format(**asked.json()), end="", flush=True)
        return asked.status == 403  # noqa: PLR2004 - she keeps the clock, and with it the role, until all is told

    while not complete():
        page.wait_for_timeout(2000)
    page.context.close()
    town.newcomer("harbourmaster", "operator")


def keep(page: Page, name: str, *, height: int | None = None) -> None:
    """Write what the window shows, its images complete, as docs/pictures/NAME.webp, as good as its size allows."""
    page.wait_for_function("() => [...document.images].every(image => image.complete)")
    size = page.viewport_size
    assert size  # noqa: S101 - a tool
    clip = {"x": 0, "y": 0, "width": size["width"], "height": height or size["height"]}
    shot = Image.open(io.BytesIO(page.screenshot(clip=clip, animations="disabled"))).convert("RGB")
    FOLDER.mkdir(exist_ok=True)
    for quality in (90, 82, 74, 66, 55, 45):
        written = io.BytesIO()
        shot.save(written, "WEBP", quality=quality, method=6)
        if written.tell() <= BYTES_MOST:
            break
    (FOLDER / f"{name}.webp").write_bytes(written.getvalue())
    print(f"{name}: {written.tell() // 1000} kB at quality {quality}")
    page.context.close()


def to_clip(page: Page, caption: str) -> None:
    """Go on in the feed until a clip is in view, and hold it at a frame."""
    watch(page)
    while not slide(page).get_by_text(re.compile(caption)).count():
        before = in_view(page)
        page.keyboard.press("ArrowDown")
        wait_for(lambda was=before: in_view(page) not in {was, ""}, "the next video")  # type: ignore[misc]
    page.wait_for_function("() => [...document.querySelectorAll('video')].some(v => !v.paused && v.currentTime > 0.2)")
    page.evaluate(HOLD, 3)


def feed(town: Town) -> None:
    """Show the feed on a phone, why a video is there, and the same on a desk."""
    page = town.enter(town.newcomer("tess.tone"), PHONE)
    to_clip(page, SNOW)
    keep(page, "feed-phone")
    page = town.enter(town.newcomer("viola.reed"), PHONE)
    to_clip(page, SNOW)
    slide(page).get_by_role("button", name="Why this video").click()
    page.get_by_role("dialog").get_by_text("It was picked for you").wait_for()
    keep(page, "why-phone")
    page = town.enter(town.newcomer("cora.chord"), DESKTOP)
    to_clip(page, SNOW)
    page.get_by_text("Is the cat taking appointments?").wait_for()
    keep(page, "feed-desktop")


def people(town: Town) -> None:
    """Show someone's profile."""
    page = town.enter(town.newcomer("nell.flute"), DESKTOP, "light")
    page.goto("/@ada.quill")
    page.locator("main img").nth(3).wait_for()
    keep(page, "profile-desktop", height=680)


def upload(town: Town) -> None:
    """Show a file on its way, on a slow line."""
    page = town.enter(town.newcomer("juno.plays"), PHONE)
    clip = page.request.get(page.request.get("/api/v1/people/ada.quill/videos").json()["items"][0]["mp4_url"]).body()
    filling = 8_000_000  # a box of nothing, as editors leave them
    film = {"name": "glasses.mp4", "mimeType": "video/mp4", "buffer": clip + _box(filling)}
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": UPLOAD_BYTES_S}
    page.goto("/upload")
    page.get_by_role("button", name="Choose a file").wait_for()
    line.send("Network.emulateNetworkConditions", slow)
    page.locator("input[type=file]").first.set_input_files(film)
    page.get_by_label("Caption").first.fill("Filled by ear, tuned with a teaspoon #kitchen")
    page.get_by_text(re.compile(r"^[4-6][.\d]* of .* MB")).first.wait_for()
    keep(page, "uploading-phone")


def _box(size: int) -> bytes:
    """Return a box that players pass over (``free``, ISO 14496-12)."""
    return (size + 8).to_bytes(4, "big") + b"free" + bytes(size)


def moderation(town: Town) -> None:
    """Show what people reported, and one case of it."""
    clips = town.enter("otto.orbit", PHONE).request.get("/api/v1/people/kettle_and_co/videos").json()["items"]
    recipe = next(each for each in clips if each["caption"].startswith("The full recipe"))
    said = {"misleading": "There is no tea in this recipe.", "fraud": "I sent for the recipe and got one word."}
    for who, (category, text) in zip(("benno.brass", "tisane"), said.items(), strict=True):
        _report(town, who, {"kind": "video", "id": recipe["id"], "category": category, "text": text})
    other = next(each for each in clips if each["id"] != recipe["id"])
    hot = {"kind": "video", "id": other["id"], "category": "dangerous_acts", "text": "Very hot tea."}
    _report(town, "luz_lenta", hot)
    comment = town.enter("otto.orbit", PHONE).request.get(f"/api/v1/videos/{recipe['id']}/comments").json()["items"][0]
    _report(town, "otto.orbit", {"kind": "comment", "id": comment["id"], "category": "other", "text": "Off topic."})
    page = town.enter(town.newcomer("vera.bell", "moderator"), DESKTOP, "light")
    page.goto("/moderation")
    page.locator("[data-case]").nth(2).wait_for()
    keep(page, "queue-desktop", height=560)
    page = town.enter("vera.bell", DESKTOP, "light")
    page.goto("/moderation")
    page.locator("[data-case]", has_text="The full recipe").first.click()
    page.get_by_label("Rule").select_option("misleading")
    page.get_by_label("Reason, as both sides will read it").fill("The recipe shows no tea. It does no harm.")
    page.wait_for_function("() => document.querySelector('main video').readyState === 4")
    keep(page, "case-desktop", height=780)


def _report(town: Town, who: str, form: dict[str, str]) -> None:
    page = town.enter(who, PHONE)
    answer = page.request.post("/api/v1/reports", data=form, headers={"Origin": town.product.address})
    assert answer.ok, answer.text()  # noqa: S101 - a tool
    page.context.close()


def operator(town: Town) -> None:
    """Show how the server does."""
    page = town.enter("harbourmaster", DESKTOP)
    page.goto("/operator")
    page.get_by_role("tab", name="Health").wait_for()
    keep(page, "health-desktop", height=760)


def main() -> None:
    """Take every picture, or those of the parts that are named."""
    takes: list[Callable[[Town], None]] = [feed, people, upload, moderation, operator]
    wanted = set(sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        product = Product(Path(folder) / "data")
        product.start(NONET_DEMO="full")
        try:
            program = os.environ["NONET_BROWSER"]
            town = Town(product, playwright.chromium.launch(executable_path=program, args=[*FLAGS, AUTOPLAY]))
            fill(town)
            for take in takes:
                if not wanted or take.__name__ in wanted:
                    take(town)
            town.browser.close()
        finally:
            product.stop()


if __name__ == "__main__":
    main()
