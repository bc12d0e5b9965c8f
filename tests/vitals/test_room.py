"""The operator's look at what the videos take, and the quotas they give."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from community import Drain, MakeMember, Member, code
from nonet.core import clock, db, ids, jobs, prefs
from nonet.media.tables import Asset, File, Step
from nonet.moderation.tables import AuditEntry

MB = 1 << 20


@pytest.fixture
async def operator(member: MakeMember) -> httpx.AsyncClient:
    return (await member("tamsin", role="operator")).client


async def look(operator: httpx.AsyncClient) -> dict[str, Any]:
    answer = await operator.get("/api/v1/operator/media")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def keep(owner_id: int, days_ago: int = 0, spare: int = 0, sizes: str = "done", **files: int) -> int:
    """Keep a finished asset with files, their kinds by their names: ``s720`` is a size, ``source`` a copied picture."""
    at = clock.now() - timedelta(days=days_ago)
    number = ids.floor(at) + ids.new() % 1000
    async with db.transaction() as session:
        made = Asset(id=number, owner_id=owner_id, folder_key="k" * 16, state="complete", created_at=at, watched_at=at)
        made.spare_bytes = spare
        session.add(made)
        await session.flush()
        session.add(Step(asset_id=number, step="sizes", state=sizes))
        for name, size in files.items():
            kind = "rendition" if name[1:].isdecimal() or name == "source" else name
            called = "upload" if kind == "original" else f"{name.removeprefix('s')}-0123456789ab.mp4"
            called = "source-0123456789ab.mp4" if name == "source" else called
            session.add(File(asset_id=number, name=called, kind=kind, size_bytes=size))
    return number


async def count(drain: Drain) -> None:
    async with db.transaction() as session:
        await jobs.enqueue(session, "media.tally_due", {})
    await drain()


def sizes(found: dict[str, Any]) -> dict[str, int]:
    return {each["kind"]: each["size_bytes"] for each in found["kinds"] if each["files"]}


async def test_what_files_take_is_told_by_kind_with_what_is_new_since_the_count(
    operator: httpx.AsyncClient, drain: Drain
) -> None:
    await keep(1, 5, original=9, source=8, s540=3, s96=1, s720=5, s1080=7, poster=2, sprite=2, track=4, captions=1)
    before = await look(operator)
    await count(drain)
    await keep(1, 0, s648=6, master=1)
    found = await look(operator)
    wanted = {"original": 9, "copy": 8, "1080": 7, "720": 5, "540": 4, "sound": 4, "pictures": 4, "captions": 1}
    assert (before["counted_at"], sizes(before)) == (None, wanted)
    assert sizes(found) == wanted | {"720": 11, "playlists": 1}
    assert found["kept_bytes"] == sum(sizes(found).values())
    assert found["counted_at"]


async def test_what_would_go_is_told_before_it_is_let_go(operator: httpx.AsyncClient) -> None:
    for days, spare in ((10, 1), (40, 10), (100, 100), (400, 1000)):
        await keep(1, days, spare=spare * MB, s540=MB)
    async with db.transaction() as session:
        await prefs.put(session, "cold_after_days", 7)
    cold = (await look(operator))["cold"]
    assert (cold["after_days"], cold["spare_bytes"]) == (7, 1111 * MB)
    frees = {each["days"]: each["frees_bytes"] // MB for each in cold["choices"]}
    assert frees == {7: 1111, 30: 1110, 90: 1100, 180: 1000, 365: 1000}


async def test_what_policies_for_uploads_would_free_leaves_out_the_only_source_of_something(
    operator: httpx.AsyncClient, drain: Drain
) -> None:
    await keep(1, 1, original=1, s540=1)
    await keep(1, 2, original=10, source=5, s540=1)
    await keep(1, 3, original=100, s540=1, sizes="failed")
    await count(drain)
    found = (await look(operator))["originals"]
    assert found["policy"] == "unless_equal"
    assert {each["policy"]: each["frees_bytes"] for each in found["choices"]} == {
        "always": 0,
        "unless_equal": 10,
        "never": 11,
    }


async def test_who_takes_most_comes_first_and_who_has_a_quota_of_their_own_is_among_them(
    operator: httpx.AsyncClient, member: MakeMember, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nonet.media.tally.PEOPLE_MOST", 2)
    people = [await member(name) for name in ("juno", "ada", "pia")]
    for size, person in enumerate(people, 1):
        await keep(person.id, 2, s540=size * MB)
    await count(drain)
    given = await operator.put("/api/v1/operator/people/juno/quota", json={"size_bytes": 5 * MB})
    assert given.json() == {"handle": "juno", "size_bytes": MB, "own_quota_bytes": 5 * MB}
    found = [(each["handle"], each["size_bytes"], each["own_quota_bytes"]) for each in (await look(operator))["people"]]
    assert found == [("pia", 3 * MB, None), ("ada", 2 * MB, None), ("juno", MB, 5 * MB)]


async def begin(member: Member, size_bytes: int) -> httpx.Response:
    headers = {"tus-resumable": "1.0.0", "upload-length": str(size_bytes), "upload-metadata": "filename Y2xpcC5tcDQ="}
    return await member.client.post("/api/v1/uploads", headers=headers)


async def test_a_quota_of_their_own_holds_for_that_person_alone_and_is_in_the_audit_log(
    operator: httpx.AsyncClient, member: MakeMember
) -> None:
    juno, ada = await member("juno"), await member("ada")
    url = "/api/v1/operator/people/juno/quota"
    for size_bytes in (MB, MB, 2 * MB, None):
        assert (await operator.put(url, json={"size_bytes": size_bytes})).status_code == 200
        mine = (await juno.client.get("/api/v1/me/usage")).json()
        assert mine["quota_bytes"] == (size_bytes or 20 * 1024 * MB)
        refused = await begin(juno, 3 * MB)
        assert refused.status_code == (201 if size_bytes is None else 413)
    assert (await begin(ada, 3 * MB)).status_code == 201
    assert (await juno.client.get("/api/v1/me/usage")).json()["used_bytes"] == 3 * MB
    async with db.transaction() as session:
        rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        told = [(row.action, row.subject_id, row.details["from"], row.details["to"]) for row in rows]
    changes = [(None, MB), (MB, 2 * MB), (2 * MB, None)]
    assert told == [("quota.changed", juno.id, before, after) for before, after in changes]


async def test_a_full_server_refuses_by_what_is_kept_and_what_comes(member: MakeMember, drain: Drain) -> None:
    juno = await member("juno")
    async with db.transaction() as session:
        await prefs.put(session, "quota_server_bytes", 10 * MB)
    await keep(1, 3, s540=4 * MB)
    await count(drain)
    await keep(1, 0, s540=4 * MB)
    assert (await begin(juno, MB)).status_code == 201
    assert code(await begin(juno, 2 * MB)) == "storage_full"


async def test_a_look_reads_no_more_files_than_are_new(operator: httpx.AsyncClient, drain: Drain) -> None:
    """The sum of what is old stands in the count: were it read again, a gone file would be missing."""
    old = await keep(1, 3, s540=4 * MB)
    await count(drain)
    async with db.transaction() as session:
        await session.delete(await session.get_one(Asset, old))
    assert (await look(operator))["kept_bytes"] == 4 * MB
    await count(drain)
    assert (await look(operator))["kept_bytes"] == 0
