import asyncio

import pytest
from sqlalchemy import exc, text

from nonet.core import db


async def test_whoever_stands_still_in_a_transaction_keeps_no_lock(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ = database
    monkeypatch.setattr(db, "IDLE_IN_TRANSACTION", "100ms")
    taken = text("SELECT pg_advisory_xact_lock(6)")
    async with db.engine().connect() as frozen:
        await frozen.execute(taken)
        async with asyncio.timeout(20), db.transaction() as session:
            await session.execute(taken)  # waits until the other one is told to go
        with pytest.raises(exc.DBAPIError):
            await frozen.execute(text("SELECT 1"))
        await frozen.invalidate()
