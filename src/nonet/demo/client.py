"""A browser of someone in the demo: the public API over a connection to this machine, one request after the other."""

import base64
import contextlib
import http.client
import json
import ssl
import time
from typing import Any
from urllib.parse import urlsplit

from nonet.core import cookies, settings
from nonet.core.network import is_loopback

AGENT = "Nonet demo"
PATIENCE_S = 60.0
WAIT_MOST_S = 3
TUS = {"Tus-Resumable": "1.0.0"}
FAULT, TOO_OFTEN = 500, 429


class RefusedError(Exception):
    """The server refused; ``code`` says why."""

    def __init__(self, status: int, code: str, asked: str) -> None:
        super().__init__(f"{asked}: {status} {code}")
        self.status = status
        self.code = code


class GoneError(Exception):
    """The server does not answer any more."""


class Browser:
    """Someone's browser: signed in with a token, or a visitor's, which keeps the number it is given."""

    def __init__(self, conf: settings.Settings, token: str = "") -> None:
        self._conf = conf
        self._cookies = {cookies.name("nonet"): token} if token else {}
        self._line: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON of an answer; waits while the server restarts, and a little where it asks for patience.

        Raises RefusedError, and GoneError after a minute without an answer.
        """
        given_up_at = time.monotonic() + PATIENCE_S
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, told, raw = self._once(method, path, body, headers)
                if status < http.HTTPStatus.BAD_REQUEST:
                    return json.loads(raw) if raw[:1] in {b"{", b"["} else told
                wait_s = int(told.get("retry-after", "1"))
                if status < FAULT and not (status == TOO_OFTEN and wait_s <= WAIT_MOST_S):
                    raise RefusedError(status, _code(raw), f"{method} {path}")
                time.sleep(min(wait_s, WAIT_MOST_S))
            if time.monotonic() > given_up_at:
                raise GoneError(f"{method} {path}")
            time.sleep(0.1)

    def upload(self, name: str, data: bytes) -> str:
        """Send a file by tus; return the number of the upload."""
        told = {**TUS, "Upload-Length": str(len(data))}
        told["Upload-Metadata"] = "filename " + base64.b64encode(name.encode()).decode()
        at = self.ask("POST", "/api/v1/uploads", **told)["location"]
        more = {**TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        self.ask("PATCH", at, data, **more)
        return str(at).rsplit("/", 1)[1]

    def _once(self, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:  # noqa: ANN401 - JSON
        told = {"Origin": self._conf.origin, "Host": urlsplit(self._conf.origin).netloc, "User-Agent": AGENT, **headers}
        if self._cookies:
            told["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if body is not None and not isinstance(body, bytes):
            body, told["Content-Type"] = json.dumps(body).encode(), "application/json"
        if self._line is None:
            self._line = _connection(self._conf)
        try:
            self._line.request(method, path, body, told)
            answer = self._line.getresponse()
            raw = answer.read()
        except (OSError, http.client.HTTPException):
            self._line.close()
            self._line = None
            raise
        for kept in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = kept.split(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, raw


def _connection(conf: settings.Settings) -> http.client.HTTPConnection:
    """Open a connection to our own port, past any proxy in front."""
    everywhere = conf.host in {"0.0.0.0", "::"} or is_loopback(conf.host)  # noqa: S104 - compared
    host = "127.0.0.1" if everywhere and conf.host != "::1" else conf.host
    if conf.tls_cert is None:
        return http.client.HTTPConnection(host, conf.port, timeout=PATIENCE_S)
    # Nobody else can listen where our own API does; its certificate names the public host, not this one.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection(host, conf.port, timeout=PATIENCE_S, context=context)


def _code(raw: bytes) -> str:
    try:
        return str(json.loads(raw)["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return "unknown"
