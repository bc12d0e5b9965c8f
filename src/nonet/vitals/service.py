"""Reads how the server does. No count looks at more than MOST rows, so looking costs little when much is wrong."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text

import nonet
from nonet.core import clock, db, jobs, settings
from nonet.signals import intake
from nonet.vitals import disk, needs, requests, schemas

MOST = 10_000
TOPICS_MOST = 5

_POOLS = text(
    "SELECT slot, state, looked.many, looked.due, looked.oldest"
    " FROM unnest(CAST(:slots AS text[])) AS slot, unnest(ARRAY['waiting', 'running', 'failed']) AS state,"
    " LATERAL (SELECT count(*) AS many, count(*) FILTER (WHERE run_at <= :now) AS due, min(run_at) AS oldest"
    " FROM (SELECT run_at FROM jobs WHERE jobs.slot = slot.slot AND jobs.state = state.state LIMIT :most) AS found"
    ") AS looked"
)
_TOPICS = text(
    "SELECT topic, count(*) AS failed FROM"
    " (SELECT topic FROM jobs WHERE slot = ANY(:slots) AND state = 'failed' LIMIT :most) AS found"
    " GROUP BY topic ORDER BY failed DESC, topic LIMIT :topics"
)
_REST = text(
    "SELECT (SELECT count(*) FROM (SELECT FROM outbox WHERE state = 'waiting' LIMIT :most) AS found) AS waiting,"
    " (SELECT count(*) FROM (SELECT FROM outbox WHERE state = 'failed' LIMIT :most) AS found) AS failed,"
    " (SELECT count(*) FROM (SELECT FROM count_deltas LIMIT :most) AS found) AS unfolded,"
    " current_setting('server_version') AS database_version,"
    " (SELECT version_num FROM alembic_version) AS schema_version,"
    " NOT EXISTS (SELECT FROM alerts WHERE code = 'storage_away') AS storage_answers"
)


async def look(session: db.Session, *, storage_answers: bool | None = None) -> schemas.Health:
    """Return how the server does now; ``storage_answers`` is what was found last, by whoever does not ask it."""
    now = clock.now()
    rest = (await session.execute(_REST, {"most": MOST})).one()
    found = schemas.Health(
        now=now,
        version=nonet.__version__,
        database_version=rest.database_version,
        schema_version=rest.schema_version,
        work=await _work(session, now),
        events=schemas.Events(
            buffered=intake.waiting(), buffered_most=intake.BUFFER_MOST, unfolded=rest.unfolded, most=MOST
        ),
        mail=schemas.Letters(
            delivers=bool(settings.load().smtp_url), waiting=rest.waiting, failed=rest.failed, most=MOST
        ),
        disk=await disk.look(session, now),
        storage_answers=rest.storage_answers if storage_answers is None else storage_answers,
        requests=requests.look(),
        needs=[],
    )
    found.needs = needs.needs(found)
    return found


async def _work(session: db.Session, now: datetime) -> schemas.Work:
    asked = {"slots": list(jobs.SLOTS), "now": now, "most": MOST}
    found = (await session.execute(_POOLS, asked)).all()
    failing = await session.execute(_TOPICS, {"slots": list(jobs.SLOTS), "most": MOST, "topics": TOPICS_MOST})
    return schemas.Work(
        most=MOST,
        pools=[_pool(slot, found, now) for slot in jobs.SLOTS],
        failed_topics=[schemas.FailedTopic(topic=row.topic, failed=row.failed) for row in failing],
    )


def _pool(slot: jobs.Slot, found: Sequence[Row[Any]], now: datetime) -> schemas.Pool:
    states = {row.state: row for row in found if row.slot == slot}
    waiting = states["waiting"]
    return schemas.Pool(
        slot=slot,
        waiting=waiting.many,
        due=waiting.due,
        running=states["running"].many,
        failed=states["failed"].many,
        oldest_due_s=int((now - waiting.oldest).total_seconds()) if waiting.due else None,
    )
