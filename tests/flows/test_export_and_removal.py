"""Nothing is kept of a person that they can't take along, and nothing of them stays: every table is walked.

A table with an account's number in it belongs to a slice that gives it to the archive and removes it, and the second
test fills every such table for one person, reads their archive, removes them and looks what is left.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import ModuleType
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    insert,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from community import PASSWORD, Drain, MakeMember, Member, code
from films import film
from nonet import export, handlers
from nonet.core import clock, db, ids, jobs, settings, storage
from nonet.media.tables import File
from nonet.people.tables import Profile
from nonet.signals import days, moments
from nonet.videos.tables import Video

ACCOUNT = {
    "about_id",
    "account_id",
    "owner_id",
    "author_id",
    "viewer",
    "follower_id",
    "followed_id",
    "blocker_id",
    "blocked_id",
    "restricter_id",
    "restricted_id",
    "reporter_id",
    "moderator_id",
    "actor_id",
    "actor_ids",
    "claimed_by",
    "made_by",
}
"""Columns that hold the number of an account."""
NOT_ACCOUNT = {
    *("id", "asset_id", "case_id", "comment_id", "decision_id", "invitation_id", "parent_id", "playlist_id"),
    *("request_id", "session_id", "sound_id", "subject_id", "thread_id", "video_id", "video_ids", "before", "parent"),
    *("attempts", "count", "cover_at_ms", "cut", "delta", "done", "duration_ms", "failures", "followers", "following"),
    *("height", "last_id", "lease", "offset_bytes", "opens", "place", "priority", "propensities", "read_id", "replies"),
    *("since_id",),
    *(
        "reports",
        "revision",
        "run",
        "seed",
        "size_bytes",
        "sources",
        "tags",
        "total",
        "used",
        "uses",
        "value",
        "videos",
    ),
    *("width", "impressions", "plays", "views", "finishes", "loops", "skips", "played_ms", "likes", "saves", "shares"),
    *("comments", "reposts", "hides", "videos"),
}
"""Numbers of other things, and counts."""
KEPT = {
    ("audit_log", "actor_id"): "what was done with a role is never taken back",
    ("decisions", "owner_id"): "what moderators decided, and of whom, by number alone",
    ("decisions", "moderator_id"): "who decided",
    ("cases", "owner_id"): "what was reported, by number alone",
    ("cases", "claimed_by"): "who looks at a case, for minutes",
    ("appeals", "account_id"): "that there was an appeal, without its text",
    ("appeals", "moderator_id"): "who answered it",
    ("handle_claims", "account_id"): "a handle stays reserved for ninety days",
}
"""What stays of a person who is gone, and why. docs/reference/leaving.md says the same to people."""
MARK = "quinceblossom"
"""A word that stands in everything the person of the second test wrote."""


def tables() -> Iterator[tuple[str, Table, list[Column[Any]]]]:
    """Yield each table that has columns of accounts, with its slice."""
    for mapper in db.Base.registry.mappers:
        table = mapper.local_table
        assert isinstance(table, Table)
        columns = [column for column in table.columns if column.name in ACCOUNT]
        if columns:
            yield mapper.class_.__module__.split(".")[1], table, columns


def test_every_number_in_a_table_is_known_to_be_an_account_or_not(schema: str) -> None:
    _ = schema
    for table in db.Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, BigInteger | ARRAY):
                known = column.name in ACCOUNT | NOT_ACCOUNT
                assert known, f"is {table.name}.{column.name} an account's? add it to ACCOUNT or NOT_ACCOUNT"


def test_every_slice_that_keeps_something_of_people_exports_it_and_removes_it(schema: str) -> None:
    _ = schema
    handlers.load()
    for slice_name, table, _columns in tables():
        assert slice_name in export.LISTS, f"{table.name}: {slice_name} gives nothing to nonet/export.py"
        removers = jobs.HANDLERS["account.deleted"]
        assert slice_name in removers, f"{table.name}: {slice_name} does nothing when an account is deleted"


async def test_everything_of_a_person_is_in_their_archive_and_nothing_of_them_stays(
    member: MakeMember, drain: Drain, frozen_clock: ModuleType
) -> None:
    objects = storage.open(settings.load().objects_url)
    before = {each.key async for each in objects.list()}
    juno, ines = await member("juno"), await member("ines")
    film_id = await what_routes_do(juno, ines)
    await drain()
    await what_else_there_could_be(juno)
    await unfilled(juno.id, {("accounts", "id")})

    asked = (await juno.client.post("/api/v1/me/export")).json()
    assert asked["state"] == "waiting"
    assert code(await juno.client.get(f"/api/v1/me/export/{asked['id']}/archive")) == "archive_not_ready"
    await drain()
    [made] = (await juno.client.get("/api/v1/me/export")).json()["items"]
    assert (made["state"], made["done"], made["expires_at"]) == ("ready", made["total"], "2026-11-29T15:20:00Z")
    assert code(await ines.client.get(made["archive_url"])) == "not_found"
    fetched = await juno.client.get(made["archive_url"])
    assert len(fetched.content) == made["size_bytes"]
    check_archive(fetched.content, film_id)

    held = {each.key async for each in objects.list()} - before
    assert {key.split("/")[0] for key in held} == {"assets", "exports", "open"}
    left = await juno.client.request("DELETE", "/api/v1/me", json={"password": PASSWORD})
    assert left.status_code == 200, left.text
    frozen_clock.advance(timedelta(days=30, minutes=1))
    for _ in range(3):
        await drain()
        frozen_clock.advance(timedelta(minutes=10))
    assert await filled(juno.id) <= set(KEPT)
    assert await mentions(MARK) == set()
    assert await mentions(juno.email) == set()
    assert [key for key in held if await objects.head(key)] == []


def check_archive(packed: bytes, film_id: int) -> None:
    """Look that every slice gave its lists, that they are JSON, and that the files are there as they were sent."""
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        lists = {name: json.loads(archive.read(name)) for name in names if name.endswith(".json")}
        files = {name: archive.read(name) for name in names if name.startswith("files/")}
        about = archive.read("README.txt").decode()
    assert {name.split("/")[0] for name in lists} == set(export.LISTS)
    assert all(rows and isinstance(rows, list) for rows in lists.values())
    assert lists["accounts/account.json"][0]["email"] == "juno@example.org"
    assert [each["handle"] for each in lists["people/followers.json"]] == ["ines"]
    assert str(film_id) in {each["id"] for each in lists["videos/videos.json"]}
    assert "argon2" not in str(lists)
    assert sorted(files.values()) == [b"a film", b"a picture"]
    assert "everything" in about


async def what_routes_do(juno: Member, ines: Member) -> int:
    """Describe oneself, follow, publish; give the number of the video."""
    await juno.client.patch("/api/v1/me/profile", json={"name": MARK, "bio": MARK})
    for one, other in ((juno, ines), (ines, juno)):
        await one.client.put(f"/api/v1/people/{other.handle}/follow")
    film_id = await film(juno.id, caption=f"{MARK} #{MARK}")
    objects = storage.open(settings.load().objects_url)
    async with db.transaction() as session:
        asset_id = await session.scalar(select(Video.asset_id).where(Video.id == film_id))
        session.add(File(asset_id=asset_id, name="540-0123456789ab.mp4", kind="rendition", size_bytes=6))
        profile = await session.get_one(Profile, juno.id)
        profile.avatar = "avatar-1-0123456789ab.webp"
    await objects.put_bytes(f"assets/{asset_id}/540-0123456789ab.mp4", b"a film", "video/mp4")
    await objects.put_bytes("open/avatar-1-0123456789ab.webp", b"a picture", "image/webp")
    return film_id


async def what_else_there_could_be(juno: Member) -> None:
    """Fill every table that has nothing of the person yet."""
    await days.ready(clock.now().date())
    there = await filled(juno.id)
    async with db.transaction() as session:
        rows = Rows(session, juno.id)
        for _slice, table, columns in tables():
            for column in columns:
                if (table.name, column.name) not in there | set(SHARED.items()):
                    await rows.add(table, {column.name: juno.id})


class Rows:
    """Makes a row of any table, and of those it refers to, with plausible values; what can be the person's is."""

    def __init__(self, session: db.Session, account_id: int) -> None:
        self._session, self._account_id = session, account_id
        self._parents: dict[str, dict[str, Any]] = {}

    async def add(self, table: Table, given: dict[str, Any]) -> dict[str, Any]:
        """Insert a row in which ``given`` columns hold the person's number and others of that sort someone else's."""
        row: dict[str, Any] = {}
        for column in table.columns:
            value = await self._value(column, given)
            if value is not None:
                row[column.name] = value
        await self._session.execute(insert(table).values(row))
        return row

    async def _value(self, column: Column[Any], given: dict[str, Any]) -> Any:
        if column.name in given:
            return [self._account_id] if isinstance(column.type, ARRAY) else self._account_id
        key = next(iter(column.foreign_keys), None)
        if key is not None and not column.nullable:
            return await self._parent(key.column)
        if column.name in WRITTEN and WROTE & set(given):
            return f"{MARK} {ids.new()}"
        special = SPECIAL.get((column.table.name, column.name))
        if special is None and (column.nullable or column.server_default is not None or column.identity is not None):
            return None
        return special or next(make() for kind, make in MADE if isinstance(column.type, kind))

    async def _parent(self, key: Column[Any]) -> Any:
        """Make the row that a new one refers to; of accounts it is the person."""
        table = key.table
        assert isinstance(table, Table)
        if table.name == "accounts":
            return self._account_id
        if table.name not in SHARED:
            return (await self.add(table, {}))[key.name]
        if table.name not in self._parents:
            self._parents[table.name] = await self.add(table, {SHARED[table.name]: self._account_id})
        return self._parents[table.name][key.name]


