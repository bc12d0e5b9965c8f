"""What is worth discovering now: hashtags, sounds, people and videos of what was published last, by how it did.

Looks at the latest LATEST public videos, whatever else there is, so that it costs about the same on a large server.
"""

from typing import Any

from sqlalchemy import CTE, Double, Select, and_, cast, func, literal, not_, or_, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from nonet.cards import service as cards
from nonet.cards import sounds
from nonet.core import clock, db, statements
from nonet.people import privacy, relations
from nonet.people import service as people
from nonet.search import shape
from nonet.signals.tables import Count, Subject
from nonet.videos.tables import VideoTag

LATEST = 2000
TAGS, SOUNDS, PEOPLE, VIDEOS, CARDS_OF_A_TAG = 8, 8, 12, 24, 3
COUNTED_MOST = 10_000
HALF_LIFE_S = 2 * 24 * 3600


async def page(session: db.Session, viewer_id: int | None) -> dict[str, Any]:
    """Return what is worth discovering, what the viewer may not see left out."""
    latest = _latest(viewer_id)
    tags = (await session.execute(_tags(latest))).all()
    best = select(latest.c.video_id).order_by(latest.c.score.desc(), latest.c.video_id).limit(VIDEOS)
    videos = list(await session.scalars(best))
    asked = list(dict.fromkeys([each for tag in tags for each in tag.video_ids[:CARDS_OF_A_TAG]] + videos))
    found = await cards.cards(await statements.raw(session), viewer_id, asked, surface="discover")
    by_id = {int(card["id"]): card for card in found}
    return {
        "tags": [shown for tag in tags if (shown := _tag(tag, by_id))["cards"]],
        "sounds": await sounds.shown(session, viewer_id, await _sounds(session, latest)),
        "people": await _people(session, viewer_id, latest),
        "videos": [by_id[each] for each in videos if each in by_id],
    }


def _latest(viewer_id: int | None) -> CTE:
    """Select the latest public videos with how well each does: what people did per play, less with age."""
    done = Count.likes + 2 * Count.comments + 3 * Count.shares + 2 * Count.saves + Count.finishes
    rate = cast(func.coalesce(done, 0) + 1, Double) / (func.coalesce(Count.plays, 0) + 10)
    age_s = cast(func.extract("epoch", clock.now() - Subject.published_at), Double)
    reach = func.ln(cast(func.coalesce(Count.views, 0) + 2, Double))
    # Doubles throughout: the same in numerics takes ten times as long.
    score = rate * reach * func.power(literal(0.5, Double), func.greatest(age_s, 0) / HALF_LIFE_S)
    return (
        select(Subject.video_id, Subject.owner_id, Subject.sound_id, Subject.tags, score.label("score"))
        .outerjoin(Count, Count.video_id == Subject.video_id)
        .where(Subject.listed, not_(relations.blocked(viewer_id, Subject.owner_id)))
        .order_by(Subject.video_id.desc())
        .limit(LATEST)
        .cte("latest")
    )


def _tags(latest: CTE) -> Select[Any, Any, Any, Any]:
    """Select the hashtags that do best, by the more people the better, with the videos of each, the best first."""
    each = select(
        func.unnest(latest.c.tags).label("tag"), latest.c.video_id, latest.c.owner_id, latest.c.score
    ).subquery("each")
    named = (
        select(VideoTag.name)
        .where(VideoTag.tag == each.c.tag, VideoTag.published_at.is_not(None))
        .order_by(VideoTag.published_at.desc())
        .limit(1)
        .correlate(each)
        .scalar_subquery()
    )
    used = (
        select(VideoTag.video_id)
        .join(Subject, Subject.video_id == VideoTag.video_id)
        .where(VideoTag.tag == each.c.tag, Subject.listed)
        .limit(COUNTED_MOST)
        .correlate(each)
        .lateral("used")
    )
    count = select(func.count()).select_from(used).correlate(each).scalar_subquery()
    by_score = func.array_agg(aggregate_order_by(each.c.video_id, each.c.score.desc()))
    weight = func.sum(each.c.score) * func.count(each.c.owner_id.distinct())
    return (
        select(each.c.tag, named.label("name"), count.label("video_count"), by_score.label("video_ids"))
        .group_by(each.c.tag)
        .order_by(weight.desc(), each.c.tag)
        .limit(TAGS)
    )


def _tag(row: Any, by_id: dict[int, dict[str, Any]]) -> dict[str, Any]:  # noqa: ANN401 - a row of SQLAlchemy
    shown = [by_id[each] for each in row.video_ids[:CARDS_OF_A_TAG] if each in by_id]
    return {"tag": row.tag, "name": row.name or row.tag, "video_count": row.video_count, "cards": shown}


async def _sounds(session: db.Session, latest: CTE) -> list[int]:
    """Return the sounds that most people made videos around, then those of the best ones."""
    makers = func.count(latest.c.owner_id.distinct())
    query = (
        select(latest.c.sound_id)
        .where(latest.c.sound_id.is_not(None))
        .group_by(latest.c.sound_id)
        .order_by(makers.desc(), func.sum(latest.c.score).desc(), latest.c.sound_id)
        .limit(SOUNDS)
    )
    return [each for each in await session.scalars(query) if each is not None]


async def _people(session: db.Session, viewer_id: int | None, latest: CTE) -> list[dict[str, Any]]:
    """Return whose videos do best, no minor, nobody whom the viewer follows already, has muted or is."""
    adult = relations.is_adult(latest.c.owner_id, await privacy.adults_born_by(session))
    known = or_(relations.follows(viewer_id, latest.c.owner_id), relations.mutes(viewer_id, latest.c.owner_id))
    strangers = and_(adult, not_(known), true() if viewer_id is None else latest.c.owner_id != viewer_id)
    query = (
        select(latest.c.owner_id)
        .where(strangers)
        .group_by(latest.c.owner_id)
        .order_by(func.sum(latest.c.score).desc(), latest.c.owner_id)
        .limit(PEOPLE)
    )
    chosen = list(await session.scalars(query))
    authors = await people.authors(session, chosen)
    between = await relations.between(session, viewer_id, chosen)
    return [shape.person(authors[each], between.get(each)) for each in chosen if each in authors]
