"""What a person said about their feed."""

from datetime import datetime

from sqlalchemy import Boolean, Text
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import clock, db


class Refused(db.Base):
    """Not interested in a video, or in anything of a person; ``kind`` is video or person."""

    __tablename__ = "feed_refused"

    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Choice(db.Base):
    """How a person wants their feed; without a row it is personal."""

    __tablename__ = "feed_choices"

    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    personal: Mapped[bool] = mapped_column(Boolean, default=True)
    reset_at: Mapped[datetime | None]
