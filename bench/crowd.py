"""A community in bulk: people with sessions, videos with everything a card shows, and what people watched, by COPY.

Plainly fictional, and the same for the same numbers. Each person likes a few subjects and watches accordingly.
"""

import hashlib
import json
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import asyncpg

from nonet.core import ids

FLOOR = "/api/v1/feed-floor"
"""Where the API of the bench answers with no more than the cards."""
WATCHES = 300
FOLLOWS = 30
LIKES = 25
SUBJECTS = 400
DAYS = 60
HANDLE = "person{}"


@dataclass
class Crowd:
    """What was made: ids of people and videos, in the order they were made."""

    people: list[int]
    videos: list[int]


def token(number: int) -> str:
    """Return the session token of a person."""
    return f"bench-token-of-person-{number}"


def _id(at: datetime, number: int) -> int:
    return ((int(at.timestamp() * 1000) - ids.EPOCH_MS) << 22) | (number % (1 << 22))


async def make(url: str, people: int, videos: int) -> Crowd:
    """Fill an empty, migrated database."""
    chance = random.Random(people * videos)  # noqa: S311 - a crowd, not a secret
    now = datetime.now(UTC)
    connection = await asyncpg.connect(url)
    try:
        who = await _people(connection, people, now)
        made, subjects = await _videos(connection, chance, who, videos, now)
        await _watching(connection, chance, who=who, videos=made, subjects=subjects, now=now)
        await _sessions(connection, who)
        await connection.execute("SELECT setval('signals_revision', $1)", videos + 1)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
    return Crowd(who, made)


async def _copy(connection: "asyncpg.Connection[asyncpg.Record]", table: str, columns: str, rows: list[tuple]) -> None:  # type: ignore[type-arg]
    await connection.copy_records_to_table(table, columns=columns.split(), records=rows)


async def _people(connection: "asyncpg.Connection[asyncpg.Record]", count: int, now: datetime) -> list[int]:
    began = now - timedelta(days=DAYS + 30)
    who = [_id(began + timedelta(seconds=n), n) for n in range(count)]
    rows = [
        (
            each,
            HANDLE.format(n),
            f"p{n}@example.org",
            f"p{n}@example.org",
            "-",
            date(1990, 5, 17),
            "person",
            "active",
            now,
        )
        for n, each in enumerate(who)
    ]
    columns = "id handle email email_key password_hash birth_date role state created_at"
    await _copy(connection, "accounts", columns, rows)
    profiles = [(each, f"Person {n}", "", "", f"{n:012x}-0123456789ab.webp", now) for n, each in enumerate(who)]
    await _copy(connection, "profiles", "account_id name bio link avatar updated_at", profiles)
    return who


async def _sessions(connection: "asyncpg.Connection[asyncpg.Record]", who: list[int]) -> None:
    """Sign everybody in, this moment: a request after ten minutes would write that they are still here."""
    now = datetime.now(UTC)
    sessions = [
        (
            _id(now, n),
            hashlib.sha256(token(n).encode()).digest(),
            each,
            "Bench",
            now,
            now,
            now + timedelta(days=90),
        )
        for n, each in enumerate(who)
    ]
    columns = "id token_hash account_id device created_at last_seen_at expires_at"
    await _copy(connection, "sessions", columns, sessions)


