"""Decides what is made of a source: which sizes, copied or encoded, through which filters. Pure: values in, values out."""

from dataclasses import dataclass, field
from typing import Any

from nonet.media.source import Source


@dataclass(frozen=True, slots=True)
class Policy:
    """What an operator may decide about renditions."""

    sides: tuple[int, ...] = (540, 720, 1080)  # short sides, smallest first
    max_fps: float = 60
    copy_kbps: int = 24_000  # a copied picture may have at most this
    copy_gap_ms: int = 10_000  # and a key frame at least this often


@dataclass(frozen=True, slots=True)
class Rung:
    """One size to make. ``name`` starts its file names: "540", "720", "1080", or "source" for the copied picture."""

    name: str
    width: int
    height: int
    copied: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make, in order: ``first`` is what plays first, ``rest`` comes together afterwards."""

    first: tuple[Rung, ...]
    rest: tuple[Rung, ...]
    fps: float
    duration_s: float
    copies_audio: bool  # the first playable keeps the source's own audio packets
    has_audio: bool
    filters: tuple[str, ...] = ()  # before the sizes part
    keyframes_s: tuple[float, ...] = field(default=())  # where encoded key frames must stand; empty: every two seconds

    @property
    def copied(self) -> bool:
        """Whether the source's picture is laid anew instead of encoded."""
        return self.first[0].copied


def make(source: Source, policy: Policy) -> Plan:
    """Plan the renditions of a source: never larger than it, always even, at least one, the no-JavaScript size among them."""
    raise AssertionError("written in the next commit")


def dump(plan: Plan) -> dict[str, Any]:
    """Shape a plan as JSON for a row or an input hash; ``load`` reads it back equal."""
    raise AssertionError("written in the next commit")


def load(shaped: dict[str, Any]) -> Plan:
    """Read a plan back from a row."""
    raise AssertionError("written in the next commit")
