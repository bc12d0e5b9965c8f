"""What a person's archive holds of their uploads: what was sent, and the files themselves."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select

from nonet.core import db
from nonet.media.tables import Asset, File, Upload
from nonet.media.work import object_key

AT_ONCE = 200


async def export(session: db.Session, account_id: int) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Give every upload of a person, row by row, each with the name of its list."""
    mine = select(Upload).where(Upload.owner_id == account_id).order_by(Upload.id)
    async for upload in await session.stream_scalars(mine.execution_options(yield_per=AT_ONCE)):
        yield (
            "uploads",
            {
                "id": str(upload.id),
                "filename": upload.filename,
                "size_bytes": upload.size_bytes,
                "sha256": upload.declared_sha256,
                "state": upload.state,
                "created_at": upload.created_at,
                "received_at": upload.received_at,
            },
        )


async def files(session: db.Session, account_id: int) -> list[tuple[str, str]]:
    """Return each video's file by its name in an archive and its object's key: what was sent, else the best version."""
    query = (
        select(File.asset_id, File.name, File.kind, File.size_bytes, Upload.filename)
        .join(Asset, Asset.id == File.asset_id)
        .join(Upload, Upload.id == File.asset_id)
        .where(Asset.owner_id == account_id, File.kind.in_(("original", "rendition")), File.retired_at.is_(None))
        .order_by(File.asset_id, File.kind, File.size_bytes.desc())
    )
    best: dict[int, tuple[str, str]] = {}
    for row in await session.execute(query):
        ending = row.filename.rpartition(".")[2].lower() if row.kind == "original" else "mp4"
        safe = ending if ending.isascii() and ending.isalnum() and len(ending) <= 5 else "bin"  # noqa: PLR2004 - webm, ...
        best.setdefault(row.asset_id, (f"{row.asset_id}.{safe}", object_key(row.asset_id, row.kind, row.name)))
    return list(best.values())
