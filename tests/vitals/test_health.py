"""The operator's look at how the server does, through the application."""

import shutil
from datetime import date, timedelta
from types import ModuleType
from typing import Any

import httpx
import pytest

import nonet
from community import NOW, Drain, MakeMember, code
from nonet.core import clock, db, ids, jobs, leases, mail, metrics, settings
from nonet.media import uploads
from nonet.media.tables import Asset, File, Upload
from nonet.signals import intake
from nonet.signals.tables import CountDelta
from nonet.vitals import service

MB = 1 << 20


@pytest.fixture
async def operator(member: MakeMember) -> httpx.AsyncClient:
    return (await member("tamsin", role="operator")).client


async def health(operator: httpx.AsyncClient) -> dict[str, Any]:
    answer = await operator.get("/api/v1/operator/health")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def pool(found: dict[str, Any], slot: str) -> dict[str, Any]:
    return next(dict(each) for each in found["work"]["pools"] if each["slot"] == slot)


async def keep(begun_days_ago: int, **sizes: int) -> None:
    """Keep an upload of as many days ago, whole, and the files that were made of it."""
    at = clock.now() - timedelta(days=begun_days_ago)
    number = ids.floor(at) + 1
    size = sizes["original"]
    upload = Upload(id=number, owner_id=1, filename="clip.mp4", size_bytes=size, offset_bytes=size, state="received")
    upload.created_at, upload.expires_at = at, at + timedelta(days=7)
    async with db.transaction() as session:
        session.add(upload)
        session.add(Asset(id=number, owner_id=1, folder_key="k" * 16, created_at=at))
        await session.flush()
        session.add_all(File(asset_id=number, name=kind, kind=kind, size_bytes=size) for kind, size in sizes.items())


@pytest.mark.parametrize("role", [None, "person", "moderator"])
async def test_only_an_operator_sees_it(client: httpx.AsyncClient, member: MakeMember, role: str | None) -> None:
    who = client if role is None else (await member("juno", role=role)).client
    answer = await who.get("/api/v1/operator/health")
    assert code(answer) == ("sign_in_needed" if role is None else "not_allowed")


async def test_a_new_server_has_nothing_to_do_and_foresees_nothing(operator: httpx.AsyncClient, drain: Drain) -> None:
    await drain()
    found = await health(operator)
    for each in found["work"]["pools"]:
        assert (each["waiting"], each["due"], each["running"], each["failed"]) == (0, 0, 0, 0)
        assert each["oldest_due_s"] is None
    assert found["work"]["failed_topics"] == []
    assert found["version"] == nonet.__version__
    assert int(found["database_version"].split(".")[0]) >= 16
    assert found["schema_version"]
    disk = found["disk"]
    usage = shutil.disk_usage(settings.load().data_dir)
    assert disk["total_bytes"] == usage.total
    assert disk["floor_bytes"] == settings.load().disk_floor_mb * MB
    assert disk["holds_videos"] is True
    assert (disk["kept_bytes"], disk["coming_bytes"], disk["full_on"]) == (0, 0, None)
    assert [each["uploaded_bytes"] for each in disk["days"]] == [0] * 7


async def test_work_is_told_by_pool_with_how_long_the_first_in_line_could_have_run(
    operator: httpx.AsyncClient, drain: Drain, frozen_clock: ModuleType
) -> None:
    await drain()
    async with db.transaction() as session:
        for key in ("now", "then"):
            at = None if key == "now" else clock.now() + timedelta(hours=1)
            args = {"asset_id": "1", "owner_id": "1"}
            await jobs.enqueue(session, "media.begun", args, key=key, run_at=at)
    frozen_clock.advance(timedelta(minutes=5))
    found = pool(await health(operator), "light")
    many = len(jobs.HANDLERS["media.begun"])
    assert (found["waiting"], found["due"], found["oldest_due_s"]) == (2 * many, many, 300)
    async with db.transaction() as session:
        await leases.claim(session, "light", many)
    found = pool(await health(operator), "light")
    assert (found["waiting"], found["due"], found["running"], found["oldest_due_s"]) == (many, 0, many, None)


async def test_what_failed_is_told_by_pool_and_by_what_it_was(
    operator: httpx.AsyncClient, client: httpx.AsyncClient, drain: Drain
) -> None:
    await drain()
    await client.post("/api/v1/password-resets", json={"login": "tamsin"})
    async with db.transaction() as session:
        (claimed,) = await leases.claim(session, "light", 1)
        await leases.fail(session, claimed, "OSError: the mail room burned down")
    found = await health(operator)
    assert pool(found, "light")["failed"] == 1
    assert pool(found, "encode")["failed"] == 0
    assert found["work"]["failed_topics"] == [{"topic": "accounts.reset_requested", "failed": 1}]


