"""What people write, as the product compares it: folding, hashtags and mentions, in any script. Pure.

Folding is close to NFKC_Casefold of Unicode (UAX #31): two spellings that a reader takes for one word become one.
"""

import re
import unicodedata

TAG_LONGEST = 80
HANDLE_SHORTEST, HANDLE_LONGEST = 2, 24
_JOINERS = "\u200c\u200d"  # Persian and Indic words are written with them
_SELECTORS = re.compile("[\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_SIGN = re.compile("[#\uff03\ufe5f]")
_MENTION = re.compile(r"(?<![\w./@+-])@((?>[A-Za-z0-9]+(?:[._][A-Za-z0-9]+)*))(?![\w@])")


def fold(text: str) -> str:
    """Return a text as it is compared: NFKC, case-folded, without characters that aren't seen; white space stays."""
    seen = "".join(_seen(letter) for letter in _SELECTORS.sub("", text))
    folded = unicodedata.normalize("NFD", seen).casefold()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", folded).casefold())
    return _SELECTORS.sub("", folded)


def _seen(letter: str) -> str:
    kind = unicodedata.category(letter)
    if kind == "Cc":
        return " " if letter.isspace() else ""
    return "" if kind in {"Cf", "Cs"} else letter


def plain(text: str) -> str:
    """Return a text without the characters that no writing needs: control characters but tab and line end."""
    return "".join(letter for letter in text if letter in "\t\n" or unicodedata.category(letter) not in {"Cc", "Cs"})


def hashtags(caption: str) -> list[tuple[str, str]]:
    """Return each hashtag once, folded and as it was first written, in order.

    A hashtag is ``#`` at the beginning of a word and letters, marks, digits or underscores of any script, at least one
    of them a letter.
    """
    found: dict[str, str] = {}
    for sign in _SIGN.finditer(caption):
        if _begins(caption, sign.start()):
            name = _word(caption, sign.end())
            folded = tag(name)
            if folded:
                found.setdefault(folded, name)
    return list(found.items())


def tag(name: str) -> str:
    """Return a hashtag's name folded, without its sign; empty when it can't be one."""
    folded = fold(name.lstrip("#\uff03\ufe5f"))
    if not 0 < len(folded) <= TAG_LONGEST or not all(_in_word(letter) for letter in folded):
        return ""
    return folded if any(unicodedata.category(letter)[0] == "L" for letter in folded) else ""


def _begins(text: str, at: int) -> bool:
    """Tell whether a sign stands where a word may begin: not inside one, nor in an entity or part of an address."""
    before = text[at - 1] if at else " "
    return not (_in_word(before) or before in "&/#\uff03\ufe5f")


def _word(text: str, start: int) -> str:
    end = start
    while end < len(text) and (_in_word(text[end]) or text[end] in _JOINERS):
        end += 1
    return text[start:end].strip(_JOINERS)


def _in_word(letter: str) -> bool:
    return letter == "_" or unicodedata.category(letter)[0] in "LMN"


def mentions(caption: str) -> list[str]:
    """Return the handle of each person named by ``@handle``, once, in order, in the one spelling that handles have."""
    plain_text = unicodedata.normalize("NFKC", caption)
    found = dict.fromkeys(each[1].casefold() for each in _MENTION.finditer(plain_text))
    return [handle for handle in found if HANDLE_SHORTEST <= len(handle) <= HANDLE_LONGEST]
