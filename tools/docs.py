"""Builds the documentation site: ``python tools/docs.py`` gathers the pages and lets Sphinx make them into dist/docs.

Strict: a link that leads nowhere, a heading that isn't there and a page that docs/index.md doesn't name each fail.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
ROOT = TOOLS.parent
SITE = ROOT / "dist" / "docs"


def build(source: Path, site: Path) -> int:
    """Write the site of the checkout at ``source`` into ``site``, in place of what was there; returns an exit code."""
    sys.path.insert(0, str(TOOLS / "site"))
    import gather  # noqa: PLC0415 - stands beside the theme, which is no package

    with tempfile.TemporaryDirectory() as folder:
        pages, made = Path(folder) / "pages", Path(folder) / "made"
        gather.gather(source, pages)
        conf = ["--conf-dir", str(TOOLS / "site"), "--doctree-dir", str(Path(folder) / "trees")]
        strict = ["--quiet", "--fail-on-warning", "--nitpicky"]
        command = [sys.executable, "-m", "sphinx", "--builder", "html", *strict, *conf, str(pages), str(made)]
        # Sphinx writes the time of the build nowhere, so that the same pages make the same site.
        done = subprocess.run(command, check=False, env=os.environ | {"SOURCE_DATE_EPOCH": "0"})
        if done.returncode == 0:
            shutil.rmtree(site, ignore_errors=True)
            shutil.copytree(made, site, ignore=shutil.ignore_patterns("objects.inv", ".buildinfo"))
    return done.returncode


def main() -> int:
    """Build, and say where the first page is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, default=ROOT, help="the checkout whose pages are built")
    parser.add_argument("--to", type=Path, default=SITE, help="the folder that becomes the site")
    asked = parser.parse_args()
    code = build(asked.source, asked.to)
    if code == 0:
        print(f"The documentation is in {asked.to / 'index.html'}")
    return code


if __name__ == "__main__":
    sys.exit(main())
