"""Rows of videos, their hashtags and mentions."""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import clock, db, ids


class Video(db.Base):
    """A video; ``state`` is draft, publishing (as soon as it plays) or published.

    ``visibility`` is public, followers, unlisted or private; ``comments_from`` everyone, followers or nobody.
    ``search_text`` is the caption as search compares it: NFKC, case-folded.
    """

    __tablename__ = "videos"
    __table_args__ = (
        Index("ix_videos_owner", "owner_id", "id"),
        Index("ix_videos_published", "owner_id", "published_at", "id"),
        Index("ix_videos_sound", "sound_id", "published_at", "id"),
        Index(
            "ix_videos_words",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
        Index("ix_videos_text", text("to_tsvector('simple', search_text)"), postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    owner_id: Mapped[int]
    asset_id: Mapped[int] = mapped_column(unique=True)
    caption: Mapped[str] = mapped_column(Text, default="")
    visibility: Mapped[str] = mapped_column(Text, default="public")
    language: Mapped[str] = mapped_column(Text, default="")
    alt_text: Mapped[str] = mapped_column(Text, default="")
    comments_from: Mapped[str] = mapped_column(Text, default="everyone", server_default="everyone")
    duets: Mapped[bool] = mapped_column(Boolean, default=True, server_default=text("true"))
    stitches: Mapped[bool] = mapped_column(Boolean, default=True, server_default=text("true"))
    downloads: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    ai_made: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    is_ad: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    sound_id: Mapped[int | None]
    search_text: Mapped[str] = mapped_column(Text, default="", server_default="")
    pinned_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(Text, default="draft")
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)


class VideoTag(db.Base):
    """A hashtag of a video, folded; ``name`` as it was written. ``published_at`` orders a hashtag's page."""

    __tablename__ = "video_tags"
    __table_args__ = (
        Index("ix_video_tags_page", "tag", "published_at", "video_id"),
        Index("ix_video_tags_words", "tag", postgresql_using="gin", postgresql_ops={"tag": "gin_trgm_ops"}),
    )

    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime | None]


class VideoMention(db.Base):
    """A person named in a caption."""

    __tablename__ = "video_mentions"

    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
