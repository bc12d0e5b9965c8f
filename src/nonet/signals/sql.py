"""The statements of a flush, for asyncpg. Arrays come in the order of keys; ``unnest`` keeps it.

Arrays are sent as text, ``{1,2,3}``: asyncpg asks of each element of a list whether it is a list itself, which costs
more than all the rest of a flush in Python.
"""

from collections.abc import Iterable


def _unnest(*types: str) -> str:
    """Write the parameters from the first on, an array of each type, as rows."""
    return "unnest(" + ", ".join(f"${place}::text::{kind}[]" for place, kind in enumerate(types, 1)) + ")"


def array(values: Iterable[object]) -> str:
    """Write numbers, hexadecimal ids or days as an array; nothing else, since nothing is quoted."""
    return "{" + ",".join(map(str, values)) + "}"


SESSIONS = """
SELECT s.token_hash, a.id FROM sessions s JOIN accounts a ON a.id = s.account_id
WHERE s.token_hash = ANY($1::bytea[]) AND s.expires_at > $2 AND a.state = 'active'
"""

VISITORS_COUNTED = "SELECT coalesce((SELECT value = 'true' FROM prefs WHERE name = 'visitors_counted'), true)"

# Of each viewer and video: its length, and what is known of the watch. A person's own video is none that counts.
STANDING = f"""
SELECT n.viewer, n.video_id, s.duration_ms, w.last_at, coalesce(w.played_ms, 0), coalesce(w.loops, 0)
FROM {_unnest("bigint", "bigint")} AS n(viewer, video_id)
JOIN subjects s ON s.video_id = n.video_id AND s.owner_id <> n.viewer
LEFT JOIN watches w ON w.viewer = n.viewer AND w.video_id = n.video_id
"""  # noqa: S608 - our own words

# How many were new, and which, when not all were.
LOG = f"""
WITH written AS (
    INSERT INTO events (day, id, viewer, kind, video_id, request_id, position, counted, value, at)
    SELECT *, $10::timestamptz
    FROM {_unnest("date", "uuid", "bigint", "smallint", "bigint", "bigint", "smallint", "boolean", "bigint")}
    ON CONFLICT DO NOTHING RETURNING id
)
SELECT count(*), CASE WHEN count(*) < $11::bigint THEN array_agg(id) END FROM written
"""  # noqa: S608 - our own words

# What two processes credit at once for the same time is bounded by the time there was.
WATCHES = f"""
INSERT INTO watches AS w (viewer, video_id, plays, played_ms, finishes, loops, skips, first_at, last_at)
SELECT viewer, video_id, plays, played_ms, finishes, loops, skips,
    'epoch'::timestamptz + first_ms * interval '1 millisecond',
    'epoch'::timestamptz + last_ms * interval '1 millisecond'
FROM {_unnest(*["bigint"] * 9)} AS n(viewer, video_id, plays, played_ms, finishes, loops, skips, first_ms, last_ms)
ON CONFLICT (viewer, video_id) DO UPDATE SET
    plays = w.plays + excluded.plays,
    played_ms = greatest(w.played_ms, least(w.played_ms + excluded.played_ms, (1000 * extract(epoch FROM
        greatest(w.last_at, excluded.last_at) - least(w.first_at, excluded.first_at)))::bigint)),
    finishes = w.finishes + excluded.finishes,
    loops = w.loops + excluded.loops,
    skips = w.skips + excluded.skips,
    first_at = least(w.first_at, excluded.first_at),
    last_at = greatest(w.last_at, excluded.last_at)
RETURNING viewer, video_id, plays, finishes, skips, played_ms, (xmax = 0) AS fresh
"""  # noqa: S608 - our own words

VIEWS = f"""
INSERT INTO views (video_id, viewer, rule, at)
SELECT video_id, viewer, $3::smallint, $4::timestamptz FROM {_unnest("bigint", "bigint")} AS n(video_id, viewer)
ON CONFLICT DO NOTHING RETURNING video_id
"""  # noqa: S608 - our own words

# One row after the other, as they come: each is found by its key, so they are locked in that order too.
COUNTS = f"""
UPDATE counts c SET
    impressions = c.impressions + n.impressions,
    plays = c.plays + n.plays,
    finishes = c.finishes + n.finishes,
    loops = c.loops + n.loops,
    skips = c.skips + n.skips,
    played_ms = c.played_ms + n.played_ms,
    views = c.views + n.views,
    revision = nextval('signals_revision')
FROM {_unnest(*["bigint"] * 8)} AS n(video_id, impressions, plays, finishes, loops, skips, played_ms, views)
WHERE c.video_id = n.video_id
"""  # noqa: S608 - our own words

# Changes of counters that acts left, summed up; one process at a time, the others have something better to do.
DELTAS = """
WITH one AS MATERIALIZED (SELECT pg_try_advisory_xact_lock($1) AS mine),
taken AS (
    DELETE FROM count_deltas WHERE id IN (
        SELECT id FROM count_deltas WHERE (SELECT mine FROM one) ORDER BY id LIMIT 5000 FOR UPDATE SKIP LOCKED
    ) RETURNING video_id, name, delta
), sums AS MATERIALIZED (
    SELECT video_id, {sums} FROM taken GROUP BY video_id
), locked AS MATERIALIZED (
    SELECT video_id FROM counts WHERE video_id IN (SELECT video_id FROM sums) ORDER BY video_id FOR NO KEY UPDATE
), added AS (
    UPDATE counts c SET {added}, revision = nextval('signals_revision')
    FROM locked JOIN sums USING (video_id) WHERE c.video_id = locked.video_id
)
SELECT count(*) FROM taken
"""
