"""What a comment, a message or a title may hold, and whether it has a word that someone filters. Pure."""

import re
import unicodedata
from collections.abc import Iterable

from nonet.core import errors, texts

COMMENT_MOST, MESSAGE_MOST, TITLE_MOST = 1000, 1000, 60
_LEFT_OUT = str.maketrans(dict.fromkeys("\u00ad\u200b\u2060\ufeff"))  # pasted along, never seen, and never missed
_JOINERS = {"\u200c", "\u200d", "\u200e", "\u200f", "\u061c"}  # words, families of emoji and mixed lines need them
_TAGS = range(0xE0020, 0xE0080)  # flags of regions
_HELD_BACK = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_LINES = re.compile(r"\n{3,}")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


class WordsInvalid(errors.Refusal):
    """A text that is empty or too long, or holds characters that are not seen."""

    code = "words_invalid"
    sentence = "{field} takes {least} to {most} letters, and none that control or turn round the text."


def clean(field: str, text: str, most: int, *, least: int = 1) -> str:
    """Return a text as it is kept: NFC, lines kept, at most one empty line between two; raises WordsInvalid."""
    normal = unicodedata.normalize("NFC", text.translate(_LEFT_OUT))
    lines = normal.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").split("\n")
    made = _LINES.sub("\n\n", "\n".join(line.strip() for line in lines)).strip()
    if not least <= len(made) <= most or not all(letter == "\n" or _visible(letter) for letter in made):
        raise WordsInvalid(field=field, least=least, most=most)
    return made


def line(field: str, text: str, most: int, *, least: int = 1) -> str:
    """Return a text of one line; raises WordsInvalid."""
    return " ".join(clean(field, text, most, least=least).split())


def _visible(letter: str) -> bool:
    return letter in _JOINERS or ord(letter) in _TAGS or unicodedata.category(letter) not in _HELD_BACK


def has_any(text: str, words: Iterable[str]) -> bool:
    """Tell whether a text has one of some folded words: as a word of its own, or anywhere in scripts without spaces."""
    folded = " ".join(texts.fold(text).split())
    return any(_has(folded, word) for word in words)


def _has(folded: str, word: str) -> bool:
    if word not in folded:
        return False
    if _UNSPACED.search(word):
        return True
    before = r"(?<!\w)" if word[0].isalnum() else ""
    after = r"(?!\w)" if word[-1].isalnum() else ""
    return re.search(before + re.escape(word) + after, folded) is not None


def excerpt(text: str, most: int = 120) -> str:
    """Return the beginning of a text in one line."""
    plain = " ".join(text.split())
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"
