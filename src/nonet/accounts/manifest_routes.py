"""The web app manifest: under which name and picture a browser installs this server's app."""

from fastapi import APIRouter
from starlette.responses import JSONResponse

from nonet.accounts import instance
from nonet.core import prefs
from nonet.core.db import SessionDep

router = APIRouter()

GROUND = "#0D1311"
SHORT_MOST = 12
"""Letters that fit under an icon."""

_ICONS = (
    ("/icon.svg", "any", "image/svg+xml", "any"),
    ("/icon-192.png", "192x192", "image/png", "any"),
    ("/icon-512.png", "512x512", "image/png", "any"),
    ("/icon-maskable-512.png", "512x512", "image/png", "maskable"),
)


@router.get("/manifest.webmanifest", include_in_schema=False)
async def manifest(session: SessionDep) -> JSONResponse:
    """Answer with the manifest, named as the operator named the server."""
    name = await prefs.get(session, instance.NAME) or instance.NAME.default
    description = await prefs.get(session, instance.DESCRIPTION)
    told = {
        "id": "/",
        "name": name,
        "short_name": name if len(name) <= SHORT_MOST else name.split()[0][:SHORT_MOST],
        **({"description": description} if description else {}),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": GROUND,
        "icons": [{"src": src, "sizes": sizes, "type": kind, "purpose": use} for src, sizes, kind, use in _ICONS],
        "shortcuts": [{"name": "Create", "url": "/upload"}],
    }
    headers = {"cache-control": "public, max-age=3600"}
    return JSONResponse(told, headers=headers, media_type="application/manifest+json")
