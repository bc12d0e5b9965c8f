"""From what someone typed to what is compared: folded, cut, escaped. Pure."""

import re
import unicodedata

from nonet.core import texts

LONGEST, WORDS_MOST = 200, 10


def folded(typed: str) -> str:
    """Return what someone typed as captions are compared: folded, in one line, of a length that can be asked for."""
    return " ".join(texts.fold(typed[:LONGEST]).split())


def handle(typed: str) -> str:
    """Return what may be the beginning of a handle."""
    return folded(typed).removeprefix("@")


def pattern(text: str, *, anywhere: bool) -> str:
    """Return the LIKE pattern of texts that begin with a text, or have it anywhere."""
    escaped = re.sub(r"([\\%_])", r"\\\1", text)
    return f"%{escaped}%" if anywhere else f"{escaped}%"


def tsquery(text: str) -> str:
    """Return the query of texts that have every word, the last of which may go on; empty without words."""
    words = "".join(letter if _in_word(letter) else " " for letter in text).split()[:WORDS_MOST]
    quoted = [f"'{word}'" for word in words]
    return " & ".join(quoted) + ":*" if quoted else ""


def _in_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN"
