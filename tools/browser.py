"""Finds the browser that tests drive, or gets one; prints its path.

In order: NONET_BROWSER, a Chromium or Chrome on PATH, Debian's package when we may install it, Playwright's own build.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find() -> str | None:
    """Return the browser a test would use now."""
    named = os.environ.get("NONET_BROWSER")
    if named:
        return named if Path(named).is_file() else None
    on_path = next(filter(None, (shutil.which(name) for name in NAMES)), None)
    return on_path or (str(MAC) if MAC.is_file() else _playwright())


def _playwright() -> str | None:
    """Return Playwright's own build when it was installed."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only asked for when nothing else is there

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def get() -> str | None:
    """Install a browser by the first means that works, and return it."""
    ways = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium"]
        ways = [["sh", "-c", f"apt-get update -qq && {' '.join(install)}"], *ways]
    for way in ways:
        print(f"There is no browser to test with. Trying: {' '.join(way)}", file=sys.stderr)
        if subprocess.run(way, check=False, stdout=sys.stderr).returncode == 0 and (found := find()):
            return found
    return None


if __name__ == "__main__":
    browser = find() or (None if os.environ.get("NONET_BROWSER") else get())
    if browser is None:
        sys.exit(
            "The browser tests need Chromium or Chrome. Install one (sudo apt-get install chromium),"
            " or name it: NONET_BROWSER=/path/to/chromium make test"
        )
    print(browser)
