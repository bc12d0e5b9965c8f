"""The shapes of cards and of a person's own videos. Times are UTC, lengths milliseconds, sizes pixels or bytes."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from nonet.core.ids import Id

Visibility = Literal["public", "followers", "unlisted", "private"]
CommentsFrom = Literal["everyone", "followers", "nobody"]
LANGUAGE = r"^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?$"


class Author(BaseModel):
    """Who made a video."""

    id: Id
    handle: str
    name: str
    avatar_url: str | None


class Sprite(BaseModel):
    """Small frames in one picture; cell n shows the video at ``n * interval_ms``."""

    url: str
    columns: int
    rows: int
    interval_ms: int
    width: int
    height: int


class CaptionTrack(BaseModel):
    """Captions in one language."""

    language: str
    label: str
    source: Literal["uploaded", "embedded", "written"]
    url: str
    updated_at: datetime


class Tag(BaseModel):
    """A hashtag: folded as it is compared, and as it was written."""

    tag: str
    name: str


class Mention(BaseModel):
    """A person whom the caption names."""

    handle: str
    id: Id


class CardSound(BaseModel):
    """The sound of a video; one without a title is original."""

    id: Id
    title: str
    author_handle: str | None
    duration_ms: int


class Counts(BaseModel):
    """What people did with a video."""

    views: int
    likes: int
    comments: int
    saves: int
    shares: int
    reposts: int


class Viewer(BaseModel):
    """What the viewer did with a video, and whether they follow its author."""

    liked: bool
    saved: bool
    reposted: bool
    following: Literal["none", "requested", "accepted"]


class Served(BaseModel):
    """Where a card was served; what is sent to ``/api/v1/events`` about it repeats all three."""

    request_id: Id
    position: int
    ticket: str


class Card(BaseModel):
    """A video that plays, as one viewer sees it."""

    id: Id
    share_url: str
    caption: str
    author: Author
    created_at: datetime
    published_at: datetime | None
    visibility: Visibility
    language: str
    alt_text: str
    duration_ms: int
    width: int
    height: int
    placeholder: str | None = Field(description="Colour that stands where the picture will, #rrggbb.")
    poster_url: str | None
    preview_url: str | None
    sprite: Sprite | None
    waveform: list[int] | None = Field(description="64 loudness values of 0..255.")
    hls_url: str
    mp4_url: str
    download_url: str | None = Field(description="Where a browser saves it from as a file, when that is allowed.")
    captions: list[CaptionTrack]
    tags: list[Tag]
    mentions: list[Mention]
    sound: CardSound | None
    counts: Counts
    viewer: Viewer
    comments_from: CommentsFrom
    may_comment: bool
    duets: bool
    stitches: bool
    downloads: bool
    ai_made: bool
    is_ad: bool
    pinned: bool
    sensitive: bool = Field(description="Moderators have covered it: it has no picture, and plays for who asks.")
    hidden: bool = Field(description="Moderators have hidden it; only its author still sees it.")
    mine: bool
    served: Served
    reason: dict[str, Any] | None = Field(description="Why a feed shows it: a code and what belongs to it.")


class Step(BaseModel):
    """One of the nine steps from a file to a finished video."""

    step: Literal["receive", "verify", "read", "first", "sound", "cover", "captions", "sizes", "check"]
    state: Literal["waiting", "running", "done", "failed", "skipped"]
    progress: float = Field(ge=0, le=1)
    code: str | None
    sentence: str | None
    detail: str | None


class Upload(BaseModel):
    """Where a file is on its way."""

    id: Id
    filename: str
    size: int
    offset: int = Field(description="Bytes that are safe on the server.")
    state: Literal["receiving", "processing", "playable", "complete", "failed", "expired"]
    code: str | None
    sentence: str | None
    expires_at: datetime | None
    steps: list[Step]


SETTINGS = (
    *("caption", "visibility", "language", "alt_text", "comments_from", "duets", "stitches", "downloads"),
    *("ai_made", "is_ad"),
)
"""What a person decides about a video, by the names that rows and shapes share."""


class Video(BaseModel):
    """A person's own video, from the first byte of its upload on."""

    id: Id
    upload_id: Id
    caption: str
    visibility: Visibility
    language: str
    alt_text: str
    comments_from: CommentsFrom
    duets: bool
    stitches: bool
    downloads: bool
    ai_made: bool
    is_ad: bool
    pinned: bool
    state: Literal["draft", "publishing", "published"]
    published_at: datetime | None
    created_at: datetime
    share_url: str
    upload: Upload | None
    card: Card | None = Field(description="Present once the first version plays.")


class CardPage(BaseModel):
    """Cards, and where the next ones begin."""

    items: list[Card]
    next: str | None


class TagPage(Tag):
    """A hashtag, and how many public videos have it."""

    video_count: int


class Sound(BaseModel):
    """A sound, and how many videos made around it the viewer may see; one without a title is original."""

    id: Id
    title: str
    author: Author | None = Field(description="Null when they are gone.")
    duration_ms: int
    waveform: list[int] | None
    video_count: int
    audio_url: str | None = Field(description="Something to listen to, while the video it came with may be opened.")
    mine: bool


class SoundChange(BaseModel):
    """A sound's next title; an empty one says that it is original."""

    title: str = Field(max_length=100)


class VideoPage(BaseModel):
    """A person's own videos, and where the next ones begin."""

    items: list[Video]
    next: str | None


class CaptionTracks(BaseModel):
    """Every caption track of a video."""

    items: list[CaptionTrack]


class Edit(BaseModel):
    """What may be changed of a video; what is left out stays."""

    caption: str | None = Field(None, max_length=2200)
    visibility: Visibility | None = None
    language: str | None = Field(None, max_length=35, pattern=LANGUAGE)
    alt_text: str | None = Field(None, max_length=1000)
    comments_from: CommentsFrom | None = None
    duets: bool | None = None
    stitches: bool | None = None
    downloads: bool | None = None
    ai_made: bool | None = None
    is_ad: bool | None = None


class Draft(Edit):
    """A draft's texts and settings; ``publish`` asks to publish as soon as it plays."""

    publish: bool = False


class Cover(BaseModel):
    """Which frame is the cover."""

    at_ms: int = Field(ge=0)
