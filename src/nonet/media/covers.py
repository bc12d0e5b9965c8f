"""What stands for a video before it plays: a frame, or a picture its owner sends, which is drawn anew."""

import hashlib

from sqlalchemy import select

from nonet.core import db, errors, limits, pictures, realtime
from nonet.media import service
from nonet.media.pictures import POSTER_SIDE
from nonet.media.tables import Asset, File

KIND = "cover"


async def pick(session: db.Session, asset_id: int, at_ms: int) -> None:
    """Make the frame at ``at_ms`` the cover, clamped to the video; it is drawn in the background."""
    asset = await session.scalar(select(Asset).where(Asset.id == asset_id).with_for_update())
    if asset is None or asset.playable_at is None:
        raise errors.NotFound
    asset.cover_at_ms = max(0, min(at_ms, asset.duration_ms - 1))
    await _give_up(session, asset_id)
    await session.flush()
    await service.repeat(session, asset_id, "cover")


async def put(owner_id: int, asset_id: int, image: bytes) -> None:
    """Make an image the cover of an asset that plays; raises what a picture is refused for, and NotFound."""
    await limits.take(f"cover:{owner_id}", rate_per_h=60, burst=20)
    drawn = await pictures.whole(image, POSTER_SIDE)
    name = f"{KIND}-{hashlib.sha256(drawn.image).hexdigest()[:12]}.jpg"
    await service.store().put_bytes(f"assets/{asset_id}/{name}", drawn.image, "image/jpeg")
    async with db.transaction() as session:
        asset = await session.scalar(
            select(Asset).where(Asset.id == asset_id, Asset.owner_id == owner_id).with_for_update()
        )
        if asset is None or asset.playable_at is None:
            raise errors.NotFound
        await _record(session, asset, name, len(drawn.image), drawn.colour)
        realtime.tell(session, owner_id, {"type": "upload", "upload_id": str(asset_id)})


async def _record(session: db.Session, asset: Asset, name: str, size_bytes: int, colour: str) -> None:
    old = await _own(session, asset.id)
    drawn = File(asset_id=asset.id, name=name, kind=KIND, size_bytes=size_bytes, data={"colour": colour})
    await service.keep(session, drawn)
    await service.retire(session, asset.id, [each.name for each in old if each.name != name])
    await use_own(session, asset)


async def use_own(session: db.Session, asset: Asset) -> None:
    """Show the owner's picture, if there is one, whatever frame was drawn; the asset must be locked."""
    own = [each for each in await _own(session, asset.id) if not (each.data or {}).get("given_up")]
    if own and asset.poster != own[-1].name:
        if asset.poster is not None:
            await service.retire(session, asset.id, [asset.poster])
        asset.poster, asset.placeholder = own[-1].name, str((own[-1].data or {})["colour"])


async def let_go(session: db.Session, asset_id: int) -> None:
    """Retire the owner's picture once a frame has taken its place."""
    old = [each.name for each in await _own(session, asset_id) if (each.data or {}).get("given_up")]
    await service.retire(session, asset_id, old)


async def _own(session: db.Session, asset_id: int) -> list[File]:
    query = select(File).where(File.asset_id == asset_id, File.kind == KIND, File.retired_at.is_(None))
    found = await session.scalars(query.order_by(File.made_at).execution_options(populate_existing=True))
    return list(found)


async def _give_up(session: db.Session, asset_id: int) -> None:
    """Let a frame take the place of the owner's picture, as soon as it is drawn."""
    for each in await _own(session, asset_id):
        each.data = (each.data or {}) | {"given_up": True}
