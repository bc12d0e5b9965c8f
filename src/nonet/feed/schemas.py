"""The shapes of what is said about a feed."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from nonet.core.ids import Id

Code = Literal[
    "finished_tag",
    "finished_creator",
    "follows",
    "liked_sound",
    "language",
    "popular_now",
    "new_here",
    "tried_out",
    "not_seen_yet",
    "seen_before",
]


class Reason(BaseModel):
    """A part of why a video was shown; what it names depends on its code."""

    code: Code
    weight: float = Field(description="Its share of all that spoke for the video.")
    tag: str | None = None
    handle: str | None = None
    language: str | None = None
    sound_id: Id | None = None
    title: str | None = None


class Why(BaseModel):
    """Why a video was shown; ``personal`` says whether the feed goes by what the viewer watched."""

    reasons: list[Reason]
    personal: bool
    source: str = Field(
        description="Where the video was found: followed, tag, creator, sound, new, trending and others."
    )


class Refusing(BaseModel):
    """A video, or a person whose videos, shall not come again."""

    kind: Literal["video", "person"]
    id: Id


class FeedChoice(BaseModel):
    """How a person wants their feed."""

    personal: bool = Field(description="Whether it goes by what they watch; else by what is new and liked by many.")
    reset_at: datetime | None = Field(description="What was watched before says nothing about their taste.")


class FeedChange(BaseModel):
    """What to change of it; ``reset`` lets the taste begin anew."""

    personal: bool | None = None
    reset: bool = False
