"""Web Push: who is told, what leaves the server, whom it may be sent to. Read by the test's own implementation."""

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from community import Drain, MakeMember, Member, code
from nonet.core import clock, db, jobs, settings
from nonet.inbox import service as inbox
from nonet.inbox import webpush
from nonet.inbox.tables import PushSubscription


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


@dataclass
class Phone:
    """A browser's half of a subscription."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"sixteen bytes ok"

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": b64(point(self.key.public_key())), "auth": b64(self.auth)}

    def read(self, sealed: bytes) -> bytes:
        """Decrypt by RFC 8291 and RFC 8188."""
        salt, size, length = sealed[:16], int.from_bytes(sealed[16:20], "big"), sealed[20]
        theirs = sealed[21 : 21 + length]
        assert (length, len(sealed) <= size) == (65, True)
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        mixed = hkdf(self.auth, shared, b"WebPush: info\x00" + point(self.key.public_key()) + theirs, 32)
        key = hkdf(salt, mixed, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = hkdf(salt, mixed, b"Content-Encoding: nonce\x00", 12)
        plain = AESGCM(key).decrypt(nonce, sealed[21 + length :], None)
        assert plain.rstrip(b"\x00").endswith(b"\x02")
        return plain.rstrip(b"\x00")[:-1]


def hkdf(salt: bytes, secret: bytes, info: bytes, size: int) -> bytes:
    drawn = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(drawn, info + b"\x01", hashlib.sha256).digest()[:size]


def test_the_example_of_rfc_8291_comes_out_byte_by_byte() -> None:
    ours = ec.derive_private_key(
        int.from_bytes(unb64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"), ec.SECP256R1()
    )
    theirs = webpush.point("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
    sealed = webpush.seal(
        b"When I grow up, I want to be a watermelon",
        theirs,
        unb64("BTBZMqHH6r4Tts7J_aSIgg"),
        ours,
        unb64("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert b64(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@given(st.binary(max_size=3000))
def test_what_is_sealed_for_a_browser_that_browser_reads(plain: bytes) -> None:
    phone = Phone()
    assert phone.read(webpush.encrypt(plain, phone.keys["p256dh"], phone.keys["auth"])) == plain


@dataclass
class PushService:
    """A push service on loopback, by https, that answers what the test wants and keeps what it was sent."""

    port: int = 0
    answers: list[str] = field(default_factory=list)
    sent: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-2])}
        body = await reader.readexactly(int(headers["content-length"]))
        self.sent.append((head[0], headers, body))
        answer = self.answers.pop(0) if self.answers else "201 Created"
        writer.write(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    def endpoint(self, name: str = "one") -> str:
        return f"https://localhost:{self.port}/push/{name}"


def certificate(folder: Path) -> Path:
    """Write a certificate for localhost, and the authority that it is of its own."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    day, now = timedelta(days=1), datetime.now(UTC)
    number = x509.random_serial_number()
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), number, now - day, now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "localhost.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return pem


@pytest.fixture
async def push_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str) -> AsyncIterator[PushService]:
    _ = database
    found, pem = PushService(), certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = await asyncio.start_server(found.serve, "localhost", 0, ssl=context, family=2)
    found.port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    monkeypatch.setenv("NONET_PUSH_HOSTS", f"localhost:{found.port}, push.example")
    settings.load.cache_clear()
    yield found
    server.close()
    await server.wait_closed()
    monkeypatch.undo()
    settings.load.cache_clear()


async def subscribe(of: Member, phone: Phone, endpoint: str) -> Any:
    return await of.client.post("/api/v1/push/subscriptions", json={"endpoint": endpoint, "keys": phone.keys})


async def like(owner: Member, actor: Member) -> None:
    async with db.transaction() as session:
        await inbox.notify(
            session, owner.id, "liked", actor_id=actor.id, subject_kind="video", subject_id=7, group_key="liked:7"
        )


async def subscriptions() -> int:
    async with db.transaction() as session:
        return int(await session.scalar(select(func.count()).select_from(PushSubscription)) or 0)


