"""How far a table has been read by its revisions, and from where to read on.

A revision is drawn before its row is committed, so a row may show up after one with a higher revision was read.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from nonet.core.statements import Connection, Row, Statement

AT_ONCE = 4000


class Revisions:
    """The revisions of a table that were read; ``overlap_s`` is how long a transaction may take and be noticed."""

    def __init__(self, overlap_s: float) -> None:
        self.latest = 0
        self._overlap_s = overlap_s
        self._known: deque[tuple[float, int]] = deque()

    def saw(self, revision: int) -> None:
        """Note a revision that was read."""
        self.latest = max(self.latest, revision)

    async def rows(self, connection: Connection, statement: Statement) -> AsyncIterator[list[Row]]:
        """Read what has changed, at most AT_ONCE rows at a time, some of it again.

        ``statement`` takes ``since`` and ``most``, and gives rows above that revision in its order.
        """
        since = self._since()
        while rows := await statement.fetch(connection, since=since, most=AT_ONCE):
            since = rows[-1]["revision"]
            self.saw(since)
            yield rows
            if len(rows) < AT_ONCE:
                return

    def _since(self) -> int:
        """Return the revision that was known ``overlap_s`` ago, and forget older ones."""
        now = asyncio.get_running_loop().time()
        while len(self._known) > 1 and self._known[1][0] < now - self._overlap_s:
            self._known.popleft()
        if not self._known or self._known[-1][1] != self.latest:
            self._known.append((now, self.latest))
        return self._known[0][1]
