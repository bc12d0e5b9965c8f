"""The three ways a browser may reach the product: plain http at home, https of its own authority, https of a proxy."""

import contextlib
import os
import re
import signal
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from corpus import clip
from pages import Open, sign_up
from playwright.sync_api import Page, expect
from relay import relay
from running import Product, wait_for

from nonet.core import tls

pytestmark = pytest.mark.browser

NOT_ENCRYPTED = re.compile("This address is not encrypted")


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Product]:
    """Give a product that isn't started; it is ended at the end."""
    product = Product(tmp_path / "data")
    yield product
    if product.up is not None:
        product.stop()
    for pid in product.processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def cookie(page: Page) -> dict[str, Any]:
    """Return the one cookie of a browser profile, which no script can read."""
    (only,) = page.context.cookies()
    assert page.evaluate("document.cookie") == ""
    assert (only["httpOnly"], only["sameSite"], only["path"]) == (True, "Lax", "/")
    return dict(only)


def upload(page: Page) -> None:
    """Upload a clip by the page and wait until the server has all of it."""
    page.goto("/upload")
    page.locator("input[type=file]").first.set_input_files(clip())
    page.wait_for_url(re.compile(r"u=\d+"))
    address = f"/api/v1/uploads/{page.url.rsplit('=', 1)[-1]}"
    wait_for(lambda: ask(page, address)["upload"]["state"] not in {"receiving", "failed"}, "the whole file")


def ask(page: Page, address: str) -> Any:
    """Return what the server answers to a script of the page."""
    return page.evaluate("address => fetch(address).then(answer => answer.json())", address)


def test_plain_http_keeps_the_cookie_from_scripts_and_says_what_is_missing(made: Product, profile: Open) -> None:
    made.start()
    page = profile(base_url=made.address).new_page()
    sign_up(page, "homebody")
    kept = cookie(page)
    assert (kept["name"], kept["secure"], kept["domain"]) == ("nonet", False, "localhost")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text(NOT_ENCRYPTED)).to_have_count(0)
    assert made.stop() == 0

    at_home = f"http://videos.home.arpa:{made.port}"
    made.start(NONET_PUBLIC_URL=at_home)
    page = profile(base_url=at_home).new_page()
    sign_up(page, "nextdoor")
    kept = cookie(page)
    assert (kept["name"], kept["secure"], kept["domain"]) == ("nonet", False, "videos.home.arpa")
    assert not page.evaluate("isSecureContext")
    upload(page)
    banner = page.get_by_text(NOT_ENCRYPTED)
    expect(banner).to_be_visible()
    banner.get_by_role("link").click()
    expect(page.get_by_text("nonet up --https")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(banner).to_have_count(0)


def test_https_of_its_own_authority_is_a_secure_context_with_a_host_cookie(made: Product, profile: Open) -> None:
    made.start("--https")
    made.tls = ssl.create_default_context(cafile=made.data_dir / "keys" / "ca.crt")
    assert made.ready()
    page = profile(base_url=made.address, ignore_https_errors=True).new_page()
    answer = page.goto("/trust")
    assert answer
    assert "max-age=" in answer.headers["strict-transport-security"]
    expect(page.get_by_role("heading", name="Trust this server")).to_be_visible()
    wait_for(lambda: bool(page.evaluate("document.querySelector('main img')?.naturalWidth > 0")), "the QR code")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the certificate").click()
    assert ssl.DER_cert_to_PEM_cert(Path(download.value.path()).read_bytes()).startswith("-----BEGIN CERTIFICATE")

    sign_up(page, "trusting")
    kept = cookie(page)
    assert (kept["name"], kept["secure"], kept["domain"]) == ("__Host-nonet", True, "localhost")
    assert page.evaluate("isSecureContext")
    expect(page.get_by_text(NOT_ENCRYPTED)).to_have_count(0)
    upload(page)


def test_behind_a_proxy_other_sites_change_nothing_and_strangers_forward_nothing(
    made: Product, profile: Open, tmp_path: Path
) -> None:
    host = "videos.home.arpa"
    with relay(made.port, *tls.ensure(tmp_path, [host])) as port:
        origin = f"https://{host}:{port}"
        made.start(NONET_PUBLIC_URL=origin, NONET_TRUSTED_PROXIES="127.0.0.1")
        page = profile(base_url=origin, ignore_https_errors=True).new_page()
        sign_up(page, "proxied")
        kept = cookie(page)
        assert (kept["name"], kept["secure"], kept["domain"]) == ("__Host-nonet", True, host)
        assert another_site_sends(page, f"{origin}/api/v1/uploads") == 403
        assert ask(page, "/api/v1/me")["handle"] == "proxied"
        page.context.close()
        strangers_forward_nothing(f"http://127.0.0.1:{made.port}", host=f"{host}:{port}", origin=origin)
        assert made.stop() == 0


def another_site_sends(page: Page, address: str) -> int:
    """Open another site in the same browser, whose form sends itself to an address; return the answer's status."""
    form = f'<form method="post" enctype="text/plain" action="{address}"><button>Win a prize</button></form>'
    page.route("https://elsewhere.example/", lambda route: route.fulfill(content_type="text/html", body=form))
    page.goto("https://elsewhere.example/")
    with page.expect_response(address) as answer:
        page.get_by_role("button").click()
    page.goto("/")
    return answer.value.status


def strangers_forward_nothing(address: str, *, host: str, origin: str) -> None:
    """Check that only the trusted proxy says for whom a request comes: sign-ins are counted by client."""

    def sign_in(peer: str, forwarded: str) -> int:
        headers = {"Host": host, "Origin": origin, "X-Forwarded-For": forwarded}
        with httpx.Client(transport=httpx.HTTPTransport(local_address=peer)) as client:
            form = {"login": "nobodyhere", "password": "nine wrong glasses"}
            return client.post(f"{address}/api/v1/session", headers=headers, json=form, timeout=20).status_code

    stranger, proxy = "127.0.0.3", "127.0.0.1"
    tries = [sign_in(stranger, f"203.0.113.{number}") for number in range(11)]
    assert tries == [401] * 10 + [429]
    assert sign_in(proxy, stranger) == 429
    assert sign_in(proxy, "203.0.113.5") == 401
