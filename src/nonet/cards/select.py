"""The one select behind every card: what one viewer sees of some videos, as one row each, for a statement of its own.

``of`` takes any selectable with the columns ``id`` and ``place``, so that a feed may put its choice of videos inside.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    FromClause,
    Select,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import aliased

from nonet.accounts.tables import Account
from nonet.core.statements import Statement
from nonet.media.tables import Asset, Track
from nonet.moderation import labels
from nonet.people.tables import Follow, Profile
from nonet.signals import counts
from nonet.social.tables import Like, Repost, Save
from nonet.sounds.tables import Sound
from nonet.videos import sight
from nonet.videos.tables import Video, VideoMention, VideoTag

_author, _composer, _named = aliased(Account), aliased(Account), aliased(Account)


def viewer() -> BindParameter[int]:
    """Return the parameter ``viewer`` that the select compares with: an account's id or None."""
    return bindparam("viewer", type_=BigInteger)


def wanted() -> FromClause:
    """Return the parameter ``ids`` as a table, in its order."""
    numbers = func.unnest(bindparam("ids", type_=ARRAY(BigInteger)))
    return numbers.table_valued(Column("id", BigInteger), with_ordinality="place").render_derived(name="wanted")


def of(chosen: FromClause, by: BindParameter[int], *, checked: bool = False) -> Select[Any]:
    """Select the rows of the chosen videos that play, in the order of ``place``, which is among the columns.

    Those that the viewer may not see are left out, unless the chosen are ``checked`` already.
    """
    counted = counts.totals(Video.id)
    query = (
        select(
            chosen.c.place,
            *_video(),
            *_asset(),
            _author.handle.label("author_handle"),
            func.coalesce(func.nullif(Profile.name, ""), _author.handle).label("author_name"),
            Profile.avatar.label("author_avatar"),
            case((labels.hidden("sound", Sound.id), ""), else_=Sound.title).label("sound_title"),
            Sound.duration_ms.label("sound_duration_ms"),
            _composer.handle.label("sound_author"),
            *_relation(by),
            *(counted.c[each] for each in counts.SHOWN),
            *_lists(),
        )
        .select_from(chosen)
        .join(Video, Video.id == chosen.c.id)
        .join(Asset, Asset.id == Video.asset_id)
        .join(_author, _author.id == Video.owner_id)
        .outerjoin(Profile, Profile.account_id == Video.owner_id)
        .outerjoin(Sound, Sound.id == Video.sound_id)
        .outerjoin(_composer, _composer.id == Sound.owner_id)
        .join(counted, true())
        .where(Asset.master.is_not(None), Asset.mp4.is_not(None))
        .order_by(chosen.c.place)
    )
    return query if checked else query.where(sight.visible_to(by))


def _video() -> Iterable[ColumnElement[Any]]:
    names = (
        *("id", "owner_id", "caption", "visibility", "language", "alt_text", "comments_from", "duets", "stitches"),
        *("downloads", "ai_made", "is_ad", "sound_id", "pinned_at", "published_at", "created_at"),
    )
    return [getattr(Video, name) for name in names]


def _asset() -> Iterable[ColumnElement[Any]]:
    names = (
        *("folder_key", "public", "duration_ms", "width", "height", "master", "mp4", "poster", "placeholder"),
        *("preview", "sprite", "waveform"),
    )
    return [Asset.id.label("asset_id"), *(getattr(Asset, name) for name in names)]


def _relation(by: BindParameter[int]) -> Iterable[ColumnElement[Any]]:
    """Give what the viewer has done with the video, how they stand to its author, and what they may do."""
    did = [
        exists().where(table.account_id == by, table.video_id == Video.id).label(name)
        for name, table in (("liked", Like), ("saved", Save), ("reposted", Repost))
    ]
    follow = (
        select(Follow.state)
        .where(Follow.follower_id == by, Follow.followed_id == Video.owner_id)
        .correlate(Video)
        .scalar_subquery()
    )
    return [
        *did,
        func.coalesce(follow, "none").label("following"),
        func.coalesce(Video.owner_id == by, literal(value=False)).label("mine"),
        sight.commentable(by).label("may_comment"),
        labels.hidden("video", Video.id).label("hidden"),
        labels.sensitive("video", Video.id).label("sensitive"),
    ]


def _lists() -> Iterable[ColumnElement[Any]]:
    """Give captions, hashtags and mentions, each as one JSON array."""
    track = func.jsonb_build_object(
        *("language", Track.language, "label", Track.label, "source", Track.source),
        *("file", Track.file, "updated_at", func.extract("epoch", Track.updated_at)),
    )
    named = func.jsonb_build_object("handle", _named.handle, "id", cast(_named.id, VideoTag.tag.type))
    tag = func.jsonb_build_object("tag", VideoTag.tag, "name", VideoTag.name)
    return [
        _array(track, Track.language).where(Track.asset_id == Video.asset_id).correlate(Video).label("captions"),
        _array(tag, VideoTag.tag).where(VideoTag.video_id == Video.id).correlate(Video).label("tags"),
        _array(named, _named.handle)
        .join(VideoMention, VideoMention.account_id == _named.id)
        .where(VideoMention.video_id == Video.id, _named.state == "active")
        .correlate(Video)
        .label("mentions"),
    ]


def _array(shape: ColumnElement[Any], order: Any) -> Select[Any]:  # noqa: ANN401 - a column of SQLAlchemy
    return select(func.coalesce(func.jsonb_agg(aggregate_order_by(shape, order)), cast("[]", JSONB)))


STATEMENT = Statement(of(wanted(), viewer()))
"""Takes ``ids`` and ``viewer``."""
