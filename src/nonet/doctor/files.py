"""Where things are kept: the data folder, the room left in it, the storage of objects."""

import asyncio
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from nonet.core import storage as objects
from nonet.core.settings import Settings
from nonet.doctor.finding import Finding

STORAGE_S = 10.0


def data_folder(conf: Settings) -> Iterator[Finding]:
    """Look at the data folder's owner and mode, or at whether it can be made."""
    folder = conf.data_dir
    if not folder.exists():
        above = next(parent for parent in folder.parents if parent.exists())
        able = os.access(above, os.W_OK | os.X_OK)
        said = f"{folder} will be made" if able else f"{folder} can't be made: {above} is not ours to write to"
        yield Finding("Data folder", said, able, f"sudo install -d -m 700 -o $(id -un) {folder}")
        return
    found = folder.stat()
    mode = stat.S_IMODE(found.st_mode)
    if found.st_uid != os.geteuid() and os.geteuid() != 0:
        said, mend = (
            f"{folder} belongs to user {found.st_uid}, and we are {os.geteuid()}",
            f"sudo chown -R $(id -un) {folder}",
        )
        yield Finding("Data folder", said, ok=False, mend=mend)
    elif not os.access(folder, os.W_OK | os.X_OK):
        yield Finding("Data folder", f"{folder} can't be written to", ok=False, mend=f"chmod 700 {folder}")
    else:
        said = f"{folder}, mode {mode:04o}"
        yield Finding("Data folder", said, mode == stat.S_IRWXU, f"chmod 700 {folder}", needed=False)


def disk(conf: Settings) -> Iterator[Finding]:
    """Compare what is free with the floor below which uploads are refused."""
    place = next(path for path in (conf.data_dir, *conf.data_dir.parents) if path.exists())
    free_mb = shutil.disk_usage(place).free // (1024 * 1024)
    said = f"{free_mb:,} MiB free, uploads are refused below {conf.disk_floor_mb:,}"
    yield Finding("Disk", said, free_mb > conf.disk_floor_mb, f"df -h {place}", needed=False)


def storage(conf: Settings) -> Iterator[Finding]:
    """Ask the storage of objects for one that isn't there."""
    url = urlsplit(conf.objects_url)
    name = f"{url.scheme}://{url.hostname or ''}{url.path}"
    if url.scheme == "file" and not Path(url.path).exists():
        yield Finding("Storage", f"{name} will be made", ok=True)
        return
    try:
        asyncio.run(_reach(conf))
    except Exception as error:  # noqa: BLE001 - whatever keeps us from it
        said = (
            f"{name} can't be reached: {type(error).__name__}: {str(error).splitlines()[0][:200] if str(error) else ''}"
        )
        mend = "check NONET_STORAGE_URL, NONET_S3_ENDPOINT, NONET_S3_ACCESS_KEY and NONET_S3_SECRET_KEY"
        yield Finding("Storage", said, ok=False, mend=mend)
    else:
        yield Finding("Storage", name, ok=True)


async def _reach(conf: Settings) -> None:
    async with asyncio.timeout(STORAGE_S):
        await objects.open(conf.objects_url, conf).head("open/nonet-doctor")
