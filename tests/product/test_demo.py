"""A small demo through a real running product: filled in the background, killed in the middle, signed into, removed."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from typing import Any

import pytest
from person import Person
from running import Product, wait_for

pytestmark = pytest.mark.product

HANDLES = ("ada.quill", "benno.brass", "mochi.static")


def _nonet(product: Product, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nonet", *arguments]
    return subprocess.run(command, env=product.environment(), capture_output=True, text=True, check=False, timeout=120)


def _get(product: Product, path: str) -> Any:
    try:
        with urllib.request.urlopen(product.address + path, timeout=10) as answer:  # noqa: S310 - http
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        refused.close()  # it is an answer too, and holds the line
        raise


def _shown(product: Product) -> list[dict[str, Any]]:
    return [card for handle in HANDLES for card in _get(product, f"/api/v1/people/{handle}/videos")["items"]]


def _plays(product: Product, count: int) -> bool:
    try:
        return len(_shown(product)) >= count
    except OSError:
        return False  # not there yet


def _complete(product: Product, operator: Person) -> bool:
    _ = product
    told = operator.ask("GET", "/api/v1/operator/demo").json()
    return bool(told["state"] == "complete")


def test_a_demo_goes_on_after_a_kill_and_is_sealed_by_the_first_sign_up(product: Product) -> None:
    product.start(NONET_DEMO="small")
    wait_for(lambda: _plays(product, 1), "the first clip")
    first = _shown(product)[0]
    product.signal(9)
    product.end()
    wait_for(lambda: not product.processes(), "everything to end by itself")
    product.start(NONET_DEMO="small")
    wait_for(lambda: _plays(product, 4), "four clips")
    shown = _shown(product)
    assert len(shown) == 4
    assert first["id"] in {card["id"] for card in shown}
    assert first["published_at"] < "2100", first
    with urllib.request.urlopen(first["mp4_url"], timeout=10) as played:  # noqa: S310 - http
        assert played.read(12)[4:8] == b"ftyp"

    operator = Person(product.address, handle="harbourmaster")
    operator.sign_up()
    assert _nonet(product, "user", "promote", "harbourmaster").returncode == 0
    wait_for(lambda: _complete(product, operator), "the end of the story")
    told = operator.ask("GET", "/api/v1/operator/demo").json()
    assert (told["people"], told["clips"], told["of"], told["clock"]) == (3, 4, 4, "real")
    refused = operator.ask("PUT", "/api/v1/operator/clock", json={"at": told["now"]})
    assert refused.json()["error"]["code"] == "clock_sealed"

    link = _nonet(product, "demo", "sign-in", "benno").stdout.split()[-1]
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    with opener.open(link, timeout=10) as entered:
        assert entered.status == 200
    with opener.open(product.address + "/api/v1/me", timeout=10) as answer:
        assert json.load(answer)["handle"] == "benno.brass"

    removed = _nonet(product, "demo", "remove")
    assert removed.stdout.startswith("3 people of the demo are leaving."), removed.stderr
    wait_for(lambda: operator.ask("GET", "/api/v1/operator/demo").json()["people"] == 0, "the demo to leave")
    operator.http.close()
    assert product.stop() == 0


def test_a_server_started_empty_stays_empty_and_can_be_filled_by_hand(product: Product) -> None:
    product.start("--empty", NONET_DEMO="small")
    assert _get(product, "/api/v1/search/people?q=ada")["items"] == []
    filled = subprocess.run(
        [sys.executable, "-m", "nonet", "demo"],
        env=product.environment(NONET_DEMO="small"),
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert filled.returncode == 0, filled.stderr
    assert "4 of 4 clips" in filled.stdout
    assert len(_shown(product)) == 4
    assert product.stop() == 0
