"""The sounds table."""

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import clock, db, ids


class Sound(db.Base):
    """A sound that videos are made around; an original one came with the asset it names."""

    __tablename__ = "sounds"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    owner_id: Mapped[int] = mapped_column(index=True)
    asset_id: Mapped[int | None] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(Text, default="")
    duration_ms: Mapped[int]
    waveform: Mapped[list[int] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
