"""What a phone needs to trust this server's own authority: the certificate, and a QR code of the page that explains it.

The page itself, ``/trust``, is the web app's.
"""

import io

import segno
from fastapi import APIRouter, Response

from nonet.core import errors, settings, tls

router = APIRouter(prefix="/trust", include_in_schema=False)


class NoAuthority(errors.NotFound):
    """The server was never started with ``nonet up --https``."""

    code = "no_authority"
    sentence = "This server has no certificate authority of its own."


@router.get("/nonet-ca.crt", response_class=Response)
def certificate() -> Response:
    """Send the authority's certificate in the form that phones and browsers install."""
    found = tls.certificate(settings.load().data_dir / "keys")
    if found is None:
        raise NoAuthority
    return Response(found, media_type="application/x-x509-ca-cert")


@router.get("/qr.svg", response_class=Response)
def code() -> Response:
    """Send a QR code of the page that explains how to trust this server, to be read by a phone's camera."""
    return Response(drawing(settings.load().origin + "/trust"), media_type="image/svg+xml")


def drawing(address: str) -> bytes:
    """Draw a QR code as SVG, dark on light in any theme, since cameras fail on the inverse."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", scale=8, border=4, light="#fff", dark="#000")
    return drawn.getvalue()
