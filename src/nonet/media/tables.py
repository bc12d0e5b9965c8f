"""Rows of uploads, assets, files, steps and caption tracks. An asset has the id of the upload it came from."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Double, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import clock, db


class Upload(db.Base):
    """A file on its way in; ``state`` is receiving, received, expired or ended.

    ``offset_bytes`` are on disk and fsynced. ``lease`` names the one request that may move it.
    """

    __tablename__ = "uploads"
    __table_args__ = (Index("ix_uploads_open", "state", "expires_at"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(BigInteger, index=True)
    filename: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int]
    offset_bytes: Mapped[int] = mapped_column(default=0)
    declared_sha256: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="receiving")
    lease: Mapped[int | None]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    received_at: Mapped[datetime | None]


class Asset(db.Base):
    """What is made of an upload; ``state`` is receiving, processing, playable, complete, failed or expired.

    ``quick`` ones play at once, as a copy with their own sound. ``folder_key`` stands in every address of the files and
    changes when the asset stops being public.
    """

    __tablename__ = "assets"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    owner_id: Mapped[int] = mapped_column(BigInteger, index=True)
    state: Mapped[str] = mapped_column(Text, default="receiving")
    code: Mapped[str | None] = mapped_column(Text)
    sentence: Mapped[str | None] = mapped_column(Text)
    folder_key: Mapped[str] = mapped_column(Text)
    public: Mapped[bool] = mapped_column(Boolean, default=False)
    sha256: Mapped[str | None] = mapped_column(Text)
    source: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    plan: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    quick: Mapped[bool] = mapped_column(Boolean, default=False)
    duration_ms: Mapped[int] = mapped_column(default=0)
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    master: Mapped[str | None] = mapped_column(Text)
    mp4: Mapped[str | None] = mapped_column(Text)
    poster: Mapped[str | None] = mapped_column(Text)
    cover_at_ms: Mapped[int | None]
    placeholder: Mapped[str | None] = mapped_column(Text)
    preview: Mapped[str | None] = mapped_column(Text)
    sprite: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    waveform: Mapped[list[int] | None] = mapped_column(JSONB)
    loudness_lufs: Mapped[float | None] = mapped_column(Double)
    gain_db: Mapped[float | None] = mapped_column(Double)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    playable_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]


class File(db.Base):
    """An object of an asset; a retired one is no longer referred to and goes once its last players are done.

    ``kind`` is original, rendition, playlist, master, poster, preview, sprite, captions, track or source_audio.
    """

    __tablename__ = "asset_files"

    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    size_bytes: Mapped[int]
    data: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    retired_at: Mapped[datetime | None] = mapped_column(index=True)


class Step(db.Base):
    """One of the nine steps of an asset; ``state`` is waiting, running, done, failed or skipped.

    ``run`` counts how often it was asked for, by hand or by the pipeline, and is part of its job's key.
    """

    __tablename__ = "asset_steps"

    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True)
    step: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[str] = mapped_column(Text, default="waiting")
    progress: Mapped[float] = mapped_column(Double, default=0.0)
    run: Mapped[int] = mapped_column(default=0)
    input_hash: Mapped[str | None] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(Text)
    sentence: Mapped[str | None] = mapped_column(Text)
    detail: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Track(db.Base):
    """Captions of an asset in one language, as WebVTT; ``source`` is uploaded, embedded or written."""

    __tablename__ = "caption_tracks"

    asset_id: Mapped[int] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(Text, primary_key=True)
    label: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    vtt: Mapped[str] = mapped_column(Text)
    file: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(default=clock.now)
