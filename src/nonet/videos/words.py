"""What a caption says beside its sentence: hashtags, mentions, and the text that search compares."""

from sqlalchemy import delete, not_, select, update

from nonet.accounts.tables import Account
from nonet.core import db, texts
from nonet.people import relations
from nonet.videos.tables import Video, VideoMention, VideoTag

TAGS_MOST, MENTIONS_MOST = 30, 20


async def write(session: db.Session, video: Video) -> set[int]:
    """Replace a video's hashtags, mentions and search text by what its caption says; return who is named anew."""
    video.search_text = texts.fold(video.caption)
    await _write_tags(session, video)
    named = await _accounts(session, video.owner_id, texts.mentions(video.caption)[:MENTIONS_MOST])
    known = set(await session.scalars(select(VideoMention.account_id).where(VideoMention.video_id == video.id)))
    gone = known - named
    if gone:
        await session.execute(
            delete(VideoMention).where(VideoMention.video_id == video.id, VideoMention.account_id.in_(gone))
        )
    session.add_all(VideoMention(video_id=video.id, account_id=each) for each in sorted(named - known))
    await session.flush()
    return named - known


async def _write_tags(session: db.Session, video: Video) -> None:
    wanted = dict(texts.hashtags(video.caption)[:TAGS_MOST])
    rows = {row.tag: row for row in await session.scalars(select(VideoTag).where(VideoTag.video_id == video.id))}
    for tag, row in rows.items():
        if tag in wanted:
            row.name = wanted[tag]
        else:
            await session.delete(row)
    session.add_all(
        VideoTag(video_id=video.id, tag=tag, name=name, published_at=video.published_at)
        for tag, name in wanted.items()
        if tag not in rows
    )


async def _accounts(session: db.Session, owner_id: int, handles: list[str]) -> set[int]:
    """Return whose handles these are, without those whom the owner has blocked or who have blocked them."""
    if not handles:
        return set()
    query = select(Account.id).where(
        Account.handle.in_(handles), Account.state == "active", not_(relations.blocked(owner_id, Account.id))
    )
    return set(await session.scalars(query))


async def date(session: db.Session, video: Video) -> None:
    """Let a published video stand on the pages of its hashtags."""
    await session.execute(update(VideoTag).where(VideoTag.video_id == video.id).values(published_at=video.published_at))


async def tags(session: db.Session, video_id: int) -> list[str]:
    """Return a video's hashtags, folded."""
    return list(await session.scalars(select(VideoTag.tag).where(VideoTag.video_id == video_id).order_by(VideoTag.tag)))