async def _videos(
    connection: "asyncpg.Connection[asyncpg.Record]", chance: random.Random, who: list[int], count: int, now: datetime
) -> tuple[list[int], list[int]]:
    """Make videos over DAYS; return their ids and what each is about."""
    made, subjects = [], []
    rows: dict[str, list[tuple]] = {  # type: ignore[type-arg]
        name: [] for name in ("videos", "assets", "sounds", "subjects", "counts", "video_tags", "caption_tracks")
    }
    waveform = json.dumps([(n * 37) % 256 for n in range(64)])
    sprite = json.dumps(
        {"file": "sprite-0123456789ab.jpg", "columns": 5, "rows": 4, "interval_ms": 1000, "width": 90, "height": 160}
    )
    for n in range(count):
        at = now - timedelta(seconds=DAYS * 86400 * (count - n) / count)
        video, asset, sound = _id(at, 3 * n), _id(at, 3 * n + 1), _id(at, 3 * n + 2)
        owner, subject = chance.choice(who), int(chance.random() ** 2 * SUBJECTS)
        duration = int(min(300, max(3, chance.lognormvariate(3.2, 0.9))) * 1000)
        tags = sorted({f"subject{subject}", *(f"word{int(chance.paretovariate(0.6)) % 20000}" for _ in range(2))})
        language = "en" if subject % 4 else "de"
        caption = f"Clip {n} " + " ".join("#" + tag for tag in tags)
        made.append(video)
        subjects.append(subject)
        rows["videos"].append(
            (
                video,
                owner,
                asset,
                caption,
                "public",
                language,
                "A clip",
                sound,
                caption.lower(),
                "published",
                at,
                at,
                at,
            )
        )
        rows["assets"].append(
            (
                *(asset, owner, "complete", "K" * 16, True, False, duration, 540, 960, "master-0123456789ab.m3u8"),
                *("540-0123456789ab.mp4", "poster-0123456789ab.jpg", "#336699", "preview-0123456789ab.webp", sprite),
                *(waveform, at, at),
            )
        )
        rows["sounds"].append((sound, owner, asset, f"Sound {n}", duration, waveform, at))
        rows["subjects"].append((video, owner, duration, tags, sound, language, True, at, n + 1))
        rows["counts"].append((video, *_counts(chance, duration), n + 1))
        rows["video_tags"] += [(video, tag, tag, at) for tag in tags]
        if n % 5 == 0:
            rows["caption_tracks"].append((asset, "en", "English", "uploaded", "WEBVTT\n", "en-0123456789ab.vtt", at))
    columns = {
        "videos": "id owner_id asset_id caption visibility language alt_text sound_id search_text state published_at"
        " created_at updated_at",
        "assets": "id owner_id state folder_key public quick duration_ms width height master mp4 poster placeholder"
        " preview sprite waveform created_at playable_at",
        "sounds": "id owner_id asset_id title duration_ms waveform created_at",
        "subjects": "video_id owner_id duration_ms tags sound_id language listed published_at revision",
        "counts": "video_id impressions plays views finishes loops skips played_ms likes saves shares comments reposts"
        " hides revision",
        "video_tags": "video_id tag name published_at",
        "caption_tracks": "asset_id language label source vtt file updated_at",
    }
    for table, named in columns.items():
        await _copy(connection, table, named, rows[table])
    return made, subjects


def _counts(chance: random.Random, duration_ms: int) -> tuple[int, ...]:
    """Draw counters of a video: few have many plays, and good ones are finished more often."""
    impressions = int(min(20_000, chance.paretovariate(0.7) * 20))
    plays, good = int(impressions * 0.9), chance.betavariate(4, 8)
    finishes, skips = int(plays * good), int(plays * (1 - good) * 0.5)
    likes = int(plays * good * 0.15)
    played = int(plays * min(duration_ms, 4000 + 12_000 * good))
    return (
        impressions,
        plays,
        plays,
        finishes,
        finishes // 10,
        skips,
        played,
        likes,
        likes // 8,
        likes // 9,
        likes // 6,
        likes // 30,
        plays // 500,
    )


async def _watching(
    connection: "asyncpg.Connection[asyncpg.Record]",
    chance: random.Random,
    *,
    who: list[int],
    videos: list[int],
    subjects: list[int],
    now: datetime,
) -> None:
    """Give each person WATCHES watches, half of them of what they like, with likes and follows."""
    about: dict[int, list[int]] = {}
    for place, subject in enumerate(subjects):
        about.setdefault(subject, []).append(place)
    likes: list[tuple[int, int, datetime]] = []
    follows: list[tuple[int, int, str, datetime]] = []
    for start in range(0, len(who), 500):
        watches = []
        for person in who[start : start + 500]:
            liked = set(chance.choices(list(about), k=4))
            pool = [place for subject in liked for place in chance.sample(about[subject], min(60, len(about[subject])))]
            seen = list(dict.fromkeys(chance.sample(pool, min(len(pool), WATCHES // 2))))
            while len(seen) < WATCHES:
                seen = list(
                    dict.fromkeys([*seen, *(chance.randrange(len(videos)) for _ in range(WATCHES - len(seen)))])
                )
            chance.shuffle(seen)
            for back, place in enumerate(seen):
                good = subjects[place] in liked
                finished = chance.random() < (0.7 if good else 0.2)
                skipped = not finished and chance.random() < (0.2 if good else 0.7)
                at = now - timedelta(minutes=10 * back + chance.random() * 5)
                played = 9000 if finished else 900 if skipped else 5000
                watches.append((person, videos[place], 1, played, int(finished), 0, int(skipped), at, at))
            good_ones = [place for place in seen if subjects[place] in liked][:LIKES]
            likes += [(person, videos[place], now - timedelta(minutes=n)) for n, place in enumerate(good_ones)]
            follows += [(person, other, "accepted", now) for other in set(chance.sample(who, FOLLOWS)) - {person}]
        columns = "viewer video_id plays played_ms finishes loops skips first_at last_at"
        await _copy(connection, "watches", columns, watches)
    await _copy(connection, "likes", "account_id video_id created_at", likes)
    await _copy(connection, "follows", "follower_id followed_id state created_at", follows)
