"""The documentation site: everything is on it, nothing of it comes from elsewhere, and what leads nowhere fails."""

import html
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INDEX = """# Start

## Guides

- [Watching](guide/viewer.md)

## Built

- [How](../ARCHITECTURE.md)
- [Contributing](../CONTRIBUTING.md)
- [Decisions](decisions)
- [API](reference/openapi.json)
- [New](../CHANGELOG.md)
"""
PAGES = {
    "docs/index.md": INDEX,
    "docs/guide/viewer.md": "# Watching\n\n## The feed\n\nIt [is built](../../ARCHITECTURE.md#slices).\n",
    "docs/decisions/0001-a.md": "# 1. A\n",
    "docs/changes/a.md": "A thing is new.\n",
    "docs/reference/openapi.json": '{"info": {"version": "1"}, "paths": {}, "components": {"schemas": {}}}',
    "ARCHITECTURE.md": "# How it is built\n\n## Slices\n",
    "CONTRIBUTING.md": "# Contributing\n\nSee [the licence](LICENSE).\n",
    "CHANGELOG.md": "# Changes\n\nWhat is new.\n",
    "LICENSE": "All of it.\n",
}


def build(site: Path, source: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "tools" / "docs.py", "--source", source, "--to", site]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Give the smallest checkout that a site can be made of."""
    for name, text in PAGES.items():
        path = tmp_path / "checkout" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "checkout"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the site of this checkout."""
    made = tmp_path_factory.mktemp("site")
    done = build(made)
    assert done.returncode == 0, done.stderr
    return made


def test_every_page_of_the_documentation_is_on_the_site(site: Path) -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs").with_suffix(".html")
        assert (site / name).is_file() or page.parent.name == "changes", name
    told = re.sub(r"<[^>]+>", "", (site / "changes.html").read_text("utf-8"))
    for change in (ROOT / "docs" / "changes").glob("*.md"):
        first = " ".join(change.read_text("utf-8").replace("`", "").replace("*", "").split()[:6])
        assert first in html.unescape(told)


def test_every_call_of_the_api_and_every_shape_is_on_the_site(site: Path) -> None:
    text = "".join(page.read_text("utf-8") for page in (site / "reference" / "api").glob("*.html"))
    assert "POST /api/v1/accounts" in text
    assert text.count("/api/v1/") > 150
    assert 'href="shapes.html#shape-card"' in text


def test_nothing_of_a_page_comes_from_another_place(site: Path) -> None:
    for page in site.rglob("*.html"):
        shown = re.findall(r'<(?:script|img|link|iframe|source)[^>]+(?:src|href)="([^"]+)"', page.read_text("utf-8"))
        assert shown
        for address in shown:
            assert (page.parent / address.split("?")[0]).exists(), f"{page.name}: {address}"
    for sheet in site.rglob("*.css"):
        for address in re.findall(r"url\([\"']?([^)\"']+)", sheet.read_text("utf-8")):
            assert (sheet.parent / address).is_file(), f"{sheet.name}: {address}"


def test_a_small_checkout_becomes_a_site(checkout: Path, tmp_path: Path) -> None:
    done = build(tmp_path / "site", checkout)
    assert done.returncode == 0, done.stderr
    assert "A thing is new." in (tmp_path / "site" / "changes.html").read_text()
    assert 'href="../building/architecture.html#slices"' in (tmp_path / "site/guide/viewer.html").read_text()


@pytest.mark.parametrize(
    ("page", "text", "said"),
    [
        ("docs/guide/viewer.md", "# Watching\n\n[Gone](gone.md)\n", "gone.md"),
        ("docs/guide/viewer.md", "# Watching\n\n[There](../../ARCHITECTURE.md#nowhere)\n", "nowhere"),
        ("docs/guide/viewer.md", "# Watching\n\n![Seen](seen.webp)\n", "seen.webp"),
        ("docs/guide/forgotten.md", "# Forgotten\n", "forgotten.md"),
    ],
    ids=["a link", "a heading", "a picture", "a page that the contents don't name"],
)
def test_what_leads_nowhere_fails(checkout: Path, tmp_path: Path, page: str, text: str, said: str) -> None:
    (checkout / page).write_text(text)
    done = build(tmp_path / "site", checkout)
    assert done.returncode != 0
    assert said in done.stderr
    assert not (tmp_path / "site").exists()
