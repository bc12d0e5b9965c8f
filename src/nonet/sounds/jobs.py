"""What sounds do when a person is gone: those that others use stay, as nobody's."""

from typing import Any

from sqlalchemy import update

from nonet.core import db, jobs
from nonet.sounds.tables import Sound


@jobs.reaction("account.deleted")
async def let_go(session: db.Session, args: dict[str, Any]) -> None:
    """Take a person's name off their sounds; those that no video has go with the last one that had them."""
    theirs = update(Sound).where(Sound.owner_id == int(args["account_id"]))
    await session.execute(theirs.values(owner_id=0, title=""))
