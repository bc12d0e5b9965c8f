"""Gathers what the site is made of: pages of docs/ and of the root, the changes, the decisions, the API.

Pages stay plain Markdown that any reader of the repository shows; only their links are turned to where pages stand on
the site. docs/index.md is the navigation: each of its sections is a part, each link in a list a page of it.
"""

import json
import os
import re
import shutil
from pathlib import Path, PurePosixPath

import api

MOVED = {
    "README.md": "index.md",
    "ARCHITECTURE.md": "building/architecture.md",
    "CONTRIBUTING.md": "building/contributing.md",
    "CHANGELOG.md": "changes.md",
    "docs/decisions": "decisions/index.md",
    "docs/changes": "changes.md",
    "docs/reference/openapi.json": "reference/api/index.md",
}
"""Where a page of the root, or what a page names that is no page yet, stands on the site."""
LINK = re.compile(r"(\]\()([^)\s#]+)(#[^)\s]*)?(\))")
LISTED = re.compile(r"^- \[([^\]]+)\]\(([^)\s]+\.md)\)", re.MULTILINE)


def gather(root: Path, pages: Path) -> None:
    """Write every page of the site, and the files that pages show or name, into an empty folder."""
    for page in sorted((root / "docs").rglob("*")):
        if page.is_file() and page.parent.name != "changes" and page.name != "openapi.json":
            _place(root, page, pages)
    for name in MOVED:
        if name.endswith(".md") and name != "README.md":
            _place(root, root / name, pages)
    _decisions(pages)
    _changes(root, pages)
    description = (root / "docs" / "reference" / "openapi.json").read_text("utf-8")
    _write(pages / "files" / "openapi.json", description)
    for name, text in api.pages(json.loads(description)).items():
        _write(pages / "reference" / "api" / name, text)
    _navigation(pages / "index.md")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _stands(name: str) -> PurePosixPath:
    """Return where a file of the repository stands on the site; one that is no page of it stands in files/."""
    if name in MOVED:
        return PurePosixPath(MOVED[name])
    return PurePosixPath(name.removeprefix("docs/") if name.startswith("docs/") else f"files/{name}")


def _place(root: Path, source: Path, pages: Path) -> None:
    here = _stands(source.relative_to(root).as_posix())
    target = pages / here
    if source.suffix != ".md":
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        return

    def turned(link: re.Match[str]) -> str:
        named = (source.parent / link[2]).resolve()
        if ":" in link[2] or not named.is_relative_to(root) or not named.exists():
            return link[0]
        there = _stands(named.relative_to(root).as_posix())
        if there.parts[0] == "files" and named.is_file():
            (pages / there).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(named, pages / there)
        return f"{link[1]}{os.path.relpath(there, here.parent)}{link[3] or ''}{link[4]}"

    _write(target, LINK.sub(turned, source.read_text("utf-8")))


def _decisions(pages: Path) -> None:
    """Write the list of decisions, the latest first."""
    names = sorted((page.name for page in (pages / "decisions").glob("[0-9]*.md")), reverse=True)
    text = "# Decisions\n\nWhat could as well have been decided otherwise: what was in the way, what was measured, what"
    text += " was decided. A page that no longer holds is followed by one that says so.\n"
    _write(pages / "decisions" / "index.md", text + _tree("", [f"{name}" for name in names], seen=True))


def _changes(root: Path, pages: Path) -> None:
    """Write the changes: those of no release yet above the released."""
    fresh = [page.read_text("utf-8").strip() for page in sorted((root / "docs" / "changes").glob("*.md"))]
    _title, _, told = (root / "CHANGELOG.md").read_text("utf-8").partition("\n")
    since = "".join(f"\n- {' '.join(text.split())}" for text in fresh)
    released = told[told.index("\n## ") :] if "\n## " in told else ""
    _write(pages / "changes.md", f"# Changes\n\n## Since the last release\n{since}\n{released}")


def _tree(caption: str, entries: list[str], *, seen: bool = False) -> str:
    options = [":maxdepth: 1"] + ([f":caption: {caption}"] if caption else []) + ([] if seen else [":hidden:"])
    return "\n".join(["", "```{toctree}", *options, "", *entries, "```", ""])


def _navigation(index: Path) -> None:
    """Add to the first page what Sphinx makes the navigation of."""
    text = index.read_text("utf-8")
    trees = ""
    for section in text.split("\n## ")[1:]:
        entries = [f"{title} <{target}>" for title, target in LISTED.findall(section)]
        if entries:
            trees += _tree(section.partition("\n")[0], entries)
    index.write_text(text + trees, "utf-8")
