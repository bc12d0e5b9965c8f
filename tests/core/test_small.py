"""The small parts everything stands on: ids, the clock, logs, limits, preferences, mail."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from nonet.core import clock, db, ids, limits, log, mail, prefs, settings
from nonet.core.mail import Mail


@given(st.lists(st.integers(-10_000, 10_000), min_size=1, max_size=50))
def test_ids_rise_whatever_the_clock_does(jumps_ms: list[int]) -> None:
    made = []
    with clock.frozen():
        for jump in jumps_ms:
            clock.advance(timedelta(milliseconds=jump))
            made.append(ids.new())
    assert made == sorted(set(made))
    assert all(0 < one < 1 << 63 for one in made)


@given(st.text(max_size=30))
def test_an_id_is_read_back_or_refused(text: str) -> None:
    number = ids.parse(text)
    assert number is None or str(number) == text.lstrip("0") or (number == 0 and set(text) == {"0"})


def test_a_log_line_holds_no_token_address_or_caption() -> None:
    shown = log._scrub(None, "", {"event": "x", "caption": "secret words", "note": "to juno@example.org now"})  # noqa: SLF001
    token = "A" * 43
    assert "secret" not in str(shown)
    assert "juno@" not in str(shown)
    assert token not in str(log.clean(f"/setup/{token}?a=1"))
    assert log.clean(12) == 12


async def test_a_bucket_survives_restarts_and_refills_by_time(database: str, frozen_clock: ModuleType) -> None:
    del database
    for _ in range(3):
        await limits.take("test", rate_per_h=60, burst=3)
    await db.close()  # as a restart does
    with pytest.raises(limits.TooOften) as refused:
        await limits.take("test", rate_per_h=60, burst=3)
    assert refused.value.headers["Retry-After"] == "61"
    frozen_clock.advance(timedelta(seconds=61))
    await limits.take("test", rate_per_h=60, burst=3)
    frozen_clock.advance(timedelta(days=-2))
    with pytest.raises(limits.TooOften):
        await limits.take("test", rate_per_h=60, burst=3)


async def test_a_preference_takes_what_it_declares_and_nothing_else(database: str) -> None:
    del database
    async with db.transaction() as session:
        for value in (12.5, "many", True, -1, None):
            with pytest.raises(prefs.PrefInvalid):
                await prefs.put(session, "minimum_age", value)
        await prefs.put(session, "minimum_age", 16)
        assert (await prefs.get_all(session))["minimum_age"] == 16


@pytest.fixture
async def smtp(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[str]]:
    """Run a server that speaks enough of SMTP (RFC 5321) to take mails; gives what it took."""
    taken: list[str] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ")[0].upper()
            if verb == "DATA":
                writer.write(b"354 go on\r\n")
                taken.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            if verb == "QUIT":
                break
            writer.write(b"250 mail.example\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("NONET_SMTP_URL", f"smtp://127.0.0.1:{port}")
    settings.load.cache_clear()
    yield taken
    monkeypatch.undo()
    settings.load.cache_clear()
    server.close()


async def test_a_mail_leaves_by_smtp_when_a_server_is_set(
    database: str, smtp: list[str], drain: Callable[[], Awaitable[int]]
) -> None:
    del database
    async with db.transaction() as session:
        await mail.send(session, "juno@example.org", "Confirm your address", "Open the link, once.")
    await drain()
    assert "Subject: Confirm your address" in smtp[0]
    assert "Open the link, once." in smtp[0]
    async with db.transaction() as session:
        assert (await session.scalars(select(Mail))).one().state == "sent"


async def test_a_mail_without_a_server_stays_in_the_outbox(database: str) -> None:
    del database
    async with db.transaction() as session:
        await mail.send(session, "juno@example.org", "Hello", "Words")
    async with db.transaction() as session:
        assert [m.state for m in await mail.outbox(session, None)] == ["kept"]
