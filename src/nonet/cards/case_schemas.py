"""A case with what it is about, on the wire: a thing as it is now, with what stands around it."""

from datetime import datetime

from pydantic import BaseModel

from nonet.core import ids
from nonet.moderation import schemas as moderation
from nonet.people.schemas import Author


class VideoEvidence(BaseModel):
    """A video, whoever may see it; addresses work for an hour or two where they aren't public."""

    id: ids.Id
    author: Author | None
    caption: str
    alt_text: str
    visibility: str
    state: str
    published_at: datetime | None
    duration_ms: int
    width: int
    height: int
    poster_url: str | None
    mp4_url: str | None


class SaidEvidence(BaseModel):
    """A comment or message; ``reported`` marks the one that the case is about."""

    id: ids.Id
    author: Author | None
    text: str
    state: str
    created_at: datetime
    video_id: ids.Id | None
    reported: bool


class PersonEvidence(Author):
    """A person as their profile shows them; ``state`` is that of the account."""

    bio: str
    link: str
    state: str
    created_at: datetime


class SoundEvidence(BaseModel):
    """A sound, and a video that it is heard in."""

    id: ids.Id
    title: str
    duration_ms: int


class PlaylistEvidence(BaseModel):
    """A list of videos."""

    id: ids.Id
    title: str
    visibility: str


class Subject(BaseModel):
    """What a case is about: of the parts those that its kind has.

    ``gone`` says that it is deleted; the case's excerpt is what is left. ``said`` is a comment with what stands above
    and beside it, or a message with up to five before and after it. ``videos`` is the video itself, the one commented
    on, those of a list, the latest of a person, or some that a sound is heard in.
    """

    gone: bool
    hidden: bool
    owner: PersonEvidence | None
    videos: list[VideoEvidence] = []
    said: list[SaidEvidence] = []
    sound: SoundEvidence | None = None
    playlist: PlaylistEvidence | None = None


class CaseFile(BaseModel):
    """All that moderators need to decide; who reported stays between them and the server."""

    case: moderation.Case
    reports: list[moderation.Report]
    decisions: list[moderation.CaseDecision]
    before: list[moderation.CaseDecision]
    subject: Subject