MADE: tuple[tuple[type[Any], Callable[[], Any]], ...] = (
    (ARRAY, list),
    (SmallInteger, lambda: 1),
    (BigInteger, ids.new),
    (Text, lambda: f"word {ids.new()}"),
    (Boolean, lambda: True),
    (Date, lambda: clock.now().date()),
    (JSONB, dict),
    (LargeBinary, lambda: str(ids.new()).encode()),
    (Uuid, lambda: moments.new(moments.of(clock.now()))),
    (Double, lambda: 1.0),
    (object, clock.now),
)
SHARED = {"threads": "made_by"}
"""Made once, with what refers to them: whoever makes a thread is a member of it."""
SPECIAL = {("exports", "state"): "failed", ("mutes", "kind"): "word", ("watches", "plays"): 1}
WRITTEN = {"text", "caption", "title", "excerpt", "filename", "endpoint", "search_text"}
WROTE = {"account_id", "owner_id", "author_id", "reporter_id"}
"""Columns that hold what people wrote, and those that say who did."""


def _holds(column: Column[Any], account_id: int) -> Any:
    return column.contains([account_id]) if isinstance(column.type, ARRAY) else column == account_id


async def filled(account_id: int) -> set[tuple[str, str]]:
    """Return each table and column that holds an account's number."""
    found = set()
    async with db.transaction() as session:
        for _slice, table, columns in tables():
            for column in columns:
                if await session.scalar(select(true()).select_from(table).where(_holds(column, account_id)).limit(1)):
                    found.add((table.name, column.name))
    return found


async def unfilled(account_id: int, but: set[tuple[str, str]]) -> None:
    """Fail when a table that could hold something of the person holds nothing."""
    there = await filled(account_id)
    every = {(table.name, column.name) for _slice, table, columns in tables() for column in columns}
    assert every - there - but == set()


async def mentions(words: str) -> set[str]:
    """Return each table in which a text stands, whatever the column."""
    found = set()
    async with db.transaction() as session:
        for table in db.Base.metadata.sorted_tables:
            query = text(f'SELECT count(*) FROM "{table.name}" AS t WHERE t::text ILIKE :words')  # noqa: S608 - our names
            if await session.scalar(query, {"words": f"%{words}%"}):
                found.add(table.name)
    return found
