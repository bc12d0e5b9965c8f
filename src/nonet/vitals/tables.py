"""What was told to operators, so that it is told once."""

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import db


class Alert(db.Base):
    """Something that goes on: since when, and when it was told; gone when it is over."""

    __tablename__ = "alerts"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    began_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
