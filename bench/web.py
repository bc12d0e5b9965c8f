"""What watching feels like in a real Chromium of 390 by 844: swipes, the first picture, the weight of the scripts.

- *swipe*: from the frame in which the next video is the nearest to the snapping edge, so the one that will be snapped,
  to its first presented frame after that (requestVideoFrameCallback). Two rounds by finger through a feed, one swipe
  each 1.5 s. *floor* is the same by the same code on a bare page whose files are all in memory. In turns.
- *ready share*: swipes whose next video had presented a decoded first frame before the finger moved.
- *first frame*: an empty cache and nobody signed in, from the start of the navigation to the first frame of a video
  that plays; on loopback, and at 10 Mbit/s with a round trip of 60 ms.
- *js*: every script that came before that frame, as many bytes as came; *player*: the one with the stream player.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench import product, viewers
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, ViewportSize, sync_playwright

from nonet.media import tools

VIDEOS = 22
CLIP_S = 6
ROUNDS = 2
SWIPE_S = 1.5
COLD_LOADS = 5
PHONE: ViewportSize = {"width": 390, "height": 844}
SLOW = {"offline": False, "latency": 60, "downloadThroughput": 1_250_000, "uploadThroughput": 1_250_000}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PATIENCE_MS = 60_000
BARE = "http://bare.localhost"

# Notes which sources have presented a frame, and times each change of the nearest place to the frame after it.
WATCH = """
(() => {
  const shown = new WeakMap()
  self.swipes = []; self.first = null
  const arm = video => video.requestVideoFrameCallback(now => {
    shown.set(video, video.currentSrc)
    if (self.first === null && !video.paused) self.first = now
    else if (self.first === null) video.addEventListener('play', () => arm(video), { once: true })
  })
  document.addEventListener('loadstart', event => arm(event.target), true)
  let at = -1
  const look = () => {
    const strip = document.querySelector('[role=feed]')
    const now = strip ? Math.round(strip.scrollTop / strip.clientHeight) : -1
    if (strip && at !== now && at !== -1) {
      const began = performance.now(), top = strip.getBoundingClientRect().top
      const edge = top + now * strip.clientHeight - strip.scrollTop
      const found = [...strip.querySelectorAll('video')].find(v => Math.abs(v.getBoundingClientRect().top - edge) < 2)
      if (found) {
        const swipe = { to: now, ready: shown.get(found) === found.currentSrc && found.readyState >= 2, ms: null }
        self.swipes.push(swipe)
        found.requestVideoFrameCallback(done => { swipe.ms = Math.max(done, performance.now()) - began })
      }
    }
    at = now
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
})()
"""

BARE_PAGE = """<!doctype html><meta name=viewport content="width=device-width"><style>
* { margin: 0 } [role=feed] { height: 780px; overflow-y: scroll; scroll-snap-type: y mandatory }
section { height: 780px; scroll-snap-align: start; scroll-snap-stop: always }
video { width: 100%; height: 100%; object-fit: cover }</style><div role=feed></div><script>
const strip = document.querySelector('[role=feed]'), files = []
let now = 0, aloud = false
addEventListener('touchend', () => { aloud = true })
const video = n => strip.children[n]?.querySelector('video')
const hold = n => {
  if (!files[n] || video(n)) return
  const made = Object.assign(document.createElement('video'), { muted: true, playsInline: true, loop: true })
  strip.children[n].append(made)
  made.preload = 'auto'; made.src = URL.createObjectURL(files[n])
}
const play = () => {
  strip.querySelectorAll('video').forEach(each => each.pause())
  const here = video(now)
  here.muted = !aloud
  here.play().catch(() => { here.muted = true; here.play() })
  setTimeout(() => {
    for (const each of strip.querySelectorAll('video'))
      if (![now, now + 1, now + 2].includes([...strip.children].indexOf(each.parentNode))) each.remove()
    hold(now + 1); hold(now + 2)
  }, 300)
}
strip.addEventListener('scroll', () => {
  const next = Math.round(strip.scrollTop / strip.clientHeight)
  if (next !== now) { now = next; play() }
})
self.fill = async count => {
  for (let n = 0; n < count; n++) {
    strip.append(document.createElement('section'))
    files.push(await (await fetch(`/${n}.mp4`)).blob())
  }
  hold(0); play()
}
</script>"""


def main() -> None:
    """Measure and print; the last line is JSON."""
    path = os.environ.get("NONET_BROWSER") or "/usr/bin/chromium"
    with product.running() as running, sync_playwright() as playwright:
        files = _publish(running, [_clip(n) for n in range(VIDEOS)])
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            result = _swipes(browser, running, files) | _first_frames(browser, running)
        finally:
            browser.close()
    print(json.dumps({"part": "web"} | result))


def _clip(n: int) -> Path:
    """Return a moving picture with a tone, 720 by 1280, made when it isn't there."""
    home = Path(os.environ.get("NONET_TEST_CACHE") or Path.home() / ".cache" / "nonet-tests")
    path = home / f"bench-web-1-{n}.mp4"
    if path.exists():
        return path
    home.mkdir(parents=True, exist_ok=True)
    picture = f"gradients=s=720x1280:n=5:seed={n + 1}:speed=0.04:r=30:d={CLIP_S},noise=alls=14:allf=t:all_seed={n + 1}"
    half = path.with_suffix(".half.mp4")
    command: list[Any] = [tools.ffmpeg(), "-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", picture]
    command += ["-f", "lavfi", "-i", f"sine=frequency={220 + 20 * n}:duration={CLIP_S}"]
    command += ["-c:v", "libx264", "-preset", "veryfast", "-b:v", "2500k", "-pix_fmt", "yuv420p", "-g", "60"]
    subprocess.run([*command, "-c:a", "aac", "-movflags", "+faststart", half], check=True)
    half.rename(path)
    return path


def _publish(running: product.Product, clips: list[Path]) -> list[bytes]:
    """Publish every clip, of three people in turn, and wait for the last encode; return files as they are served."""
    people = [product.Person(running.port) for _ in range(3)]
    begun = []
    for person in people:
        person.sign_up()
    for n, clip in enumerate(clips):
        person, data = people[n % len(people)], clip.read_bytes()
        location = person.begin(len(data))
        person.ask("PUT", f"{location}/draft", {"caption": f"Clip {n + 1} of the bench", "publish": True})
        person.send(location, data)
        begun.append((person, location))
    for person, location in begun:
        person.wait(location, "complete")
    videos = [person.ask("GET", location)[2] for person, location in begun]
    if any(video["state"] != "published" for video in videos):
        sys.exit("not every clip was published")
    return [viewers.fetch(video["card"]["mp4_url"]) for video in videos]


def _phone(browser: Browser, running: product.Product) -> BrowserContext:
    context = browser.new_context(
        base_url=f"http://localhost:{running.port}", viewport=PHONE, has_touch=True, is_mobile=True
    )
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(WATCH)
    return context


def _swipes(browser: Browser, running: product.Product, files: list[bytes]) -> dict[str, Any]:
    """Swipe through the feed and through the bare page, in turns."""
    found: list[dict[str, Any]] = []
    floor: list[dict[str, Any]] = []
    for _ in range(ROUNDS):
        floor += _bare(browser, running, files)
        found += _feed(browser, running)
    times = sorted(each["ms"] for each in found if each["ms"] is not None)
    if len(times) < len(found):
        print(f"{len(found) - len(times)} swipes never showed a frame", file=sys.stderr)
    bare = [each["ms"] for each in floor if each["ms"] is not None]
    ready = sum(each["ready"] for each in found) / len(found)
    return {
        "swipe_ms": round(statistics.median(times), 1),
        "swipe_p95_ms": round(times[int(len(times) * 0.95)], 1),
        "swipe_floor_ms": round(statistics.median(bare), 1),
        "ready_share": round(ready, 3),
        "swipes": len(found),
    }


def _feed(browser: Browser, running: product.Product) -> list[dict[str, Any]]:
    context = _phone(browser, running)
    page = context.new_page()
    page.goto("/")
    _await_frame(page)
    found = _swipe_through(context, page, VIDEOS - 1)
    context.close()
    return found


def _await_frame(page: Page) -> None:
    """Wait for the first frame; asked again and again from outside, for the page's policy forbids to evaluate there."""
    given_up_at = time.monotonic() + PATIENCE_MS / 1000
    while page.evaluate("self.first") is None:
        if time.monotonic() > given_up_at:
            sys.exit("no frame of a video came")
        page.wait_for_timeout(50)


def _bare(browser: Browser, running: product.Product, files: list[bytes]) -> list[dict[str, Any]]:
    context = _phone(browser, running)
    for n, file in enumerate(files):
        context.route(f"{BARE}/{n}.mp4", _answer(file, "video/mp4"))
    context.route(f"{BARE}/", _answer(BARE_PAGE.encode(), "text/html"))
    page = context.new_page()
    page.goto(f"{BARE}/")
    page.evaluate(f"fill({len(files)})")
    _await_frame(page)
    found = _swipe_through(context, page, len(files) - 1)
    context.close()
    return found


def _answer(body: bytes, kind: str) -> Any:  # noqa: ANN401 - a handler of Playwright's
    return lambda route: route.fulfill(body=body, content_type=kind)


def _swipe_through(context: BrowserContext, page: Page, times: int) -> list[dict[str, Any]]:
    """Swipe up by a finger again and again, and return what the page saw of each."""
    line = context.new_cdp_session(page)
    page.wait_for_timeout(SWIPE_S * 1000)
    for _ in range(times):
        began = time.monotonic()
        _swipe(line)
        page.wait_for_timeout(max(0.0, began + SWIPE_S - time.monotonic()) * 1000)
    found: list[dict[str, Any]] = page.evaluate("self.swipes")
    forward: dict[int, dict[str, Any]] = {each["to"]: each for each in reversed(found)}
    return list(forward.values())


def _swipe(line: CDPSession) -> None:
    """Draw a finger from below to above in about 100 ms."""
    x, start, end, moves = 180, 640, 200, 8
    line.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": start}]})
    for n in range(1, moves + 1):
        point = {"x": x, "y": start + (end - start) * n / moves}
        line.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
        time.sleep(0.012)
    line.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def _first_frames(browser: Browser, running: product.Product) -> dict[str, Any]:
    """Open the product anew with nothing kept, at two speeds of the line."""
    quick = [_cold(browser, running, None) for _ in range(COLD_LOADS)]
    slow = [_cold(browser, running, SLOW) for _ in range(COLD_LOADS)]
    return {
        "first_frame_ms": round(statistics.median(each["ms"] for each in quick)),
        "first_frame_slow_ms": round(statistics.median(each["ms"] for each in slow)),
        "js_kb": round(max(each["js"] for each in quick + slow) / 1000, 1),
        "player_kb": round(max(each["player"] for each in quick + slow) / 1000, 1),
    }


def _cold(browser: Browser, running: product.Product, network: dict[str, Any] | None) -> dict[str, float]:
    context = _phone(browser, running)
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    if network:
        line.send("Network.emulateNetworkConditions", network)
    scripts: dict[str, dict[str, Any]] = {}
    line.on("Network.requestWillBeSent", lambda e: _ask(scripts, e))
    line.on("Network.loadingFinished", lambda e: _come(scripts, e))
    page.goto("/", wait_until="commit")
    _await_frame(page)
    first_ms, origin_s = page.evaluate("[self.first, performance.timeOrigin / 1000]")
    page.wait_for_timeout(SWIPE_S * 1000)
    came = [each for each in scripts.values() if "size" in each]
    found = {
        "ms": first_ms,
        "js": float(sum(each["size"] for each in came if each["wall_s"] < origin_s + first_ms / 1000)),
        "player": float(max(each["size"] for each in came if _plays_streams(context, each["url"]))),
    }
    context.close()
    return found


def _ask(scripts: dict[str, dict[str, Any]], event: dict[str, Any]) -> None:
    if event["request"]["url"].endswith(".js"):
        scripts[event["requestId"]] = {"url": event["request"]["url"], "wall_s": event["wallTime"]}


def _come(scripts: dict[str, dict[str, Any]], event: dict[str, Any]) -> None:
    if event["requestId"] in scripts:
        scripts[event["requestId"]]["size"] = event["encodedDataLength"]


def _plays_streams(context: BrowserContext, url: str) -> bool:
    return "EXTINF" in context.request.get(url).text()
