"""The rules of handles: which are well formed, which words are kept, and which two look alike. Pure.

A handle has one spelling, its key (NFKC and casefold, so ``Juno`` is ``juno``), and is kept apart from others by its
skeleton: what is left when letters that look alike are made one, as UTS #39 does, within a-z 0-9 . _
"""

import re
import unicodedata
from collections.abc import Iterator

SHORTEST, LONGEST = 2, 24
RULE = (
    "A handle has 2 to 24 of the letters a to z, digits, dots and underscores. "
    "It begins and ends with a letter or digit, and has no two dots or underscores in a row."
)
_FORM = re.compile(r"[a-z0-9]+(?:[._][a-z0-9]+)*")
_LOOKS_LIKE = {"m": "rn", "w": "vv", "0": "o", "1": "l", "i": "l", ".": "", "_": ""}

_RESERVED = """
about abuse account accounts activity ads admin administrator all anonymous api app apps archive assets auth avatar
billing block blog bot bots browse business cache canvas captions categories challenge challenges chat check children
comments community contact copyright create creator creators dashboard data delete demo deleted design dev developer
developers discover dmca docs doctor download drafts edit email embed error events everyone explore export faq favicon
forgot
feed feeds file files follow followers following gifts group groups guest handle handles health healthz help hls home
host hostmaster html inbox index info instance invitation invitations invite jobs join labels law legal link list live
localhost login logout mail mailer me media members memberships messages metrics mod moderation moderator moderators
mods monitor music mute new news no nobody nodeinfo noreply nonet none notes notifications null nobody oauth oembed
official open operator operators outbox partner partners password payments payouts people person ping play playlist
playlists podcast policies policy popular postmaster posts press privacy profile promote public readyz register replies
report reports reset rewards robots root rss rules safety sale sales save search secure security self server service
session sessions settings setup share shop signin signout signup site sitemap sound sounds spam stage staff start static
status stats stream studio subscribe support sys sysop system tag tags team terms test tests tips trending trust tus
undefined unknown unsubscribe update upload uploads user username users verify video videos wallet watch web webhook
webhooks webmaster well.known widget www you
"""


def key(text: str) -> str:
    """Return the one spelling of a handle: compatibility forms made plain, case folded, a leading ``@`` taken off."""
    return unicodedata.normalize("NFKC", _plain(text).casefold())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().removeprefix("@")


def well_formed(text: str) -> bool:
    """Tell whether a handle may be written so; letters outside a to z are refused, whatever they fold to."""
    plain = _plain(text)
    if not plain.isascii():
        return False
    return SHORTEST <= len(plain) <= LONGEST and _FORM.fullmatch(plain.casefold()) is not None


def skeleton(known: str) -> str:
    """Return the shape of a key, equal for keys that one could take for another; separators don't count."""
    return "".join(_LOOKS_LIKE.get(letter, letter) for letter in known)


def reserved(known: str) -> bool:
    """Tell whether a key is, or looks like, a word that pages, roles or mail already use."""
    return skeleton(known) in RESERVED


RESERVED = frozenset(skeleton(word) for word in _RESERVED.split())


def candidates(text: str) -> Iterator[str]:
    """Yield well-formed keys near a text, the nearest first, always the same ones; none may be free."""
    base = _cleaned(text)
    if well_formed(base) and not reserved(base):
        yield base
    for before, after in _NEAR:
        room = LONGEST - len(before) - len(after)
        near = before + base[:room].rstrip("._") + after
        if well_formed(near) and not reserved(near):
            yield near


_NEAR = (
    *(("", ".plays"), ("its.", ""), ("", ".here"), ("the.", ""), ("", ".clips"), ("hey.", ""), ("", ".too")),
    *(("", str(number)) for number in (2, 3, 4, 5, 7, 8, 9, 22, 24, 27, 33, 42, 47, 55, 72, 77, 84, 88, 93, 99)),
)


def _cleaned(text: str) -> str:
    """Take accents off and whatever a handle can't have out: ``José Núñez`` becomes ``jose.nunez``."""
    decomposed = unicodedata.normalize("NFKD", key(text))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    words = re.findall(r"[a-z0-9_]+", re.sub(r"_+", "_", bare))
    joined = ".".join(word.strip("_") for word in words if word.strip("_"))
    return joined[:LONGEST].rstrip("._")
