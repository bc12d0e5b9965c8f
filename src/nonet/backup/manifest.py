"""What a backup says of itself: who made it, at which revision, how much of everything, the hash of its list of hashes.

It is read from a file that anyone may have made: each field has a shape, and no name in it reaches SQL unseen.
"""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nonet.backup import FORMAT, ArchiveError

Name = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]
Count = Annotated[int, Field(ge=0)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Table(_Said):
    """One table: its columns in the order of the copy, and how many rows there are."""

    name: Name
    columns: list[Name]
    rows: Count


class Day(_Said):
    """One partition by days: from ``start`` up to ``until``, exclusive."""

    parent: Name
    name: Name
    start: date
    until: date


class Manifest(_Said):
    """Everything but the members. ``made_at`` is UTC; ``gone`` objects were deleted while the backup was made."""

    format: int
    product: str
    revision: str
    made_at: datetime
    with_objects: bool
    tables: list[Table]
    days: list[Day]
    sequences: dict[Name, int | None]
    keys: Count
    objects: Count
    object_bytes: Count
    gone: Count
    sums_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Format(_Said):
    format: int
    product: str


def parse(text: bytes) -> Manifest:
    """Read a manifest; raises ArchiveError, for one that a newer version wrote with a sentence of its own."""
    try:
        known = _Format.model_validate_json(text)
        if known.format > FORMAT:
            made_by = known.product[:40]
            raise ArchiveError(
                f"This backup was made by Nonet {made_by}, newer than this one. Restore it with that one."
            )
        return Manifest.model_validate_json(text)
    except ValidationError:
        raise ArchiveError("This is no backup of Nonet: its manifest has another shape.") from None
