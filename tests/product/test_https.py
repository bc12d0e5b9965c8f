import ssl
import urllib.request

import pytest
from running import Product

pytestmark = pytest.mark.product


def test_https_by_the_local_authority_serves_pages_bytes_and_what_phones_need(product: Product) -> None:
    product.start("--https")
    product.tls = ssl.create_default_context(cafile=product.data_dir / "keys" / "ca.crt")
    assert product.ready()
    given = _get(product, "/trust/nonet-ca.crt")
    assert given.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert ssl.DER_cert_to_PEM_cert(given.read()).strip() == (product.data_dir / "keys" / "ca.crt").read_text().strip()
    drawn = _get(product, "/trust/qr.svg")
    assert drawn.headers["Content-Type"] == "image/svg+xml"
    assert b"<svg" in drawn.read()
    with urllib.request.urlopen(f"https://localhost:{product.port + 1}/readyz", context=product.tls) as media:
        assert media.status == 200
    assert "max-age" in _get(product, "/").headers["Strict-Transport-Security"]
    assert product.stop() == 0


def _get(product: Product, path: str) -> urllib.response.addinfourl:
    answer: urllib.response.addinfourl = urllib.request.urlopen(  # noqa: S310 - https
        product.address + path, timeout=20, context=product.tls
    )
    return answer


def test_plain_http_and_https_asked_for_at_once_are_refused(product: Product) -> None:
    refused = product.command("--https", NONET_PUBLIC_URL="http://localhost:8080")
    said, _ = refused.communicate()
    assert refused.returncode == 1
    assert "NONET_PUBLIC_URL is plain http and --https was asked for" in said


def test_the_local_authority_does_not_vouch_for_a_public_name(product: Product) -> None:
    refused = product.command("--https", NONET_PUBLIC_URL="https://videos.example")
    said, _ = refused.communicate()
    assert refused.returncode == 1
    assert "not for videos.example" in said
