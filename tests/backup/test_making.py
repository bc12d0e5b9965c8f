"""What a backup leaves out and who waits for it; and how many an upgrade keeps."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import asyncpg
import pytest
from sqlalchemy import text

from community import Member
from nonet.backup import BackupError, making, restoring, rows, tar, upgrade
from nonet.core import db, holding, jobs, settings, storage
from nonet.people import avatar
from nonet.schema import tables as everything


@pytest.fixture
def conf(database: str, tmp_path: Path) -> settings.Settings:
    return settings.Settings(data_dir=tmp_path, database_url=database, upgrade_backups=2)


def left(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def nothing(_done: int, _all: int) -> None:
    pass


def test_nothing_that_is_kept_refers_to_what_is_left_out() -> None:
    everything.load()
    tables = db.Base.metadata.tables
    assert tables.keys() >= rows.LEFT_OUT - {"alembic_version"}
    for table in tables.values():
        above = {key.column.table.name for key in table.foreign_keys}
        assert table.name in rows.LEFT_OUT or not above & rows.LEFT_OUT, table.name


async def test_a_backup_has_every_table_but_those_that_are_left_out_and_no_session(
    conf: settings.Settings, member: Callable[..., Awaitable[Member]], tmp_path: Path
) -> None:
    await member("juno")
    made = await making.make(conf, tmp_path / "a.tar", nothing)
    assert {table.name for table in made.tables} == db.Base.metadata.tables.keys() - rows.LEFT_OUT
    assert {table.name: table.rows for table in made.tables}["accounts"] == 1
    archive = tar.Reader(tmp_path / "a.tar")
    archive.close()
    assert archive.manifest == made
    assert not [name for name in archive.small if "session" in name]


async def test_objects_of_assets_that_came_after_the_rows_are_left_out(conf: settings.Settings, tmp_path: Path) -> None:
    objects = storage.open(conf.objects_url, conf)
    await objects.put_bytes("assets/42/540-aaaaaaaaaaaa.mp4", b"new", "video/mp4")
    await objects.put_bytes("open/face-bbbbbbbbbbbb.webp", b"a face", "image/webp")
    made = await making.make(conf, tmp_path / "a.tar", nothing)
    assert (made.objects, made.object_bytes) == (1, 6)


async def test_the_database_s_own_password_is_left_out(conf: settings.Settings, tmp_path: Path) -> None:
    for name in ("server.key", "postgres", ".half"):
        (conf.folder("keys") / name).write_bytes(b"secret")
    await making.make(conf, tmp_path / "a.tar", nothing)
    archive = tar.Reader(tmp_path / "a.tar")
    archive.close()
    assert [name for name in archive.small if name.startswith("keys/")] == ["keys/server.key"]


async def test_one_backup_is_made_at_a_time(conf: settings.Settings, database: str, tmp_path: Path) -> None:
    other = await asyncpg.connect(database)
    await other.execute("SELECT pg_advisory_lock($1)", holding.LOCK)
    with pytest.raises(BackupError, match="Another backup"):
        await making.make(conf, tmp_path / "a.tar", nothing)
    await other.close()
    assert left(tmp_path) == []


async def test_nothing_is_restored_under_a_product_that_runs(conf: settings.Settings, tmp_path: Path) -> None:
    await making.make(conf, tmp_path / "a.tar", nothing)
    archive = tar.Reader(tmp_path / "a.tar")
    async with db.transaction() as session:
        await session.execute(text("SELECT 1"))
        with pytest.raises(BackupError, match="Nonet runs on this database"):
            await restoring.restore(conf, archive, nothing)
    archive.close()


async def test_what_is_deleted_while_a_backup_is_made_goes_after_it(
    database: str, frozen_clock: ModuleType, drain: Callable[[], Awaitable[int]]
) -> None:
    objects = storage.open(settings.load().objects_url)
    key = "assets/42/540-aaaaaaaaaaaa.mp4"
    await objects.put_bytes(key, b"gone soon", "video/mp4")
    other = await asyncpg.connect(database)
    await other.execute("SELECT pg_advisory_lock($1)", holding.LOCK)
    async with db.transaction() as session:
        await jobs.publish(session, "media.deleted", {"asset_id": "42"})
    await drain()
    assert await objects.head(key) is not None
    with pytest.raises(jobs.Later):
        await avatar.remove_left({"account_id": "7", "name": "avatar-7-bbbbbbbbbbbb.webp"})
    await other.close()
    frozen_clock.advance(timedelta(seconds=holding.LATER_S))
    await drain()
    assert await objects.head(key) is None


async def test_an_upgrade_keeps_the_last_few_of_a_database_that_somebody_uses(
    conf: settings.Settings, member: Callable[..., Awaitable[Member]]
) -> None:
    upgrade.keep(conf, nothing)
    assert not (conf.data_dir / "backups").exists()
    await member("juno")
    for _ in range(4):
        upgrade.keep(conf, nothing)
    kept = sorted((conf.data_dir / "backups").iterdir())
    assert len(kept) == 2
    upgrade.keep(conf, nothing)
    assert min((conf.data_dir / "backups").iterdir()) == kept[1]


async def test_an_upgrade_that_is_told_to_keeps_none(
    conf: settings.Settings, member: Callable[..., Awaitable[Member]]
) -> None:
    await member("juno")
    upgrade.keep(conf.model_copy(update={"upgrade_backups": 0}), nothing)
    assert not (conf.data_dir / "backups").exists()
