"""The addresses of media: how they are written, read and signed. Pure; which asset is public is asked elsewhere.

::

    /m/{asset_id}-{folder_key}/{name}              anyone, for ever
    /m/{exp}.{sig}/{asset_id}-{folder_key}/{name}  whoever was given it, until exp (Unix seconds, at a full hour)
    /m/open/{name}                                 anyone: pictures of people

Any of them may end with ``?save={name}``: the same file, for a browser to keep under that name.
The signature stands in the path and covers the folder, so that a playlist's relative addresses are signed with it.
A name carries twelve hex digits of its content's SHA-256: what it shows never changes.
"""

import base64
import enum
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

HOUR_S = 3600
LIFETIME_S = 6 * HOUR_S

CONTENT_TYPES = {
    "mp4": "video/mp4",
    "m3u8": "application/vnd.apple.mpegurl",
    "vtt": "text/vtt; charset=utf-8",
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}

_NAME = r"[A-Za-z0-9]{1,32}(?:-[A-Za-z0-9]{1,32}){0,6}-[0-9a-f]{12}\.(?:" + "|".join(CONTENT_TYPES) + ")"
_FOLDER = r"(?P<asset_id>[1-9][0-9]{0,18})-(?P<folder_key>[A-Za-z0-9_-]{16})"
_SIGNED = r"(?:(?P<expires_s>[1-9][0-9]{0,11})\.(?P<signature>[A-Za-z0-9_-]{43})/)?"
_SAVE = re.compile(r"save=([A-Za-z0-9](?:[A-Za-z0-9._-]{0,78}[A-Za-z0-9])?)")
_ADDRESS = re.compile(rf"/m/(?:open|{_SIGNED}{_FOLDER})/(?P<name>{_NAME})")


class Verdict(enum.Enum):
    """What an address alone lets its holder do."""

    OPEN = "a picture that everybody may see"
    PUBLIC = "whatever the asset says"
    SIGNED = "read until it expires"
    EXPIRED = "nothing any more"
    FORGED = "nothing"


@dataclass(frozen=True, slots=True)
class Address:
    """A well-formed address; ``asset_id`` 0 is the open folder, ``expires_s`` 0 an address that isn't signed."""

    name: str
    asset_id: int = 0
    folder_key: str = ""
    expires_s: int = 0
    signature: str = ""

    @property
    def key(self) -> str:
        """The object it stands for; no address stands for an original."""
        return f"assets/{self.asset_id}/{self.name}" if self.asset_id else f"open/{self.name}"

    @property
    def content_type(self) -> str:
        """The type that the name's ending says."""
        return content_type(self.name)

    @property
    def etag(self) -> str:
        """The content's own digits, as a strong entity tag."""
        return f'"{self.name.rsplit(".", 1)[0][-12:]}"'


def content_type(name: str) -> str:
    """Return the type that a file's ending says, that of plain bytes for one that no address names."""
    return CONTENT_TYPES.get(name.rpartition(".")[2], "application/octet-stream")


def parse(path: str) -> Address | None:
    """Read the path of a request as it came, percent signs and all; None when it can't be one of ours."""
    found = _ADDRESS.fullmatch(path)
    if found is None:
        return None
    return Address(
        name=found["name"],
        asset_id=int(found["asset_id"] or 0),
        folder_key=found["folder_key"] or "",
        expires_s=int(found["expires_s"] or 0),
        signature=found["signature"] or "",
    )


def save_url(url: str, name: str) -> str:
    """Write the address under which a browser keeps a file as ``name``, which has letters, digits, dots and dashes."""
    return f"{url}?save={name}"


def disposition(address: Address, query: str) -> str | None:
    """Return the Content-Disposition (RFC 6266) that a query asks for, with the file's own ending; None for none."""
    found = _SAVE.fullmatch(query)
    return found and f'attachment; filename="{found[1]}.{address.name.rsplit(".", 1)[1]}"'


def public_url(origin: str, asset_id: int, folder_key: str, name: str) -> str:
    """Write the address of a public asset's file."""
    return f"{origin}/m/{asset_id}-{folder_key}/{name}"


def signed_url(
    origin: str, asset_id: int, folder_key: str, name: str, *, key: bytes, now: datetime, lifetime_s: int = LIFETIME_S
) -> str:
    """Write an address that works for at least ``lifetime_s``; the same one for everybody within an hour."""
    expires_s = -(-(int(now.timestamp()) + lifetime_s) // HOUR_S) * HOUR_S
    signature = _sign(key, expires_s, asset_id, folder_key)
    return f"{origin}/m/{expires_s}.{signature}/{asset_id}-{folder_key}/{name}"


def verify(address: Address, *, key: bytes, now: datetime) -> Verdict:
    """Judge an address by its signature and the time; whether the folder key still stands is asked elsewhere."""
    if not address.asset_id:
        return Verdict.OPEN
    if not address.expires_s:
        return Verdict.PUBLIC
    expected = _sign(key, address.expires_s, address.asset_id, address.folder_key)
    if not hmac.compare_digest(expected, address.signature):
        return Verdict.FORGED
    return Verdict.SIGNED if now.timestamp() < address.expires_s else Verdict.EXPIRED


def _sign(key: bytes, expires_s: int, asset_id: int, folder_key: str) -> str:
    digest = hmac.new(key, f"{expires_s}:{asset_id}-{folder_key}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
