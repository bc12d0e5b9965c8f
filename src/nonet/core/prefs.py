"""Second-tier preferences: what an operator changes while the product runs, declared by slices, kept in one table.

A preference is read from the database each time it matters: a row by primary key costs less than a stale answer.
"""

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar, cast

from sqlalchemy import Text, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import db, errors

T = TypeVar("T", str, int, bool)
Kind = Literal["choice", "text", "number", "flag"]


class Pref(db.Base):
    """A preference that was changed from its default."""

    __tablename__ = "prefs"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)


class PrefInvalid(errors.Refusal):
    """A value that the preference can't take."""

    code = "pref_invalid"
    sentence = "{name} takes {expected}."


@dataclass(frozen=True)
class Declared(Generic[T]):
    """A preference as its slice declares it; ``low`` and ``high`` bound numbers and the length of texts."""

    name: str
    kind: Kind
    default: T
    help: str
    options: tuple[str, ...] = ()
    low: int = 0
    high: int = 1 << 62

    @property
    def expected(self) -> str:
        """What a value must be, in words."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.options)
        if self.kind == "flag":
            return "true or false"
        if self.kind == "number":
            return f"a whole number from {self.low} to {self.high}"
        return f"a text of at most {self.high} letters"

    def check(self, value: object) -> T:
        """Return the value when it fits; raise PrefInvalid when not."""
        fits = {
            "choice": value in self.options,
            "flag": isinstance(value, bool),
            "number": isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high,
            "text": isinstance(value, str) and len(value) <= self.high and "\0" not in value,
        }[self.kind]
        if not fits:
            raise PrefInvalid(name=self.name, expected=self.expected)
        return cast("T", value)


ALL: dict[str, Declared[Any]] = {}


def _declare(pref: Declared[T]) -> Declared[T]:
    ALL[pref.name] = pref
    return pref


def choice(name: str, *, default: str, options: tuple[str, ...], help: str) -> Declared[str]:  # noqa: A002 - its name everywhere
    """Declare a preference of fixed words."""
    return _declare(Declared(name, "choice", default, help, options))


def text(name: str, *, default: str, help: str, most: int = 200) -> Declared[str]:  # noqa: A002 - its name everywhere
    """Declare a preference of free text, at most ``most`` letters."""
    return _declare(Declared(name, "text", default, help, high=most))


def number(name: str, *, default: int, low: int, high: int, help: str) -> Declared[int]:  # noqa: A002 - its name everywhere
    """Declare a whole number within bounds; its unit stands last in its name."""
    return _declare(Declared(name, "number", default, help, low=low, high=high))


def flag(name: str, *, default: bool, help: str) -> Declared[bool]:  # noqa: A002 - its name everywhere
    """Declare a yes or no."""
    return _declare(Declared(name, "flag", default, help))


async def get(session: db.Session, pref: Declared[T]) -> T:
    """Return a preference's value now."""
    value = await session.scalar(select(Pref.value).where(Pref.name == pref.name))
    return pref.default if value is None else cast("T", value)


async def get_all(session: db.Session) -> dict[str, Any]:
    """Return every preference's value now, by name."""
    rows = await session.execute(select(Pref.name, Pref.value))
    changed: dict[str, Any] = {row.name: row.value for row in rows}
    return {name: changed.get(name, pref.default) for name, pref in ALL.items()}


async def put(session: db.Session, name: str, value: object) -> None:
    """Change a preference; raises NotFound for an unknown name and PrefInvalid for a value it can't take."""
    pref = ALL.get(name)
    if pref is None:
        raise errors.NotFound
    checked = pref.check(value)
    await session.execute(
        insert(Pref)
        .values(name=name, value=checked)
        .on_conflict_do_update(index_elements=["name"], set_={"value": checked})
    )
