"""From sign-up to a friend who watches, with the line cut and the server killed on the way."""

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from corpus import clip
from pages import DESKTOP, Open, plays, sign_up
from playwright.sync_api import expect
from running import Product, wait_for

pytestmark = pytest.mark.browser

UPLOAD_BYTES_S = 3_000_000
SIZE = 24_000_000
CAPTION = "Filled by ear, tuned with a teaspoon #kitchen"


def long_clip(folder: Path) -> Path:
    """Return a clip of 24 MB: a short one and a box of nothing (``free``, ISO 14496-12), as editors leave them."""
    start = clip().read_bytes()
    path = folder / "glasses.mp4"
    filling = SIZE - len(start) - 8
    path.write_bytes(start + (filling + 8).to_bytes(4, "big") + b"free" + os.urandom(filling))
    return path


def test_a_file_survives_a_cut_line_and_a_killed_server_and_plays_for_a_friend(
    product: Product, profile: Open, keep: Callable[..., None], tmp_path: Path
) -> None:
    mine = profile(base_url=product.address)
    page = mine.new_page()
    sign_up(page, "junoplays")
    keep(page, "1-signed-up-phone")

    line = mine.new_cdp_session(page)
    line.send("Network.enable")
    slow = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": UPLOAD_BYTES_S}
    line.send("Network.emulateNetworkConditions", slow)
    page.goto("/upload")
    page.locator("input[type=file]").first.set_input_files(long_clip(tmp_path))
    page.get_by_label("Caption").first.fill(CAPTION)
    upload_id = page.wait_for_url(re.compile(r"u=\d+")) or re.search(r"u=(\d+)", page.url)
    assert upload_id
    address = f"/api/v1/uploads/{upload_id[1]}"

    def offset() -> int:
        answer = mine.request.get(product.address + address)
        return int(answer.json()["upload"]["offset"]) if answer.ok else -1

    wait_for(lambda: offset() > SIZE // 5, "the first pieces")
    keep(page, "2-uploading-phone")
    line.send("Network.emulateNetworkConditions", slow | {"offline": True})
    expect(page.get_by_text(re.compile("Connection lost|No connection")).first).to_be_visible()
    keep(page, "3-line-lost-phone")
    safe = offset()
    line.send("Network.emulateNetworkConditions", slow)
    wait_for(lambda: offset() > safe, "the upload to go on by itself")

    os.kill(product.pid("api"), signal.SIGKILL)
    wait_for(product.ready, "the server to answer again")
    wait_for(lambda: offset() == SIZE, "the last byte")

    page.get_by_role("button", name="Publish").click()
    wait_for(
        lambda: mine.request.get(product.address + address).json()["upload"]["state"] == "complete", "the final check"
    )
    page.goto("/uploads")
    expect(page.get_by_text("Ready").first).to_be_visible()
    keep(page, "4-ready-phone")
    video = mine.request.get(product.address + address).json()
    assert (video["state"], video["caption"]) == ("published", CAPTION)

    friend = profile(base_url=product.address, viewport=DESKTOP, color_scheme="light").new_page()
    friend.goto(video["share_url"])
    wait_for(lambda: plays(friend), "the video to play for a friend")
    expect(friend.get_by_text("Filled by ear").first).to_be_visible()
    keep(friend, "5-friend-desktop")

    plain = profile(base_url=product.address, java_script_enabled=False).new_page()
    plain.goto(video["share_url"])
    expect(plain.locator("main.plain video")).to_have_attribute("src", re.compile(r"/m/.*\.mp4$"))
    expect(plain.get_by_text("Filled by ear").first).to_be_visible()
    keep(plain, "6-friend-without-javascript-phone")
    assert native_playback(profile, plain.locator("main.plain video").get_attribute("src") or "")


def native_playback(profile: Open, address: str) -> bool:
    """Tell whether the browser's own player, with nothing of ours around it, plays the file of the plain page."""
    page = profile().new_page()
    page.set_content(f'<video src="{address}" autoplay muted playsinline></video>')
    wait_for(lambda: plays(page), "the browser's own player")
    return plays(page)
