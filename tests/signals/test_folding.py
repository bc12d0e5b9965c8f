"""The fold of counters as a part of the process: how it ends."""

import asyncio

import pytest

from nonet.signals import deltas

pytestmark = pytest.mark.usefixtures("database")


async def test_an_act_at_the_moment_the_fold_is_told_to_end_does_not_keep_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deltas, "EVERY_S", 0.0)
    folding = asyncio.create_task(deltas.run())
    while not (deltas._some and deltas._some._waiters):  # noqa: SLF001, ASYNC110 - it waits for the next act
        await asyncio.sleep(0)
    await deltas.wake()
    folding.cancel()
    ended, _ = await asyncio.wait({folding}, timeout=3)
    folding.cancel()
    assert ended
