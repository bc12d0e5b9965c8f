"""What a person sees on a phone while something the server stands on is away. Pages come back by themselves."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from corpus import clip
from pages import Open, fill_sign_up
from playwright.sync_api import Browser, Page, expect
from running import Product, wait_for
from small_disk import SmallDisk, possible
from society import moves, watch

import seaweed
from wire import Wire

pytestmark = pytest.mark.browser

AWAY = "The server doesn\N{RIGHT SINGLE QUOTATION MARK}t answer."
TRIES = "This page tries again by itself."


class Operated:
    """A running product, and its operator, who has published a video."""

    def __init__(self, product: Product, chromium: Browser, folder: Path) -> None:
        self.product, self.clip = product, folder / "glasses.mp4"
        self.clip.write_bytes(clip().read_bytes())
        link = re.search(r"http://\S+/setup/\S+", product.said)
        assert link, product.said
        context = chromium.new_context(base_url=product.address)
        page = context.new_page()
        page.goto(link[0])
        fill_sign_up(page, "keeper")
        page.wait_for_url("**/operator")
        self.upload(page)
        page.get_by_role("button", name="Publish").click()
        page.goto("/uploads")
        expect(page.get_by_text("Ready", exact=True)).to_be_visible(timeout=60_000)
        self.state = context.storage_state()
        context.close()

    def upload(self, page: Page) -> None:
        page.goto("/upload")
        page.locator("input[type=file]").first.set_input_files(self.clip)

    def enter(self, profile: Open) -> Page:
        wait_for(self.product.ready, "the server to answer")
        return profile(base_url=self.product.address, storage_state=self.state, has_touch=True).new_page()


@pytest.fixture(scope="module")
def house(product: Product, chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Operated:
    return Operated(product, chromium, tmp_path_factory.mktemp("clips"))


def comes(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_text(text).first).to_be_visible(timeout=60_000)


def goes(page: Page, text: str) -> None:
    expect(page.get_by_text(text)).to_have_count(0, timeout=60_000)


def test_a_page_of_a_server_that_is_away_says_so_and_fills_itself_when_it_is_back(
    house: Operated, profile: Open, keep: Callable[..., None]
) -> None:
    page = house.enter(profile)
    watch(page)
    with house.product.without("api"):
        page.get_by_role("link", name="Discover").first.click()
        comes(page, "The server didn\N{RIGHT SINGLE QUOTATION MARK}t answer")
        comes(page, TRIES)
        comes(page, AWAY)
        keep(page, "outage-server-discover-phone")
    expect(page.get_by_role("alert")).to_have_count(0, timeout=60_000)
    goes(page, AWAY)
    keep(page, "outage-server-over-phone")


def test_a_feed_and_the_operators_page_wait_for_the_database(
    house: Operated, profile: Open, keep: Callable[..., None]
) -> None:
    feed, desk = house.enter(profile), house.enter(profile)
    desk.goto("/operator")
    expect(desk.locator("[role=tabpanel] .versions")).to_be_visible()
    with house.product.without("postgres"):
        feed.goto("/")
        comes(feed, "The database is away.")
        comes(feed, TRIES)
        comes(feed, AWAY)
        keep(feed, "outage-database-feed-phone")
        comes(desk, "The database is away.")
        keep(desk, "outage-database-operator-phone")
    wait_for(lambda: moves(feed), "the feed to play by itself")
    goes(feed, AWAY)
    goes(desk, "The database is away.")


def test_a_file_that_is_chosen_while_the_database_is_away_is_sent_when_it_is_back(
    house: Operated, profile: Open, keep: Callable[..., None]
) -> None:
    page = house.enter(profile)
    page.goto("/upload")
    chooser = page.locator("input[type=file]").first
    chooser.wait_for(state="attached")
    with house.product.without("postgres"):
        chooser.set_input_files(house.clip)
        comes(page, re.compile("Connection lost at .* Resumes by itself"))
        comes(page, AWAY)
        keep(page, "outage-database-upload-phone")
    page.wait_for_url(re.compile(r"u=\d+"))
    comes(page, re.compile("Already playing|Ready"))
    goes(page, AWAY)


@pytest.mark.s3
def test_a_storage_that_is_gone_is_said_by_player_and_upload(
    tmp_path: Path, chromium: Browser, profile: Open, keep: Callable[..., None]
) -> None:
    wire = Wire(int(seaweed.server().endpoint.rsplit(":", 1)[1]))
    product = Product(tmp_path / "data")
    product.start(
        NONET_STORAGE_URL=f"s3://{seaweed.BUCKET}/seen",
        NONET_S3_ENDPOINT=f"http://127.0.0.1:{wire.port}",
        NONET_S3_ACCESS_KEY=seaweed.ACCESS_KEY,
        NONET_S3_SECRET_KEY=seaweed.SECRET_KEY,
    )
    try:
        house = Operated(product, chromium, tmp_path)
        feed, page = house.enter(profile), house.enter(profile)
        wire.turn("gone")
        feed.goto("/")
        comes(feed, "The video stopped")
        keep(feed, "outage-storage-feed-phone")
        house.upload(page)
        comes(page, "The storage of videos doesn't answer. Your upload is safe")
        keep(page, "outage-storage-upload-phone")
        wire.turn("open")
        wait_for(lambda: moves(feed), "the video to play by itself")
        comes(page, re.compile("Already playing|Ready"))
    finally:
        product.stop()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    if not possible():
        pytest.skip("this machine lets nobody make a disk")
    made = SmallDisk(tmp_path / "data")
    made.start(NONET_DISK_FLOOR_MB="16")
    yield made
    made.stop()


def test_a_full_disk_is_said_where_it_matters_and_watching_goes_on(
    small_disk: SmallDisk, tmp_path: Path, chromium: Browser, profile: Open, keep: Callable[..., None]
) -> None:
    house = Operated(small_disk, chromium, tmp_path)
    feed, page, desk = (house.enter(profile) for _ in range(3))
    small_disk.fill(leave_bytes=12 << 20)
    watch(feed)
    house.upload(page)
    comes(page, "The server has no room right now.")
    keep(page, "outage-disk-upload-phone")
    desk.goto("/operator")
    comes(desk, "The disk has no room: uploads are refused")
    keep(desk, "outage-disk-operator-phone")
    small_disk.fill()
    again = {"data": {"kind": "for_you", "again": True}, "headers": {"Origin": small_disk.address}}
    wait_for(lambda: feed.request.post("/api/v1/feed", **again).status == 507, "the database's disk to be full")
    feed.goto("/")
    comes(feed, "The server's disk is full.")
    keep(feed, "outage-disk-feed-phone")
    small_disk.make_room()
    goes(feed, "The server's disk is full.")
    page.wait_for_url(re.compile(r"u=\d+"))
    comes(page, re.compile("Already playing|Ready"))
    goes(desk, "The disk has no room: uploads are refused")
