"""Birth dates: how they are read, and how old someone is. Pure."""

import re
from datetime import date

from nonet.core import errors

OLDEST_YEARS = 120
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class BirthDateInvalid(errors.Refusal):
    """No such day, or not one on which a living person was born."""

    code = "birth_date_invalid"
    sentence = "That isn't a birth date. It has the form 2001-11-22, and lies at most 120 years back."


class TooYoung(errors.Refusal):
    """Younger than the server's minimum age."""

    status = 403
    code = "too_young"
    sentence = "You have to be {minimum_age} or older to have an account here. Nothing you typed was kept."


def parse(text: str, today: date) -> date:
    """Read a birth date as ``YYYY-MM-DD``; raises BirthDateInvalid for a day that isn't, or can't be, one."""
    try:
        born = date.fromisoformat(text) if _ISO.fullmatch(text) else None
    except ValueError:
        born = None
    if born is None or born > today or age(born, today) > OLDEST_YEARS:
        raise BirthDateInvalid
    return born


def age(born: date, today: date) -> int:
    """Return the whole years between two days; who was born on 29 February is a year older on 1 March."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
