"""What README, CONTRIBUTING and the guides name exists: commands, settings, files, pictures that aren't too large."""

import re
from pathlib import Path

import pytest
import typer
import typer.core

from nonet import cli

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "ARCHITECTURE.md", *(ROOT / "docs").rglob("*.md")]
PICTURE_BYTES_MOST = 150_000


def names(page: Path) -> str:
    return str(page.relative_to(ROOT))


def code(page: Path) -> str:
    """Return what a page shows as code, inline and in blocks."""
    text = page.read_text("utf-8")
    blocks = re.findall(r"```.*?\n(.*?)```", text, re.DOTALL) + re.findall(r"^    (.+)$", text, re.MULTILINE)
    return "\n".join(blocks + re.findall(r"`([^`\n]+)`", text))


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"^(?:\w+=\S+ )*make ([a-z-]+)", code(page), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_nonet_command_and_option_that_a_page_names_exists(page: Path) -> None:
    for line in re.findall(r"^(?:\S*/)?nonet ([a-z].*)$", code(page), re.MULTILINE):
        assert _unknown(line.split()) is None, line


def _unknown(words: list[str]) -> str | None:
    """Return the first word that is neither a command nor an option of the commands before it."""
    command = _commands()
    while isinstance(command, typer.core.TyperGroup) and words:
        if words[0] not in command.commands:
            return words[0]
        command = command.commands[words.pop(0)]
    options = {name for parameter in command.params for name in parameter.opts}
    return next((word for word in words if word.startswith("--") and word.split("=")[0] not in options), None)


def _commands() -> typer.core.TyperGroup:
    if not any(group.name == "user" for group in cli.app.registered_groups):
        cli._groups()  # noqa: SLF001 - added when the command is run
    made = typer.main.get_command(cli.app)
    assert isinstance(made, typer.core.TyperGroup)
    return made


def test_the_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in _commands().commands if f"`nonet {name}`" not in text] == []


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_link_leads_to_a_file_of_this_repository(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))
    inside = [link.split("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    assert [link for link in inside if not (page.parent / link).exists()] == []


def test_pictures_are_small_and_shown_somewhere() -> None:
    shown = "".join(page.read_text("utf-8") for page in PAGES)
    for picture in (ROOT / "docs").rglob("*.png"):
        assert picture.stat().st_size <= PICTURE_BYTES_MOST, picture.name
        assert picture.name in shown


def test_a_change_is_told_in_one_paragraph() -> None:
    for fragment in (ROOT / "docs" / "changes").glob("*.md"):
        text = fragment.read_text("utf-8").strip()
        assert text, fragment.name
        assert "\n\n" not in text, fragment.name
        assert not text.startswith("#"), fragment.name


def test_decisions_are_numbered_on_and_each_has_its_own() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        assert page.read_text("utf-8").startswith(f"# {int(page.name[:4])}. "), page.name
