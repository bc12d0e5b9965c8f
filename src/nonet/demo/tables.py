"""The table of the demo: one row says how far it has come."""

from datetime import datetime
from typing import Any

from sqlalchemy import SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import db


class Demo(db.Base):
    """The demo of this server; ``state`` is filling, complete or removed, and ``size`` full or small.

    ``began_at`` is the moment its history starts. ``progress`` holds how many clips of how many play (``clips``,
    ``of``) and the number of the next thing that happens (``next``).
    """

    __tablename__ = "demo"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, default=1)
    state: Mapped[str] = mapped_column(Text)
    size: Mapped[str] = mapped_column(Text)
    began_at: Mapped[datetime]
    progress: Mapped[dict[str, Any]]
