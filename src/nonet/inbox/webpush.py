"""A push message on its way: encrypted for one browser (RFC 8291), signed as ours (RFC 8292), sent (RFC 8030).

Nothing is sent but by https to a host that the settings name, without following redirects: nobody can make the server
reach an address of their choice.
"""

import base64
import hmac
import http.client
import json
import os
import ssl
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from nonet.core import clock, keys, settings

RECORD_BYTES = 4096
AUTH_BYTES, POINT_BYTES = 16, 65
TTL_S = 24 * 3600
TOKEN_S = 12 * 3600
TIMEOUT_S = 15.0
ENDPOINT_MOST = 1000

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_UNCOMPRESSED = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a push service said; ``retry_after_s`` is zero unless it asked for patience."""

    status: int
    retry_after_s: int


def b64(raw: bytes) -> str:
    """Write bytes as the Push API does: base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def from_b64(text: str) -> bytes:
    """Read base64url with or without padding; raises ValueError."""
    return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)


def own_key() -> ec.EllipticCurvePrivateKey:
    """Return the key that push services know this server by."""
    seed = int.from_bytes(keys.push_key(settings.load()), "big")
    return ec.derive_private_key(seed % (_ORDER - 1) + 1, ec.SECP256R1())


def public_key() -> str:
    """Return the public half, as a browser takes it for ``applicationServerKey``."""
    return b64(own_key().public_key().public_bytes(*_UNCOMPRESSED))


def point(p256dh: str) -> ec.EllipticCurvePublicKey:
    """Return a browser's public key; raises ValueError for anything that isn't a point of P-256."""
    raw = from_b64(p256dh)
    if len(raw) != POINT_BYTES:
        raise ValueError("not an uncompressed point")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except UnsupportedAlgorithm as error:
        raise ValueError("not a point of P-256") from error


def allowed(endpoint: str) -> bool:
    """Tell whether an address is one of a push service that the settings name."""
    if len(endpoint) > ENDPOINT_MOST or not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint:
        return False
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or "@" in parts.netloc or "\\" in endpoint or parts.fragment:
        return False
    named = host if port in {None, 443} else f"{host}:{port}"
    known = [each.strip() for each in settings.load().push_hosts.split(",") if each.strip()]
    return any(named == each or (each.startswith("*.") and named.endswith(each[1:])) for each in known)


def encrypt(plain: bytes, p256dh: str, auth: str) -> bytes:
    """Return a message that one browser alone can read, as ``aes128gcm``."""
    return seal(plain, point(p256dh), from_b64(auth), ec.generate_private_key(ec.SECP256R1()), os.urandom(16))


def seal(
    plain: bytes, theirs: ec.EllipticCurvePublicKey, auth: bytes, ours: ec.EllipticCurvePrivateKey, salt: bytes
) -> bytes:
    """Encrypt in one record with a key and salt that are used once (RFC 8291, section 3.4)."""
    their_point, our_point = theirs.public_bytes(*_UNCOMPRESSED), ours.public_key().public_bytes(*_UNCOMPRESSED)
    mixed = _derive(auth, ours.exchange(ec.ECDH(), theirs), b"WebPush: info\0" + their_point + our_point, 32)
    key = _derive(salt, mixed, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(salt, mixed, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(our_point)]) + our_point
    return head + AESGCM(key).encrypt(nonce, plain + b"\x02", None)


def _derive(salt: bytes, secret: bytes, info: bytes, size: int) -> bytes:
    """HKDF with SHA-256 for at most one block (RFC 5869)."""
    return hmac.digest(hmac.digest(salt, secret, "sha256"), info + b"\x01", "sha256")[:size]


def authorization(endpoint: str) -> str:
    """Return the header that says who pushes, good for twelve hours at this service alone (RFC 8292)."""
    parts, config = urlsplit(endpoint), settings.load()
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(clock.now().timestamp()) + TOKEN_S,
        "sub": f"mailto:{parseaddr(config.mail_from)[1]}",
    }
    signed = f"{_part({'typ': 'JWT', 'alg': 'ES256'})}.{_part(claims)}"
    r, s = decode_dss_signature(own_key().sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"vapid t={signed}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}, k={public_key()}"


def _part(claims: dict[str, object]) -> str:
    return b64(json.dumps(claims, separators=(",", ":")).encode())


def send(endpoint: str, body: bytes, topic: str) -> Answer:
    """Hand an encrypted message to a push service and return what it says; blocks. Raises OSError when it is away.

    A later message of the same ``topic`` takes the place of one that has not been fetched.
    """
    parts = urlsplit(endpoint)
    headers = {
        "TTL": str(TTL_S),
        "Urgency": "normal",
        "Topic": topic,
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "Authorization": authorization(endpoint),
    }
    trusted = ssl.create_default_context()
    line = http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S, context=trusted)
    try:
        line.request("POST", parts.path + (f"?{parts.query}" if parts.query else "") or "/", body, headers)
        said = line.getresponse()
        wait = said.headers.get("Retry-After", "")
        return Answer(said.status, min(int(wait), 3600) if wait.isascii() and wait.isdecimal() else 0)
    except http.client.HTTPException as error:
        raise OSError(f"the push service broke off: {type(error).__name__}") from error
    finally:
        line.close()
