"""The virtual clock: weeks pass in minutes while a demo is made, until a seal ends that for good.

The difference to the machine's time stands in a file of the data folder that every role follows (``core.clock``). The
seal is a row: set before the first account of a real person, it can't be taken away, and no process moves the clock
once it stands. A file that differs without being followed changes nothing.
"""

from datetime import datetime

from sqlalchemy import SmallInteger, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import clock, db, errors, settings

LOCK = 6_660_020
"""Number of the advisory lock under which the clock is moved and sealed."""


class Seal(db.Base):
    """The one row that says that time here is real for ever."""

    __tablename__ = "clock_seal"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, default=1)
    sealed_at: Mapped[datetime]


class ClockSealed(errors.Refusal):
    """The clock can't be moved: it is sealed, or nobody follows it."""

    status = 409
    code = "clock_sealed"
    sentence = "This server goes by real time, for good. Nothing was changed."


class ClockBackwards(errors.Refusal):
    """The clock shall go back, or beyond the present."""

    status = 409
    code = "clock_backwards"
    sentence = "The clock shows {now}. It moves forward only, and never past the real time. Nothing was changed."


async def sealed(session: db.Session) -> bool:
    """Tell whether time is real for good."""
    return await session.get(Seal, 1) is not None


async def move(session: db.Session, to: datetime) -> None:
    """Set every role's clock; raises ClockSealed or ClockBackwards."""
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    if settings.load().clock != "virtual" or await sealed(session):
        raise ClockSealed
    if not clock.now() <= to <= clock.machine():
        raise ClockBackwards(now=clock.now().isoformat(timespec="seconds"))
    clock.tell(settings.load().clock_file, (to - clock.machine()).total_seconds())


async def seal(session: db.Session) -> None:
    """Set the clock to real time for good; whoever moves it at the same moment comes before or is refused."""
    if await session.scalar(select(Seal.id)) is not None:
        return
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    if settings.load().clock_file.exists():
        clock.tell(settings.load().clock_file, 0.0)
    await session.execute(insert(Seal).values(id=1, sealed_at=clock.now()).on_conflict_do_nothing())
