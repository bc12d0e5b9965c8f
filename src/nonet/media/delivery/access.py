"""Which folder of an asset is open, and to whom: one row of the database, remembered for a few seconds.

While the database is away, what is remembered goes on counting: who was watching goes on watching. A change tells
``nonet_media`` the asset's id, and what was remembered of it is forgotten, so that a video that stopped being public
is not served from memory.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg

from nonet.core import errors, settings

CHANNEL = "nonet_media"
FRESH_S = 5.0
REMEMBERED = 50_000
AGAIN_S = 1.0
CONNECTIONS = 4
QUERY_S = 3.0
_AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)


class DatabaseAway(errors.Refusal):
    """Nobody can say now who may read this."""

    status = 503
    code = "database_away"
    sentence = "The database is away. Nothing is lost; it is being restarted."


@dataclass(frozen=True, slots=True)
class Folder:
    """An asset's folder: its present key, and whether everybody may read it. An empty key: there is no such asset."""

    key: str
    public: bool


NONE = Folder("", public=False)


class Folders:
    """Remembers folders; ``fetch`` asks the database for one."""

    def __init__(self, fetch: Callable[[int], Awaitable[Folder]]) -> None:
        self._fetch = fetch
        self._known: OrderedDict[int, tuple[Folder, float]] = OrderedDict()
        self._away_until_s = 0.0
        self._changes = 0

    async def find(self, asset_id: int) -> Folder:
        """Return an asset's folder, from memory when it is fresh or the database is away."""
        folder, fresh_until_s = self._known.get(asset_id, (None, 0.0))
        now_s = time.monotonic()
        if folder is not None:
            self._known.move_to_end(asset_id)
            if now_s < max(fresh_until_s, self._away_until_s):
                return folder
        elif now_s < self._away_until_s:
            raise DatabaseAway(headers={"Retry-After": "2"})
        return await self._ask(asset_id, folder)

    def forget(self, asset_id: str) -> None:
        """Forget an asset that has changed."""
        self._changes += 1
        if asset_id.isdecimal():
            self._known.pop(int(asset_id), None)

    def doubt_all(self) -> None:
        """Ask again before trusting anything: changes may have been missed."""
        self._changes += 1
        for asset_id, (folder, _) in self._known.items():
            self._known[asset_id] = (folder, 0.0)

    async def _ask(self, asset_id: int, remembered: Folder | None) -> Folder:
        changes = self._changes
        try:
            folder = await self._fetch(asset_id)
        except _AWAY:
            self._away_until_s = time.monotonic() + AGAIN_S
            if remembered is None or asset_id not in self._known:
                raise DatabaseAway(headers={"Retry-After": "2"}) from None
            return remembered
        if changes == self._changes:  # else the row may be older than a change that we were told of meanwhile
            self._known[asset_id] = (folder, time.monotonic() + FRESH_S)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return folder


class Rows:
    """Asks the database, over connections of its own."""

    def __init__(self, config: settings.Settings) -> None:
        self._url = config.database_url
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    async def fetch(self, asset_id: int) -> Folder:
        """Read one asset's row."""
        async with asyncio.timeout(QUERY_S):
            pool = self._pool or await self._open()
            row = await pool.fetchrow("SELECT folder_key, public FROM assets WHERE id = $1", asset_id)
        return Folder(row["folder_key"], public=row["public"]) if row else NONE

    def close(self) -> None:
        """Drop the connections."""
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None

    async def _open(self) -> "asyncpg.Pool[asyncpg.Record]":
        """Make the pool; it connects when it is asked something, and again after the database was away."""
        self._pool = asyncpg.create_pool(
            self._url,
            min_size=0,
            max_size=CONNECTIONS,
            timeout=QUERY_S,
            server_settings={"application_name": "nonet media"},
        )
        return await self._pool
