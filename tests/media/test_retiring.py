"""Files that nothing refers to any more: they go with their objects, but not under whoever plays them."""

from datetime import timedelta
from types import ModuleType

import films
from community import Drain, MakeMember
from nonet.core import db, jobs
from nonet.media import service
from nonet.media.tables import File

NAME = "poster-aaaaaaaaaaaa.jpg"


async def sweep(drain: Drain) -> None:
    async with db.transaction() as session:
        await jobs.enqueue(session, "media.sweep_due", {})
    await drain()


async def test_a_retired_file_goes_with_its_object_once_its_last_players_are_done(
    member: MakeMember, drain: Drain, frozen_clock: ModuleType
) -> None:
    juno = await member("juno")
    asset_id = (await films.row(await films.film(juno.id))).asset_id
    key = f"assets/{asset_id}/{NAME}"
    await service.store().put_bytes(key, b"old", "image/jpeg")
    async with db.transaction() as session:
        await service.keep(session, File(asset_id=asset_id, name=NAME, kind="poster", size_bytes=3))
    async with db.transaction() as session:
        await service.retire(session, asset_id, [NAME])
    await sweep(drain)
    assert await service.store().head(key) is not None
    frozen_clock.advance(timedelta(minutes=10))
    await sweep(drain)
    assert await service.store().head(key) is None
    async with db.transaction() as session:
        assert await session.get(File, (asset_id, NAME)) is None


async def test_a_file_that_is_made_again_stands_again(member: MakeMember) -> None:
    juno = await member("juno")
    asset_id = (await films.row(await films.film(juno.id))).asset_id
    for _ in range(2):
        async with db.transaction() as session:
            await service.keep(session, File(asset_id=asset_id, name=NAME, kind="poster", size_bytes=3))
            kept = await session.get_one(File, (asset_id, NAME), populate_existing=True)
            assert kept.retired_at is None
        async with db.transaction() as session:
            await service.retire(session, asset_id, [NAME])
