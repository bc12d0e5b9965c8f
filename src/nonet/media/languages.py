"""Names of languages as BCP 47 writes them, from the three letters of MP4 and Matroska (ISO 639-2). Pure."""

import re

TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?(?:-[A-Za-z0-9]{5,8})?")

_PAIRS = (
    "afr af|alb sq|amh am|ara ar|arm hy|aze az|baq eu|bel be|ben bn|bos bs|bul bg|bur my|cat ca|ces cs|chi zh|"
    "cmn zh|cym cy|cze cs|dan da|deu de|dut nl|ell el|eng en|epo eo|est et|eus eu|fas fa|fin fi|fil fil|fra fr|"
    "fre fr|geo ka|ger de|gle ga|glg gl|gre el|guj gu|hau ha|heb he|hin hi|hrv hr|hun hu|hye hy|ibo ig|ice is|"
    "ind id|isl is|ita it|jav jv|jpn ja|kan kn|kat ka|kaz kk|khm km|kir ky|kor ko|lao lo|lat la|lav lv|lit lt|"
    "ltz lb|mac mk|mal ml|mar mr|may ms|mkd mk|mlt mt|mon mn|msa ms|mya my|nep ne|nld nl|nno nn|nob nb|nor no|"
    "pan pa|per fa|pol pl|por pt|pus ps|ron ro|rum ro|rus ru|sin si|slk sk|slo sk|slv sl|som so|spa es|sqi sq|"
    "srp sr|swa sw|swe sv|tam ta|tel te|tgk tg|tgl tl|tha th|tur tr|ukr uk|urd ur|uzb uz|vie vi|wel cy|yid yi|"
    "yor yo|yue yue|zho zh|zul zu"
)
_SHORT = dict(pair.split() for pair in _PAIRS.split("|"))


def is_tag(tag: str) -> bool:
    """Tell whether a tag is shaped like language, script, region, variant, and so is fit to name a file."""
    return TAG.fullmatch(tag) is not None


def short(tag: str) -> str:
    """Turn what a file says of its language into a BCP 47 tag; "und" when it says nothing usable."""
    head, _, rest = tag.strip().replace("_", "-").partition("-")
    known = _SHORT.get(head.lower(), head.lower())
    full = f"{known}-{rest}" if rest else known
    return full if is_tag(full) else "und"