async def test_a_like_reaches_the_browser_sealed_and_signed(
    push_service: PushService, member: MakeMember, drain: Drain
) -> None:
    juno, ines, oro = await member("juno"), await member("ines"), await member("oro")
    phone = Phone()
    assert (await subscribe(juno, phone, push_service.endpoint())).status_code == 204
    await like(juno, ines)
    await like(juno, oro)
    await drain()
    [(line, headers, body)] = push_service.sent
    assert line == "POST /push/one HTTP/1.1"
    assert (headers["content-encoding"], headers["ttl"], headers["urgency"]) == ("aes128gcm", "86400", "normal")
    assert len(headers["topic"]) <= 32
    shown = json.loads(phone.read(body))
    assert (shown["title"], shown["body"], shown["url"]) == ("Nonet", "@oro and 1 more likes your video.", "/v/7")
    assert b"oro" not in body
    await check_signature(juno, headers["authorization"], f"https://localhost:{push_service.port}")


async def check_signature(anyone: Member, header: str, audience: str) -> None:
    """Check what RFC 8292 asks of the header, with the key that browsers subscribe with."""
    key = (await anyone.client.get("/api/v1/push/key")).json()["key"]
    token, _, named = header.removeprefix("vapid t=").partition(", k=")
    assert named == key
    head, claims, signature = token.split(".")
    raw = unb64(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(key))
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    said = json.loads(unb64(claims))
    assert json.loads(unb64(head)) == {"typ": "JWT", "alg": "ES256"}
    assert said["aud"] == audience
    assert said["sub"].startswith("mailto:")
    assert 0 < said["exp"] - clock.now().timestamp() <= 24 * 3600


@pytest.mark.parametrize("answer", ["404 Not Found", "410 Gone"])
async def test_a_browser_that_is_gone_is_forgotten(
    push_service: PushService, member: MakeMember, drain: Drain, answer: str
) -> None:
    juno, ines = await member("juno"), await member("ines")
    await subscribe(juno, Phone(), push_service.endpoint())
    push_service.answers = [answer]
    await like(juno, ines)
    await drain()
    assert await subscriptions() == 0


async def test_a_push_service_that_is_away_is_tried_again_later(
    push_service: PushService, member: MakeMember, drain: Drain, frozen_clock: Any
) -> None:
    juno, ines = await member("juno"), await member("ines")
    await subscribe(juno, Phone(), push_service.endpoint())
    push_service.answers = ["500 Internal Server Error", "429 Too Many Requests\r\nRetry-After: 60"]
    await like(juno, ines)
    for sent in (1, 2, 3):
        await drain()
        assert len(push_service.sent) == sent
        frozen_clock.advance(timedelta(seconds=59))
        if sent == 2:
            assert (await drain(), len(push_service.sent)) == (0, 2)
        frozen_clock.advance(timedelta(seconds=2))
    async with db.transaction() as session:
        states = list(await session.scalars(select(jobs.Job.state).where(jobs.Job.topic == "inbox.push_sealed")))
    assert states == ["done"]


async def test_a_browser_that_refuses_again_and_again_is_given_up(
    push_service: PushService, member: MakeMember, drain: Drain
) -> None:
    juno, fans = await member("juno"), [await member(f"fan{number}") for number in range(5)]
    await subscribe(juno, Phone(), push_service.endpoint())
    push_service.answers = ["403 Forbidden"] * 5
    for number, each in enumerate(fans):
        assert await subscriptions() == 1
        async with db.transaction() as session:
            await inbox.notify(session, juno.id, "mentioned", actor_id=each.id, subject_kind="video", subject_id=number)
        await drain()
    assert await subscriptions() == 0


