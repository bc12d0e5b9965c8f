"""Pages as they are served and kept: cursors, and the statement that records a page and reads its cards at once."""

import base64
import hmac
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    DateTime,
    Double,
    Integer,
    Text,
    and_,
    bindparam,
    cast,
    false,
    func,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by, insert

from nonet.cards import select as cards
from nonet.core import cursors, keys, settings
from nonet.core.statements import Statement
from nonet.signals.tables import Slate
from nonet.videos import sight
from nonet.videos.tables import Video, VideoTag

SIZE = 6
_SIGNED_BYTES = 9
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """After which item of which page; ``key`` is that item's place in a list that is ordered by time."""

    slate_id: int
    cut: int
    key: str = ""


@cache
def _secret() -> bytes:
    return hmac.digest(keys.server_key(settings.load()), b"nonet feed 1", "sha256")


def _sign(slate_id: int) -> str:
    number = slate_id.to_bytes(8, "big")
    return base64.urlsafe_b64encode(number + hmac.digest(_secret(), number, "sha256")[:_SIGNED_BYTES]).decode()


def write(slate_id: int, cuts: list[int], marks: list[str] | None = None) -> list[str]:
    """Return the cursor after each item of a page; one signature serves them all."""
    signed = _sign(slate_id)
    return [f"{signed}.{cut}" + (f".{marks[at]}" if marks else "") for at, cut in enumerate(cuts)]


def read(text: str | None) -> Cursor | None:
    """Read a cursor; raises CursorInvalid for one that isn't ours."""
    if not text:
        return None
    signed, _, rest = text.partition(".")
    cut, _, key = rest.partition(".")
    try:
        slate_id = int.from_bytes(base64.urlsafe_b64decode(signed)[:8], "big")
    except ValueError:
        raise cursors.CursorInvalid from None
    known = signed.isascii() and slate_id < 1 << 63 and hmac.compare_digest(_sign(slate_id), signed)
    if not known or not cut.isascii() or not cut.isdecimal() or not 0 < int(cut[:4]) <= SIZE:
        raise cursors.CursorInvalid
    return Cursor(slate_id, int(cut[:4]), key)


GIVEN: dict[str, Any] = {
    "id": BigInteger(),
    "session_id": BigInteger(),
    "parent": BigInteger(),
    "cut": BigInteger(),
    "viewer": BigInteger(),
    "surface": Text(),
    "seed": BigInteger(),
    "again": Boolean(),
    "before": ARRAY(BigInteger),
    "created_at": DateTime(timezone=True),
}
_OFFERED: dict[str, Any] = {"id": BigInteger(), "source": Text(), "propensity": Double(), "terms": Text()}


def _offered() -> Any:  # noqa: ANN401 - a table of SQLAlchemy
    """Return what was picked as a table, in its order."""
    lists = func.unnest(*(bindparam(f"{name}_list", type_=ARRAY(kind)) for name, kind in _OFFERED.items()))
    columns: list[Any] = [Column(name, kind) for name, kind in _OFFERED.items()]
    return lists.table_valued(*columns, with_ordinality="place").render_derived(name="offered")


def unmuted() -> ColumnElement[bool]:
    """Return whether a video has none of the parameters ``words``, ``tags`` and ``sounds``.

    Words are patterns of ``pattern``; a video has more hashtags than the catalogue keeps.
    """
    words = func.unnest(bindparam("words", type_=ARRAY(Text))).table_valued("word").render_derived(name="words")
    tags = func.unnest(bindparam("tags", type_=ARRAY(Text))).table_valued("tag").render_derived(name="tags")
    sounds = func.any(bindparam("sounds", type_=ARRAY(BigInteger)))
    speaks = select(words.c.word).where(Video.search_text.op("~")(words.c.word)).correlate(Video).exists()
    tagged = (
        select(tags.c.tag)
        .join(VideoTag, and_(VideoTag.tag == tags.c.tag, VideoTag.video_id == Video.id))
        .correlate(Video)
        .exists()
    )
    sounds_like = func.coalesce(Video.sound_id == sounds, false())
    return and_(not_(speaks), not_(tagged), not_(sounds_like))


def pattern(word: str) -> str:
    """Return the regular expression, for PostgreSQL, of a muted word: by itself, or anywhere in unspaced scripts."""
    escaped = r"\s+".join(re.escape(part) for part in word.split())
    if not escaped or _UNSPACED.search(word):
        return escaped
    before = r"(?<!\w)" if word[0].isalnum() else ""
    after = r"(?!\w)" if word[-1].isalnum() else ""
    return before + escaped + after


def _seen_by(offered: Any, by: Any) -> Any:  # noqa: ANN401 - tables of SQLAlchemy
    """Select the cards of what may stand in this viewer's feed: the first ``most`` in order."""
    fine = and_(sight.in_lists(by), unmuted())
    return cards.of(offered, by, checked=True).where(fine).limit(bindparam("most", type_=Integer))


def serving(chosen: Any, shown: Any, ended: ColumnElement[bool]) -> Statement:  # noqa: ANN401 - tables of SQLAlchemy
    """Build the statement that records a page and reads its cards.

    ``chosen`` has the columns id, source, propensity, terms and place; ``shown`` are the cards of what may be seen.
    Beside each card stand ``slate_id``, none when another request with the same cursor was first, and ``slate_ended``.
    """
    recorded = _recorded(chosen, shown, ended)
    outcome = [select(recorded.c[name]).scalar_subquery().label(f"slate_{name}") for name in ("id", "ended")]
    # Nobody waits for the disk: a page whose record is lost with the machine only ends its feed a little early.
    outcome.append(func.set_config("synchronous_commit", "off", true()).label("unwaited"))
    return Statement(select(shown, *outcome).order_by(shown.c.place))


def _recorded(chosen: Any, shown: Any, ended: ColumnElement[bool]) -> Any:  # noqa: ANN401 - tables of SQLAlchemy
    def kept(value: Any) -> Any:  # noqa: ANN401 - an expression of SQLAlchemy
        return func.array_agg(aggregate_order_by(value, chosen.c.place))

    row: Any = (
        select(
            *(bindparam(f"slate_{name}", type_=kind).label(name) for name, kind in GIVEN.items()),
            kept(chosen.c.id).label("video_ids"),
            kept(chosen.c.source).label("sources"),
            kept(chosen.c.propensity).label("propensities"),
            func.jsonb_agg(aggregate_order_by(cast(chosen.c.terms, JSONB), chosen.c.place)).label("terms"),
            ended.label("ended"),
        )
        .select_from(chosen)
        .join(shown, shown.c.place == chosen.c.place)
        .having(func.count() > 0)
    )
    columns = [*GIVEN, "video_ids", "sources", "propensities", "terms", "ended"]
    return (
        insert(Slate)
        .from_select(columns, row)
        .on_conflict_do_nothing()
        .returning(Slate.id, Slate.ended)
        .cte("recorded")
    )


def _serve() -> Statement:
    offered, by = _offered(), cards.viewer()
    shown = _seen_by(offered, by).cte("shown")
    found = select(func.count()).select_from(shown).scalar_subquery()
    many, left = bindparam("offered", type_=BigInteger), bindparam("left", type_=Boolean)
    return serving(offered, shown, and_(not_(left), or_(found < SIZE, found == many)))


SERVE = _serve()
"""Checks what was picked, records the first SIZE of it that may be seen as a page, and reads its cards."""
AGAIN = Statement(_seen_by(_offered(), cards.viewer()))
"""Reads the cards of a page that was served before; what may no longer be seen is left out."""
