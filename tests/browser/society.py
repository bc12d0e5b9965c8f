"""People of a running product and what they published; what a browser shows of a feed, how a finger goes on in it."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from corpus import AAC, H264, encoded, source
from pages import Open
from person import Person
from playwright.sync_api import Locator, Page
from running import Product, wait_for

Json = dict[str, Any]

# Of the place that fills the window: its video, whether a picture moves there, and whether it is the end.
IN_VIEW = """
() => {
  const feed = document.querySelector('[role=feed]')
  if (!feed) return ['', false, false]
  const { top } = feed.getBoundingClientRect(), here = e => Math.abs(e.getBoundingClientRect().top - top) < 2
  const slide = [...feed.querySelectorAll('article')].find(here)
  const plays = v => here(v) && !v.paused && v.currentTime > 0.1 && v.videoWidth > 0 && !v.error
  const end = feed.scrollTop + feed.clientHeight > feed.scrollHeight - 2
  return [slide?.dataset.video ?? '', [...feed.querySelectorAll('video')].some(plays), end]
}
"""
SEEN = """
() => {
  const { top } = document.querySelector('[role=feed]').getBoundingClientRect()
  const here = [...document.querySelectorAll('[role=feed] video')].find(v => {
    return !v.paused && Math.abs(v.getBoundingClientRect().top - top) < 2
  })
  return here && here.currentTime > Math.min(2, here.duration / 2) + 0.3
}
"""
KEPT_EVENTS = """
() => Object.keys(localStorage).filter(key => key.startsWith('nonet.events.'))
  .flatMap(key => JSON.parse(localStorage.getItem(key)))
"""


def film(seconds: int) -> bytes:
    """Return the bytes of a small upright clip; another length is another clip."""
    return encoded("mp4", *source(seconds=seconds), *H264, *AAC, "-movflags", "+faststart").read_bytes()


class Society:
    """Who is there, and the doors they use."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.people: dict[str, Person] = {}
        self.videos: list[str] = []

    def end(self) -> None:
        """Close every line to the product."""
        for person in self.people.values():
            person.http.close()

    def join(self, name: str) -> Person:
        """Give somebody an account, whose handle is the name in small letters and a few more."""
        person = Person(self.product.address, handle=f"{name.lower()}plays")
        person.sign_up()
        assert person.ask("PATCH", "/api/v1/me/profile", json={"name": name}).is_success
        self.people[name] = person
        return person

    def enter(self, profile: Open, name: str | None, **options: object) -> Page:
        """Open a browser profile of somebody who is signed in there, or of a visitor."""
        context = profile(**({"base_url": self.product.address, "has_touch": True} | options))
        if name:
            kept = self.people[name].http.cookies.jar
            context.add_cookies([{"name": c.name, "value": c.value or "", "url": self.product.address} for c in kept])
        return context.new_page()

    def get(self, name: str, path: str) -> Json:
        """Return what the server answers to somebody."""
        answer = self.people[name].ask("GET", f"/api/v1{path}")
        assert answer.is_success, answer.text
        found: Json = answer.json()
        return found

    def status(self, name: str | None, path: str) -> int:
        """Return how the server answers to somebody, or to a visitor."""
        person = self.people[name] if name else Person(self.product.address)
        status = person.ask("GET", f"/api/v1{path}").status_code
        if name is None:
            person.http.close()
        return status

    def count(self, video: str, name: str) -> int:
        """Return a number of a video as its author sees it."""
        author = next(iter(self.people))
        return int(self.get(author, f"/videos/{video}")["counts"][name])

    def offered(self, name: str) -> set[str]:
        """Return the videos of the next page of For You."""
        answer = self.people[name].ask("POST", "/api/v1/feed", json={"kind": "for_you"})
        assert answer.is_success, answer.text
        return {card["id"] for card in answer.json()["items"]}


def in_view(page: Page) -> str:
    """Return the video that fills the feed; empty while none does, and at its end."""
    return str(page.evaluate(IN_VIEW)[0])


def moves(page: Page) -> bool:
    """Tell whether the video in view plays."""
    return bool(page.evaluate(IN_VIEW)[1])


def untouched(page: Page, script: str) -> Any:
    """Evaluate a script; unlike Playwright's own way this does not count as a gesture, after which a page may sound."""
    line = page.context.new_cdp_session(page)
    answer = line.send("Runtime.evaluate", {"expression": f"({script})()", "returnByValue": True})
    line.detach()
    return answer["result"].get("value")


def slide(page: Page, video: str = "") -> Locator:
    """Return the place of a video in the feed: of the one in view when none is named."""
    return page.locator(f"[role=feed] article[data-video='{video or in_view(page)}']")


def watch(page: Page, address: str = "/") -> str:
    """Open a feed and wait until its first video plays; returns that video."""
    page.goto(address)
    wait_for(lambda: moves(page), "the first video to play")
    return in_view(page)


def see(page: Page) -> None:
    """Wait until enough of the video in view has been played to count as a view, and look on while it does."""
    wait_for(lambda: bool(page.evaluate(SEEN)), "the video to be seen")


@contextlib.contextmanager
def finger(page: Page) -> Iterator[Callable[..., None]]:
    """Give what a finger does: a kind of touch event, and at which share of the window's height."""
    size = page.viewport_size
    assert size
    line = page.context.new_cdp_session(page)

    def touch(kind: str, *at: float) -> None:
        points = [{"x": size["width"] / 2, "y": size["height"] * part} for part in at]
        line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    yield touch
    line.detach()


def swipe(page: Page, *, up: bool = True) -> str:
    """Let a finger push the feed on by a video, or back; returns the one that is there then, empty at the end."""
    before = in_view(page)
    way = [0.8 - 0.07 * n if up else 0.2 + 0.07 * n for n in range(9)]
    with finger(page) as touch:
        touch("touchStart", way[0])
        for part in way[1:]:
            touch("touchMove", part)
        touch("touchEnd")
    wait_for(lambda: in_view(page) != before, "the swipe to go on")
    wait_for(lambda: in_view(page) != "" or page.evaluate(IN_VIEW)[2], "the feed to rest")
    return in_view(page)


def bring(page: Page, video: str) -> Locator:
    """Go on by key until a video is in view."""
    here = page.locator("[role=feed] article")
    order: list[str] = here.evaluate_all("places => places.map(place => place.dataset.video)")
    while (before := in_view(page)) != video:
        page.keyboard.press("ArrowDown" if order.index(video) > order.index(before) else "ArrowUp")
        wait_for(lambda: in_view(page) not in {before, ""}, f"what stands beside {before}")
    return slide(page, video)


def kept_events(page: Page) -> list[Json]:
    """Return the events that wait in this browser."""
    found: list[Json] = page.evaluate(KEPT_EVENTS)
    return found