async def test_what_was_read_or_is_kept_quiet_is_not_pushed(
    push_service: PushService, member: MakeMember, drain: Drain
) -> None:
    juno, ines = await member("juno"), await member("ines")
    await subscribe(juno, Phone(), push_service.endpoint())
    await like(juno, ines)
    [row] = (await juno.client.get("/api/v1/inbox")).json()["items"]
    assert (await juno.client.post("/api/v1/inbox/read", json={"up_to": row["id"]})).json()["notifications"] == 0
    await juno.client.put("/api/v1/push/choices", json={"quiet": ["liked", "reposted", "liked"]})
    assert (await juno.client.get("/api/v1/push/choices")).json() == {"quiet": ["liked", "reposted"]}
    await like(juno, ines)
    await drain()
    assert push_service.sent == []


async def test_signing_out_ends_the_pushes_of_that_browser(
    push_service: PushService, member: MakeMember, drain: Drain
) -> None:
    juno, ines = await member("juno"), await member("ines")
    await subscribe(juno, Phone(), push_service.endpoint())
    await juno.client.delete("/api/v1/session")
    await like(juno, ines)
    await drain()
    assert (await subscriptions(), push_service.sent) == (0, [])


async def test_a_browser_is_subscribed_for_whoever_signed_in_last(
    push_service: PushService, member: MakeMember
) -> None:
    juno, ines = await member("juno"), await member("ines")
    for each in (juno, ines):
        await subscribe(each, Phone(), push_service.endpoint())
    assert await subscriptions() == 1
    await juno.client.request("DELETE", "/api/v1/push/subscriptions", json={"endpoint": push_service.endpoint()})
    assert await subscriptions() == 1
    await ines.client.request("DELETE", "/api/v1/push/subscriptions", json={"endpoint": push_service.endpoint()})
    assert await subscriptions() == 0


async def test_a_person_has_a_dozen_browsers_at_most(push_service: PushService, member: MakeMember) -> None:
    juno = await member("juno")
    for number in range(14):
        await subscribe(juno, Phone(), push_service.endpoint(str(number)))
    assert await subscriptions() == 12


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/x",
        "https://push.example:8443/x",
        "https://push.example.evil.example/x",
        "https://evil.example/push.example",
        "https://someone@push.example/x",
        "https://push.example@evil.example/x",
        "https://evil.example\\@push.example/x",
        "https://localhost/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest",
        "https://[::1]/x",
        "https://push.example/" + "x" * 1000,
        "https://push.example/a b",
        "https://push.example/\r\nHost: evil.example",
        "https://push.example/#fragment",
        "file:///etc/passwd",
        "",
    ],
)
async def test_nothing_is_ever_pushed_to_an_address_of_someones_choice(
    push_service: PushService, member: MakeMember, endpoint: str
) -> None:
    _ = push_service
    juno = await member("juno")
    assert code(await subscribe(juno, Phone(), endpoint)) == "push_invalid"


async def test_a_host_that_the_settings_no_longer_name_is_not_reached(
    push_service: PushService, member: MakeMember, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    juno, ines = await member("juno"), await member("ines")
    await subscribe(juno, Phone(), push_service.endpoint())
    monkeypatch.setenv("NONET_PUSH_HOSTS", "push.example")
    settings.load.cache_clear()
    await like(juno, ines)
    await drain()
    assert (await subscriptions(), push_service.sent) == (0, [])


@pytest.mark.parametrize(
    "keys",
    [
        {"p256dh": "", "auth": b64(b"sixteen bytes ok")},
        {"p256dh": b64(b"\x04" + b"\x01" * 64), "auth": b64(b"sixteen bytes ok")},
        {"p256dh": b64(b"\x00"), "auth": b64(b"sixteen bytes ok")},
        {"p256dh": "not base64 ü", "auth": b64(b"sixteen bytes ok")},
        {"p256dh": b64(point(ec.generate_private_key(ec.SECP256R1()).public_key())), "auth": b64(b"short")},
    ],
)
async def test_keys_that_are_none_are_refused(
    push_service: PushService, member: MakeMember, keys: dict[str, str]
) -> None:
    juno = await member("juno")
    sent = {"endpoint": push_service.endpoint(), "keys": keys}
    assert code(await juno.client.post("/api/v1/push/subscriptions", json=sent)) == "push_invalid"
