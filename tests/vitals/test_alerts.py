"""Mails to operators when something begins to need them and when it is over."""

from collections.abc import Iterator
from datetime import timedelta
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from community import NOW, Drain, MakeMember
from nonet.core import db, mail, prefs, settings
from nonet.core.jobs import enqueue
from nonet.vitals import alerts, service, store
from nonet.vitals.alerts import AT_ONCE, LASTS, SENTENCES, Known, news
from nonet.vitals.schemas import Need

CODES = sorted(SENTENCES)


def setting(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings.load.cache_clear()


@pytest.fixture(autouse=True)
def settings_again() -> Iterator[None]:
    """Read the settings anew after a test that changed them."""
    yield
    settings.load.cache_clear()


@pytest.fixture
def smtp(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a mail server be set; nothing listens there, so its mails wait."""
    setting(monkeypatch, NONET_SMTP_URL="smtp://127.0.0.1:9")


async def mails() -> list[mail.Mail]:
    async with db.transaction() as session:
        return list(await session.scalars(select(mail.Mail).order_by(mail.Mail.id)))


async def looked(*found: Need) -> None:
    async with db.transaction() as session:
        health = await service.look(session)
        await alerts.look(session, health.model_copy(update={"needs": list(found)}))


@given(st.lists(st.tuples(st.sets(st.sampled_from(CODES)), st.integers(-3600, 3600))))
def test_everything_is_told_once_and_its_end_once_whatever_the_clock_does(looks: list[tuple[set[Need], int]]) -> None:
    now, known, open_now = NOW, {}, set()
    for found, seconds in looks:
        now += timedelta(seconds=seconds)
        said = news(known, found, now)
        assert not open_now & set(said.begun)
        open_now |= set(said.begun)
        assert set(said.over) <= open_now
        open_now -= set(said.over)
        assert open_now <= found
        assert AT_ONCE & found <= open_now
        known = said.known


def test_what_mends_itself_is_not_told() -> None:
    first = news({}, ["behind_first"], NOW)
    assert (first.begun, first.over) == ([], [])
    gone = news(first.known, [], NOW + LASTS)
    assert (gone.begun, gone.over) == ([], [])
    assert news({"behind_first": Known(NOW, told=False)}, ["behind_first"], NOW + LASTS).begun == ["behind_first"]


@pytest.mark.usefixtures("smtp")
async def test_operators_get_one_mail_when_it_begins_and_one_when_it_is_over(
    member: MakeMember, frozen_clock: ModuleType
) -> None:
    for handle, role in (("tamsin", "operator"), ("ines", "operator"), ("juno", "person")):
        await member(handle, role=role)
    before = len(await mails())
    await looked("disk_full", "work_failed")
    await looked("disk_full", "work_failed")
    frozen_clock.advance(LASTS)
    await looked("disk_full", "work_failed")
    await looked()
    told = (await mails())[before:]
    assert [each.subject for each in told[::2]] == [
        "Nonet: 1 thing needs you",
        "Nonet: 1 thing needs you",
        "Nonet: what needed you is over",
    ]
    assert {each.recipient.split("@")[0] for each in told} == {"tamsin", "ines"}
    assert "New:\n- Work failed" in told[2].body
    assert "Still going on:\n- The disk has no room" in told[2].body


async def test_without_a_mail_server_or_when_an_operator_turned_it_off_nothing_is_written(
    member: MakeMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    await member("tamsin", role="operator")
    before = len(await mails())
    await looked("disk_full")
    await looked()
    setting(monkeypatch, NONET_SMTP_URL="smtp://127.0.0.1:9")
    async with db.transaction() as session:
        await prefs.put(session, alerts.BY_MAIL.name, value=False)
    await looked("disk_full")
    assert len(await mails()) == before


@pytest.mark.usefixtures("smtp")
async def test_the_job_looks_by_itself_and_the_page_says_what_it_found_of_the_storage(
    member: MakeMember, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = await member("tamsin", role="operator")
    await drain()
    # Nobody listens there, so the storage does not answer.
    away = {"NONET_STORAGE_URL": "s3://nowhere/videos", "NONET_S3_ENDPOINT": "http://127.0.0.1:9"}
    setting(monkeypatch, **away, NONET_S3_ACCESS_KEY="AKNOBODY", NONET_S3_SECRET_KEY="none")
    monkeypatch.setattr(store, "PATIENCE_S", 0.5)
    async with db.transaction() as session:
        await enqueue(session, "vitals.look_due", {})
    await drain()
    found = (await operator.client.get("/api/v1/operator/health")).json()
    assert "storage_away" in found["needs"]
    assert not found["storage_answers"]
    assert any("storage of videos does not answer" in each.body for each in await mails())
