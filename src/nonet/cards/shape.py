"""From a row of ``select`` to the JSON of a card, which ``schemas.Card`` documents: ids as text, times in UTC with Z.

Pure but for the settings and the key that addresses are signed with; addresses come from the row alone.
"""

from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from nonet.core import settings
from nonet.media import service as media
from nonet.media.delivery import addresses
from nonet.people import avatar
from nonet.signals import counts

_SAME = ("caption", "visibility", "language", "alt_text", "duration_ms", "width", "height", "placeholder")
_MAY = (
    "comments_from",
    "may_comment",
    "duets",
    "stitches",
    "downloads",
    "ai_made",
    "is_ad",
    "hidden",
    "sensitive",
    "mine",
)


class Row(Protocol):
    """A row of ``select``."""

    def __getitem__(self, name: str, /) -> Any:  # noqa: ANN401 - whatever stands in the column
        """Return a column."""


def card(row: Row, served: dict[str, Any], reason: dict[str, Any] | None = None) -> dict[str, Any]:
    """Shape one card; ``served`` is where it stands in which answer, with its ticket."""
    folder = media.folder(row["asset_id"], row["folder_key"], public=row["public"])
    mp4 = folder + row["mp4"]
    return {
        "id": str(row["id"]),
        "share_url": share_url(row["id"]),
        **{name: row[name] for name in _SAME},
        "author": {
            "id": str(row["owner_id"]),
            "handle": row["author_handle"],
            "name": row["author_name"],
            "avatar_url": avatar.url(row["author_avatar"]),
        },
        "created_at": moment(row["created_at"]),
        "published_at": moment(row["published_at"]) if row["published_at"] else None,
        **_pictures(row, folder),
        "waveform": _read(row["waveform"]),
        "hls_url": folder + row["master"],
        "mp4_url": mp4,
        "download_url": _download(mp4, row) if row["downloads"] or row["mine"] else None,
        "captions": [_caption(each, folder) for each in _read(row["captions"]) or ()],
        "tags": _read(row["tags"]),
        "mentions": _read(row["mentions"]),
        "sound": _sound(row),
        "counts": {name: row[name] for name in counts.SHOWN},
        "viewer": {name: row[name] for name in ("liked", "saved", "reposted", "following")},
        **{name: row[name] for name in _MAY},
        "pinned": row["pinned_at"] is not None,
        "served": served,
        "reason": reason,
    }


def share_url(video_id: int) -> str:
    """Return the address that a person sends to a friend."""
    return f"{settings.load().origin}/v/{video_id}"


def moment(at: datetime) -> str:
    """Write a time as JSON has it: ISO 8601 in UTC with Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read(kept: Any) -> Any:  # noqa: ANN401 - JSON
    """Read a jsonb column, which a raw connection gives as text."""
    return msgspec.json.decode(kept) if isinstance(kept, str) else kept


def _pictures(row: Row, folder: str) -> dict[str, Any]:
    """Address what is seen of a video before it plays: of a covered one nothing, but by its author."""
    if row["sensitive"] and not row["mine"]:
        return {"poster_url": None, "preview_url": None, "sprite": None}
    return {
        "poster_url": folder + row["poster"] if row["poster"] else None,
        "preview_url": folder + row["preview"] if row["preview"] else None,
        "sprite": _sprite(row["sprite"], folder),
    }


def _sprite(kept: Any, folder: str) -> dict[str, Any] | None:  # noqa: ANN401 - JSON
    found = _read(kept)
    if not found:
        return None
    return {"url": folder + found["file"]} | {name: value for name, value in found.items() if name != "file"}


def _caption(track: dict[str, Any], folder: str) -> dict[str, Any]:
    at = datetime.fromtimestamp(track["updated_at"], UTC)
    return {
        "language": track["language"],
        "label": track["label"],
        "source": track["source"],
        "url": folder + track["file"],
        "updated_at": moment(at),
    }


def _download(mp4: str, row: Row) -> str:
    return addresses.save_url(mp4, f"{row['author_handle']}-{row['id']}")


def _sound(row: Row) -> dict[str, Any] | None:
    if row["sound_id"] is None or row["sound_title"] is None:
        return None
    return {
        "id": str(row["sound_id"]),
        "title": row["sound_title"],
        "author_handle": row["sound_author"],
        "duration_ms": row["sound_duration_ms"],
    }
