"""The videos table."""

from datetime import datetime

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import clock, db, ids


class Video(db.Base):
    """A video; ``state`` is draft, publishing (as soon as it plays) or published."""

    __tablename__ = "videos"
    __table_args__ = (
        Index("ix_videos_owner", "owner_id", "id"),
        Index("ix_videos_published", "owner_id", "published_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    owner_id: Mapped[int]
    asset_id: Mapped[int] = mapped_column(unique=True)
    caption: Mapped[str] = mapped_column(Text, default="")
    visibility: Mapped[str] = mapped_column(Text, default="public")
    language: Mapped[str] = mapped_column(Text, default="")
    alt_text: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(Text, default="draft")
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)
