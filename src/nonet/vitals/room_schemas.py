"""Shapes of what the videos take and of what policies would free, on the wire."""

from datetime import datetime

from pydantic import BaseModel, Field


class RoomKind(BaseModel):
    """Files of one kind."""

    kind: str = Field(
        description="original: as uploaded. copy: the uploaded picture laid anew. 1080, 720, 540: sizes, by their short"
        " side at most. sound, pictures, captions, playlists: what is beside them."
    )
    files: int
    size_bytes: int


class ColdChoice(BaseModel):
    """What would go of videos that nobody watched for so many days."""

    days: int
    frees_bytes: int


class Cold(BaseModel):
    """The policy for videos that nobody watches."""

    after_days: int = Field(description="The preference cold_after_days; 0 keeps every size.")
    videos: int = Field(description="Videos that keep little until they are watched again, as counted.")
    spare_bytes: int = Field(description="What could go of all videos together, and be made again.")
    choices: list[ColdChoice]


class OriginalsChoice(BaseModel):
    """What a policy for uploads would free of those that are kept."""

    policy: str
    frees_bytes: int = Field(description="As counted; of unless_equal it is what it may free at most.")


class Originals(BaseModel):
    """The policy for the files as they were uploaded."""

    policy: str = Field(description="The preference keep_originals.")
    kept_bytes: int
    choices: list[OriginalsChoice]


class PersonRoom(BaseModel):
    """What one person's files take."""

    handle: str
    size_bytes: int
    own_quota_bytes: int | None = Field(description="What they may take, where that isn't what everybody may.")


class Room(BaseModel):
    """What the videos take."""

    counted_at: datetime | None = Field(
        description="When what is older than a day was last counted, every quarter of an hour; null before the first."
    )
    kept_bytes: int = Field(description="What all of it takes, that included which is about to leave.")
    quota_server_bytes: int = Field(description="The preference; 0 is no limit.")
    quota_person_bytes: int = Field(description="The preference.")
    kinds: list[RoomKind]
    cold: Cold
    originals: Originals
    people: list[PersonRoom] = Field(description="Who takes most, and who has a quota of their own.")


class QuotaForm(BaseModel):
    """A quota for one person."""

    size_bytes: int | None = Field(ge=0, le=1 << 50, description="Null: what everybody may take.")
