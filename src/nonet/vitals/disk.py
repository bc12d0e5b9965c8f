"""The disk: what is free, what the videos take, what came in the last days, and the day it is full."""

import shutil
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import text

from nonet.core import db, ids, settings
from nonet.media import uploads
from nonet.vitals import forecast, schemas

DAYS = 7

_KEPT = text(
    "SELECT coalesce(sum(size_bytes), 0) AS kept,"
    " coalesce(sum(size_bytes) FILTER (WHERE kind = 'original'), 0) AS originals,"
    " (SELECT created_at FROM uploads ORDER BY id LIMIT 1) AS first_at FROM asset_files"
)
# Ids are in the order of time, so both of these read no more than the rows of these days.
_UPLOADED = text(
    "SELECT CAST(created_at AT TIME ZONE 'UTC' AS date) AS day, sum(offset_bytes) AS bytes"
    " FROM uploads WHERE id >= :since GROUP BY 1"
)
_GROWN = text(
    "SELECT CAST(a.created_at AT TIME ZONE 'UTC' AS date) AS day, sum(f.size_bytes) AS bytes"
    " FROM assets a JOIN asset_files f ON f.asset_id = a.id WHERE a.id >= :since AND f.asset_id >= :since GROUP BY 1"
)


async def look(session: db.Session, now: datetime) -> schemas.Disk:
    """Return how full the disk is, and when it will be."""
    conf = settings.load()
    begin = datetime.combine(now.date() - timedelta(days=DAYS - 1), time(), UTC)
    kept = (await session.execute(_KEPT)).one()
    days = await _days(session, begin)
    usage = shutil.disk_usage(conf.folder("spool"))
    coming = await uploads.coming_bytes(session)
    here = _holds_videos(conf)
    # A server that is younger than these days is as old as its first upload, a day at least.
    began = max(begin, kept.first_at or begin)
    span = max(1.0, (now - began) / timedelta(days=1))
    room = usage.free - coming - uploads.floor_bytes()
    return schemas.Disk(
        free_bytes=usage.free,
        total_bytes=usage.total,
        floor_bytes=uploads.floor_bytes(),
        coming_bytes=coming,
        kept_bytes=kept.kept,
        originals_bytes=kept.originals,
        holds_videos=here,
        days=days,
        full_on=forecast.full_on(now.date(), room, sum(day.kept_bytes for day in days), span) if here else None,
    )


async def _days(session: db.Session, begin: datetime) -> list[schemas.Day]:
    since = {"since": ids.floor(begin)}
    uploaded = {row.day: int(row.bytes) for row in await session.execute(_UPLOADED, since)}
    grown = {row.day: int(row.bytes) for row in await session.execute(_GROWN, since)}
    each = [begin.date() + timedelta(days=n) for n in range(DAYS)]
    return [schemas.Day(day=d, uploaded_bytes=uploaded.get(d, 0), kept_bytes=grown.get(d, 0)) for d in each]


def _holds_videos(conf: settings.Settings) -> bool:
    """Tell whether objects are on the disk of the data folder."""
    parts = urlsplit(conf.objects_url)
    folder = Path(unquote(parts.path))
    if parts.scheme != "file" or not folder.exists():
        return parts.scheme == "file" and not conf.storage_url
    return folder.stat().st_dev == conf.folder("spool").stat().st_dev
