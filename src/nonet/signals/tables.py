"""Rows of the log, of what is folded from it, and of what was served.

``viewer`` is an account's id, or minus a visitor's. Counters change by appended ``count_deltas`` that the fold adds up,
so that no act waits for another on the same video.
"""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Double, Identity, Index, SmallInteger, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import clock, db, ids


class Event(db.Base):
    """One thing a viewer's browser saw, or one act the server recorded; partitioned by the day inside its id."""

    __tablename__ = "events"
    __table_args__ = ({"postgresql_partition_by": "RANGE (day)"},)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    viewer: Mapped[int]
    kind: Mapped[int] = mapped_column(SmallInteger)
    video_id: Mapped[int]
    request_id: Mapped[int]
    position: Mapped[int] = mapped_column(SmallInteger)
    counted: Mapped[bool] = mapped_column(Boolean)
    value: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]


class Subject(db.Base):
    """What the log may know of a video; ``listed`` ones may stand in feeds. ``revision`` grows with every change."""

    __tablename__ = "subjects"
    __table_args__ = (Index("ix_subjects_revision", "revision"),)

    video_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(index=True)
    duration_ms: Mapped[int]
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    sound_id: Mapped[int | None]
    language: Mapped[str] = mapped_column(Text)
    listed: Mapped[bool] = mapped_column(Boolean)
    published_at: Mapped[datetime | None]
    revision: Mapped[int]


class Count(db.Base):
    """The counters of a video."""

    __tablename__ = "counts"
    __table_args__ = (Index("ix_counts_revision", "revision"),)

    video_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    impressions: Mapped[int] = mapped_column(default=0, server_default="0")
    plays: Mapped[int] = mapped_column(default=0, server_default="0")
    views: Mapped[int] = mapped_column(default=0, server_default="0")
    finishes: Mapped[int] = mapped_column(default=0, server_default="0")
    loops: Mapped[int] = mapped_column(default=0, server_default="0")
    skips: Mapped[int] = mapped_column(default=0, server_default="0")
    played_ms: Mapped[int] = mapped_column(default=0, server_default="0")
    likes: Mapped[int] = mapped_column(default=0, server_default="0")
    saves: Mapped[int] = mapped_column(default=0, server_default="0")
    shares: Mapped[int] = mapped_column(default=0, server_default="0")
    comments: Mapped[int] = mapped_column(default=0, server_default="0")
    reposts: Mapped[int] = mapped_column(default=0, server_default="0")
    hides: Mapped[int] = mapped_column(default=0, server_default="0")
    revision: Mapped[int] = mapped_column(default=0, server_default="0")


class CountDelta(db.Base):
    """A change of a counter that the fold has not added up yet; readers add it themselves."""

    __tablename__ = "count_deltas"
    __table_args__ = (Index("ix_count_deltas_video", "video_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    video_id: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    delta: Mapped[int]


class View(db.Base):
    """A view that was counted, once for a viewer, a video and a rule."""

    __tablename__ = "views"
    __table_args__ = (Index("ix_views_viewer", "viewer"),)

    video_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    viewer: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rule: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(default=clock.now)


class Watch(db.Base):
    """What a viewer saw of a video over all times: the watch history, and what the feed has seen go by."""

    __tablename__ = "watches"
    __table_args__ = (Index("ix_watches_recent", "viewer", "last_at"),)

    viewer: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    video_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    plays: Mapped[int] = mapped_column(default=0)
    played_ms: Mapped[int] = mapped_column(default=0)
    finishes: Mapped[int] = mapped_column(default=0)
    loops: Mapped[int] = mapped_column(default=0)
    skips: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class Slate(db.Base):
    """A page of a feed as it was served; its id is the request id that events name.

    ``parent`` and ``cut`` say after which item of which page it came, so that the same cursor finds the same page;
    ``before`` are the ids of the pages that led to it, emptied once the session is over.
    """

    __tablename__ = "slates"
    __table_args__ = (
        Index("uq_slates_cursor", "parent", "cut", unique=True),
        Index("ix_slates_viewer", "viewer", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    session_id: Mapped[int]
    parent: Mapped[int | None]
    cut: Mapped[int] = mapped_column(default=0)
    viewer: Mapped[int]
    surface: Mapped[str] = mapped_column(Text)
    seed: Mapped[int]
    again: Mapped[bool] = mapped_column(Boolean, default=False)
    before: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    video_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    sources: Mapped[list[str]] = mapped_column(ARRAY(Text))
    propensities: Mapped[list[float]] = mapped_column(ARRAY(Double))
    terms: Mapped[list[Any]] = mapped_column(JSONB)
    ended: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
