"""What a name, a bio and a link may hold: text that can't hide or turn round what stands beside it. Pure."""

import re
import unicodedata
from urllib.parse import urlsplit

from nonet.core import errors

NAME_MOST, BIO_MOST, LINK_MOST = 50, 300, 200
_JOINERS = {"\u200c", "\u200d"}  # Persian and Indic words, and families of emoji, need them
_TAGS = range(0xE0020, 0xE0080)  # flags of regions
_LINES = re.compile(r"\n{3,}")


class TextInvalid(errors.Refusal):
    """A name or bio that is too long, or holds characters that are not seen."""

    code = "text_invalid"
    sentence = "{field} takes at most {most} letters, and none that are invisible or turn the text round."


class WebsiteInvalid(errors.Refusal):
    """The link isn't the address of a page."""

    code = "website_invalid"
    sentence = "A link has the form https://example.org/page, at most 200 letters, without a user name in it."


def name(text: str) -> str:
    """Return a name as it is shown, in one line; raises TextInvalid."""
    return _checked("A name", " ".join(_normal(text).split()), NAME_MOST)


def bio(text: str) -> str:
    """Return a bio as it is shown, lines kept, at most one empty line between two; raises TextInvalid."""
    lines = (" ".join(line.split()) for line in _normal(text).replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return _checked("A bio", _LINES.sub("\n\n", "\n".join(lines)).strip(), BIO_MOST)


def link(text: str) -> str:
    """Return the address of a page, or nothing for nothing; raises WebsiteInvalid."""
    address = text.strip()
    if not address:
        return ""
    if len(address) > LINK_MOST or any(
        not _visible(letter) or letter.isspace() or letter in '<>"\\' for letter in address
    ):
        raise WebsiteInvalid
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
        plain = host.encode("idna").decode("ascii")
    except ValueError:
        raise WebsiteInvalid from None
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not re.fullmatch(r"[a-z0-9.:-]*[a-z0-9]", plain):
        raise WebsiteInvalid
    return parts.scheme + address[len(parts.scheme) :]  # phones write Https


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _checked(field: str, text: str, most: int) -> str:
    if len(text) > most or not all(_visible(letter) or letter == "\n" for letter in text):
        raise TextInvalid(field=field, most=most)
    return text


def _visible(letter: str) -> bool:
    """Tell whether a character is one that a reader sees or that joins those they see."""
    if letter in _JOINERS or ord(letter) in _TAGS:
        return True
    return unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
