import configparser
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "src" / "nonet"
PAGE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")


def table(mark: str) -> list[list[str]]:
    part = PAGE.split(f"<!-- {mark}", 1)[1].split("\n\n", 1)[0]
    rows = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def slices() -> list[str]:
    return [row[0].strip("`") for row in table("slices")]


def test_the_slice_table_lists_every_slice_that_exists() -> None:
    packages = {p.name for p in PACKAGE.iterdir() if (p / "__init__.py").exists()} - {
        "backup",
        "doctor",
        "schema",
        "site",
    }
    assert set(slices()) == packages


def test_the_slice_table_stands_in_the_order_of_the_import_contract() -> None:
    contract = configparser.ConfigParser()
    contract.read(ROOT / ".importlinter")
    layers = contract["importlinter:contract:slices"]["layers"].split()
    assert [layer for layer in layers if layer in slices()] == slices()


def test_every_flow_names_files_that_exist_and_is_short() -> None:
    for flow, hops in ((row[0], row[1]) for row in table("hops")):
        files = re.findall(r"`([^`]+)`", hops)
        assert 1 <= len(files) <= 4, flow
        for file in files:
            assert (PACKAGE / file).is_file(), f"{flow}: {file}"


def test_every_decision_says_its_context_and_what_was_decided() -> None:
    for page in (ROOT / "docs" / "decisions").glob("*.md"):
        text = page.read_text("utf-8")
        assert re.match(r"\d{4}-[a-z0-9-]+\.md", page.name), page.name
        for part in ("## Context", "## Decision"):
            assert part in text, f"{page.name} has no {part}"