async def test_mail_that_waits_or_failed_is_counted_and_mail_that_is_kept_here_is_not(
    operator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with db.transaction() as session:
        await mail.send(session, "juno@example.org", "Kept", "Text")
    before = (await health(operator))["mail"]
    assert (before["delivers"], before["waiting"], before["failed"]) == (False, 0, 0)
    monkeypatch.setenv("NONET_SMTP_URL", "smtp://127.0.0.1:9")
    settings.load.cache_clear()
    async with db.transaction() as session:
        for n in range(3):
            await mail.send(session, "juno@example.org", f"Mail {n}", "Text")
    async with db.transaction() as session:
        session.add(mail.Mail(recipient="juno@example.org", subject="No", body="No", state="failed", error="refused"))
    after = (await health(operator))["mail"]
    monkeypatch.undo()
    settings.load.cache_clear()
    assert (after["delivers"], after["waiting"], after["failed"]) == (True, 3, 1)


async def test_changes_that_the_fold_has_not_added_up_are_counted(database: str) -> None:
    _ = database
    async with db.transaction() as session:  # before it commits no fold sees them
        session.add_all(CountDelta(video_id=1, name="likes", delta=1) for _ in range(3))
        await session.flush()
        found = (await service.look(session)).events
    assert (found.unfolded, found.buffered, found.buffered_most) == (3, 0, intake.BUFFER_MOST)


async def test_an_upload_under_way_is_told_with_what_came_and_what_is_to_come(
    member: MakeMember, operator: httpx.AsyncClient
) -> None:
    juno = (await member("juno")).client
    tus = {"tus-resumable": "1.0.0", "upload-metadata": "filename Y2xpcC5tcDQ="}
    begun = await juno.post("/api/v1/uploads", headers=tus | {"upload-length": "10"})
    sent = {"tus-resumable": "1.0.0", "content-type": "application/offset+octet-stream", "upload-offset": "0"}
    await juno.patch(begun.headers["location"], headers=sent, content=b"abcd")
    disk = (await health(operator))["disk"]
    assert disk["coming_bytes"] == 6
    assert disk["days"][-1]["day"] == clock.now().date().isoformat()
    assert disk["days"][-1]["uploaded_bytes"] == 4


async def test_the_disk_is_told_with_what_came_by_day_and_the_day_the_floor_is_reached(
    operator: httpx.AsyncClient, frozen_clock: ModuleType
) -> None:
    _ = frozen_clock
    await keep(0, original=3 * MB, rendition=2 * MB)
    await keep(2, original=5 * MB, rendition=MB)
    await keep(6, original=MB)
    await keep(7, original=100 * MB)  # before these days
    disk = (await health(operator))["disk"]
    assert disk["kept_bytes"] == 112 * MB
    assert disk["originals_bytes"] == 109 * MB
    assert [each["uploaded_bytes"] // MB for each in disk["days"]] == [1, 0, 0, 0, 5, 0, 3]
    assert [each["kept_bytes"] // MB for each in disk["days"]] == [1, 0, 0, 0, 6, 0, 5]
    assert [each["day"] for each in disk["days"]][::6] == ["2026-11-16", "2026-11-22"]
    room = disk["free_bytes"] - disk["floor_bytes"]
    span = 6 + (15 * 60 + 20) / (24 * 60)
    foreseen = room * span / (12 * MB)
    if room > 0 and foreseen < 3653:
        assert abs((date.fromisoformat(disk["full_on"]) - NOW.date()).days - foreseen) <= 1
    elif room > 0:
        assert disk["full_on"] is None


async def test_a_disk_below_its_floor_is_full_today_when_it_grows(
    operator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, frozen_clock: ModuleType
) -> None:
    _ = frozen_clock
    monkeypatch.setenv("NONET_DISK_FLOOR_MB", str(1 << 30))
    settings.load.cache_clear()
    nothing = (await health(operator))["disk"]
    await keep(1, original=MB)
    grows = (await health(operator))["disk"]
    with pytest.raises(uploads.StorageFull):
        uploads.check_floor(0)
    monkeypatch.undo()
    settings.load.cache_clear()
    assert nothing["floor_bytes"] == 1 << 50
    assert nothing["full_on"] is None
    assert grows["full_on"] == "2026-11-22"


async def test_videos_kept_in_a_bucket_do_not_fill_this_disk(
    operator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(1, original=1 << 50)
    assert (await health(operator))["disk"]["full_on"] is not None
    monkeypatch.setenv("NONET_STORAGE_URL", "s3://quayside/videos")
    settings.load.cache_clear()
    disk = (await health(operator))["disk"]
    monkeypatch.undo()
    settings.load.cache_clear()
    assert (disk["holds_videos"], disk["full_on"], disk["kept_bytes"]) == (False, None, 1 << 50)


async def test_what_this_process_refused_is_told_by_route_and_status(
    operator: httpx.AsyncClient, client: httpx.AsyncClient
) -> None:
    before = (await health(operator))["requests"]
    for _ in range(3):
        assert (await client.get("/api/v1/operator/jobs")).status_code == 401
    # What only a fault of ours would count: the counter itself is the source of the page.
    metrics.REQUESTS.labels("GET", "/api/v1/nowhere", "500").inc()
    after = (await health(operator))["requests"]
    assert after["since"] == metrics.SINCE.isoformat().replace("+00:00", "Z")
    assert after["refused"] - before["refused"] == 3
    assert after["failed"] - before["failed"] == 1
    assert after["answered"] - before["answered"] == 5  # and the look before
    assert after["items"][0]["status"] >= 500
    assert len(after["items"]) <= 12
