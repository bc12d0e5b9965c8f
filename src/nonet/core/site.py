"""The built web app, served from memory: immutable parts, their compressed twins, and the shell every page starts from.

The shell has two marks that a page may fill, ``<!--nonet:head-->`` and ``<!--nonet:body-->``; its inline scripts are
allowed by their hashes, so the policy needs no unsafe-inline.
"""

import base64
import gzip
import hashlib
import json
import mimetypes
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from nonet.core import errors, settings

FOLDER = Path(__file__).parent.parent / "site"
WORKER = "/service-worker.js"
WORKER_POLICY = "default-src 'none'; connect-src 'self'"
"""A worker lives by the policy of its own file: this one fetches what it keeps of the app."""
HEAD, BODY = "<!--nonet:head-->", "<!--nonet:body-->"
NOT_BUILT = (
    f"<!doctype html><html lang=en><head><meta charset=utf-8><title>Nonet</title>{HEAD}</head><body>{BODY}"
    "<p>The web app is not built. Run <code>make web</code>, then start again.</p></body></html>"
)
TABLE = "/pages.json"
"""The addresses of the app's pages as SvelteKit names them, ``/v/[id]``; written by the build, never served."""
_SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_PAGE = re.compile(r"^/_app/immutable/nodes/[12]\.[^/]+\.js$")
"""What SvelteKit calls the page of errors and the page of the root."""
_PART = re.compile(rb'(?:from|import)"\.\./(chunks/[^"]+\.js)"')
_COMPRESSIBLE = {".js", ".css", ".svg", ".json", ".webmanifest", ".html", ".txt"}


@dataclass
class File:
    """One file of the app, with what a browser may take instead of it."""

    body: bytes
    kind: str
    immutable: bool
    etag: str
    encoded: dict[str, bytes] = field(default_factory=dict)


@cache
def files() -> dict[str, File]:
    """Read the built app once: path to file. Empty when it isn't built."""
    found: dict[str, File] = {}
    if not FOLDER.is_dir():
        return found
    for path in sorted(p for p in FOLDER.rglob("*") if p.is_file()):
        name = "/" + path.relative_to(FOLDER).as_posix()
        if name == TABLE or (path.suffix in {".br", ".gz"} and path.with_suffix("").exists()):
            continue
        body = path.read_bytes()
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        kind = {".webmanifest": "application/manifest+json", ".js": "text/javascript"}.get(path.suffix, kind)
        file = File(body, kind, "/immutable/" in name, f'"{hashlib.sha256(body).hexdigest()[:20]}"')
        if path.suffix in _COMPRESSIBLE:
            brotli = path.with_name(path.name + ".br")
            if brotli.exists():
                file.encoded["br"] = brotli.read_bytes()
            file.encoded["gzip"] = gzip.compress(body, 9, mtime=0)
        found[name] = file
    return found


@cache
def _shell() -> tuple[str, str]:
    """Return the shell's text and its policy."""
    path = FOLDER / "index.html"
    text = path.read_text(encoding="utf-8") if path.exists() else NOT_BUILT
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in _SCRIPT.findall(text))
    media = settings.load().bytes_origin
    ahead = "".join(f'<link rel="modulepreload" href="{name}">' for name in _first_page() if name not in text)
    text = text.replace(HEAD, f'<link rel="preconnect" href="{media}">{ahead}{HEAD}', 1)
    policy = (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self'; font-src 'self'; manifest-src 'self'; "
        f"img-src 'self' data: blob: {media}; media-src 'self' blob: {media}; connect-src 'self' {media}; "
        "worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return text, policy


@cache
def _pages() -> re.Pattern[str]:
    """Return what the address of a page matches whole; every address while the app isn't built."""
    table = FOLDER / TABLE[1:]
    if not table.exists():
        return re.compile(".*")
    names = json.loads(table.read_text(encoding="utf-8"))
    ways = (re.sub(r"\\\[\w+\\\]", "[^/]+", re.escape(name)) for name in names)
    return re.compile(f"(?:{'|'.join(ways)})/?")


def _first_page() -> list[str]:
    """Return the scripts of the first page and what they import: the app would ask for them only once it runs."""
    pages = [name for name in files() if _PAGE.search(name)]
    parts = {f"/_app/immutable/{part.decode()}" for name in pages for part in _PART.findall(files()[name].body)}
    return [*pages, *sorted(parts & files().keys())]


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def page(head: str = "", body: str = "", status: int = 200) -> HTMLResponse:
    """Answer with the shell; ``head`` and ``body`` are HTML, already escaped by the caller."""
    text, policy = _shell()
    filled = text.replace(HEAD, head, 1).replace(BODY, body, 1)
    headers = {"content-security-policy": policy, "cache-control": "no-cache", "vary": "cookie"}
    return HTMLResponse(filled, status, headers)


async def serve(request: Request) -> Response:
    """Answer for any path outside the API: a file of the app, or the shell, which finds its way by the address."""
    if request.url.path.startswith("/api/"):
        raise errors.NotFound
    file = files().get(request.url.path)
    if file is None or request.url.path == "/index.html":
        last = request.url.path.rsplit("/", 1)[-1]
        missing = "." in last and not last.startswith("@") and Path(last).suffix in mimetypes.types_map
        if missing:
            return Response("Not found", 404)
        return page(status=200 if _pages().fullmatch(request.url.path) else 404)
    headers = {
        "cache-control": "public, max-age=31536000, immutable" if file.immutable else "no-cache",
        "etag": file.etag,
        "vary": "accept-encoding",
    }
    if request.url.path == WORKER:
        headers["content-security-policy"] = WORKER_POLICY
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    accepted = request.headers.get("accept-encoding", "")
    for encoding, body in file.encoded.items():
        if encoding in accepted:
            return Response(body, headers=headers | {"content-encoding": encoding}, media_type=file.kind)
    return Response(file.body, headers=headers, media_type=file.kind)
