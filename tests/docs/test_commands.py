"""Every command that the documentation shows is run as it stands there, or the reason why it is only read is here.

One product runs for all of them, started by the README's own first command, on a data folder and ports of its own.
"""

import json
import re
import subprocess
import textwrap
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from corpus import clip
from person import Person
from running import Product, wait_for

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))]
DEVELOPER = ROOT / "docs" / "guide" / "developer.md"
AT_HOME = "http://localhost:8080"
START = "make run"
SESSION = ("SERVER=", "api ", "UPLOAD=", "cat >watched.py", "curl ")
"""How the blocks of the developer's guide begin that are one session of one shell."""
ONLY_READ = {
    "make check": "it is what runs the first of these tests, and make test the others",
    'make run ARGS="--https': "it listens for the whole network; test_https starts the same on loopback",
    'make run ARGS="--empty"': "test_demo starts an empty server; here one product runs for all",
    "make env-dev web": "it was made before the tests, and make test would begin them again",
    "make docs": "test_site builds the site elsewhere, so that a test changes nothing of the checkout",
    "npx openapi-typescript": "it fetches a package; tools/web.py runs the same program over the same description",
    "sudo useradd": "it changes users and services of the machine; test_deploy takes its steps",
    "cp deploy/env.example": "it needs a container engine; test_deploy takes its steps",
    "docker compose run": "it needs a container engine; test_deploy takes its steps",
    "install -d -o nonet": "it needs users of a server; test_proxy has nginx send from such a folder",
    "# A dump for other programs": "pg_dump comes with no package of ours",
}
"""How a block begins, and why it is only read."""
TRIED = {
    ".venv/bin/nonet demo sign-in ada.quill\n": "For one browser of this machine",
    ".venv/bin/nonet demo remove\n": "people of the demo are leaving",
    ".venv/bin/nonet user promote juno moderator\n": "@juno is moderator now.",
    ".venv/bin/nonet user promote juno\n": "@juno is operator now.",
    ".venv/bin/nonet backup /mnt/elsewhere/nonet.tar\n": "nonet.tar",
    ".venv/bin/nonet restore /mnt/elsewhere/nonet.tar\n": "",
    "git grep --line-number 'code = \"email_unchanged\"' -- src\n": "src/nonet/accounts/",
}
"""What is run besides, in this order, and what it says."""


def blocks(page: Path) -> list[str]:
    """Return what a page shows as commands."""
    found = re.findall(r"^( *)```sh\n(.*?)^\1```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block) for _indent, block in found]


SHOWN = {block for page in PAGES for block in blocks(page)}


def test_every_block_of_commands_is_run_or_has_a_reason_why_not() -> None:
    read = {block for block in SHOWN if block.startswith(tuple(ONLY_READ))}
    session = {block for block in blocks(DEVELOPER) if block.startswith(SESSION)}
    assert SHOWN - read - session - set(TRIED) == {f"{START}\n"}
    assert [begins for begins in ONLY_READ if not any(block.startswith(begins) for block in read)] == []
    assert [block for block in TRIED if block not in SHOWN] == []


def test_every_block_of_commands_is_written_for_a_shell() -> None:
    for block in SHOWN:
        read = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)
        assert read.returncode == 0, f"{block}{read.stderr}"


def test_commands_stand_in_blocks_that_are_tried() -> None:
    for page in PAGES:
        rest = re.sub(r"^( *)```.*?^\1```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
        assert re.findall(r"^ {4,}(?:make|nonet|sudo|curl|docker|\S*bin/nonet) .*$", rest, re.MULTILINE) == [], (
            page.name
        )


class Documented(Product):
    """A product that is started by the command of the README, with a small demo."""

    def environment(self, **environment: str) -> dict[str, str]:
        told = super().environment(NONET_DEMO="small", **environment)
        return {name: value for name, value in told.items() if not name.startswith(("MAKE", "MFLAGS"))}

    def command(self, *options: str, **environment: str) -> subprocess.Popen[str]:
        told = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        command = ["bash", "-c", START, *options]
        return subprocess.Popen(command, cwd=ROOT, env=self.environment(**environment), text=True, **told)  # type: ignore[call-overload, no-any-return]

    def run(self, script: str, folder: Path, **environment: str) -> str:
        """Run commands for this product in a shell, each of which must succeed; return what they say."""
        here = script.replace(AT_HOME, self.address)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", here],
            cwd=folder,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, f"{here}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Documented]:
    """Start the product as the README says."""
    made = Documented(tmp_path_factory.mktemp("documented") / "data")
    made.start()
    try:
        yield made
    finally:
        made.stop()
        wait_for(lambda: not made.processes(), "everything to end by itself")


def _get(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=20) as answer:  # noqa: S310 - http
        return json.load(answer)


@pytest.mark.product
def test_make_run_says_what_the_readme_shows(product: Documented) -> None:
    (shown,) = re.findall(r"```text\n(Nonet is at.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    said = product.said.replace(product.address, AT_HOME)
    for line in filter(None, shown.splitlines()):
        assert line.removesuffix("…") in said


@pytest.mark.product
def test_the_commands_of_the_guides_do_what_they_say(product: Documented, tmp_path: Path) -> None:
    wait_for(lambda: product.status("/api/v1/people/ada.quill") == 200, "the demo to move in")
    juno = Person(product.address, handle="juno")
    juno.sign_up()
    juno.http.close()
    for block, answer in TRIED.items():
        other = {"NONET_DATA_DIR": str(tmp_path / "other")} if " restore " in block else {}
        said = product.run(block.replace("/mnt/elsewhere", str(tmp_path)), ROOT, **other)
        assert answer in said, block


@pytest.mark.product
@pytest.mark.media
def test_the_session_of_the_developers_guide_ends_in_a_video_that_plays_and_is_liked(
    product: Documented, tmp_path: Path
) -> None:
    (tmp_path / "clip.mp4").write_bytes(clip().read_bytes())
    session = [block for block in blocks(DEVELOPER) if block.startswith(SESSION)]
    said = product.run("\n".join([*session, 'echo "video $VIDEO"']), tmp_path)
    assert "tess.tone" in said
    assert '"kept":1,"refused":[]' in said
    assert "event: hello" in said
    video = _get(f"{product.address}/api/v1/videos/{said.split()[-1]}")
    assert (video["caption"], video["counts"]["likes"], video["counts"]["comments"]) == (
        "Nine glasses, one teaspoon #kitchen",
        1,
        1,
    )
