"""Shapes of the server's health on the wire. Counts of rows end at ``most``: there are that many, or more."""

from datetime import date, datetime
from typing import Literal, TypeAlias

from pydantic import BaseModel, Field

from nonet.core.jobs import Slot

Need: TypeAlias = Literal[
    "disk_full",
    "storage_away",
    "disk_soon",
    "work_failed",
    "behind_first",
    "behind_light",
    "behind_encode",
    "mail_failed",
    "counters_behind",
]
"""Something an operator should do something about."""


class Pool(BaseModel):
    """The work of one pool of the workers."""

    slot: Slot
    waiting: int
    due: int = Field(description="Those of the waiting that could run now.")
    running: int
    failed: int
    oldest_due_s: int | None = Field(description="For how many seconds the longest waiting of these could have run.")


class FailedTopic(BaseModel):
    """A kind of work that failed."""

    topic: str
    failed: int


class Work(BaseModel):
    """What the workers have to do, and what failed until someone tries it again."""

    most: int
    pools: list[Pool]
    failed_topics: list[FailedTopic] = Field(description="The five that failed most, the most first.")


class Events(BaseModel):
    """How far what people watch and do is behind."""

    buffered: int = Field(description="Events that this process has taken in and not yet written.")
    buffered_most: int = Field(description="With so many it refuses more.")
    unfolded: int = Field(description="Changes of counters that the fold has not added up yet; readers see them.")
    most: int


class Letters(BaseModel):
    """The mail of this server."""

    delivers: bool = Field(description="Whether a mail server is set; without one mail stays in the outbox.")
    waiting: int
    failed: int
    most: int


class Day(BaseModel):
    """What came on one day, by UTC."""

    day: date
    uploaded_bytes: int = Field(description="Bytes that arrived of uploads begun on this day.")
    kept_bytes: int = Field(description="What is kept of them now, every size and picture that was made included.")


class Disk(BaseModel):
    """The disk of this process's data folder, and what the videos take."""

    free_bytes: int
    total_bytes: int
    floor_bytes: int = Field(description="Uploads that would leave less free are refused.")
    coming_bytes: int = Field(description="What is still to come of uploads under way.")
    kept_bytes: int = Field(description="What all videos take, wherever they are kept.")
    originals_bytes: int = Field(description="Of these: the files as they were uploaded.")
    holds_videos: bool = Field(description="Whether videos are kept on this disk.")
    days: list[Day] = Field(description="The last seven, the newest last.")
    full_on: date | None = Field(
        description="The day on which the floor is reached if it goes on as in these days; null when nothing grows,"
        " in more than ten years, or when videos are kept elsewhere."
    )


class Answers(BaseModel):
    """How often one route was answered with one status of 400 or more."""

    method: str
    route: str
    status: int
    count: int


class Requests(BaseModel):
    """What this one process answered since it started."""

    since: datetime
    answered: int
    refused: int = Field(description="Answers of 400 to 499: what was asked for could not be.")
    failed: int = Field(description="Answers of 500 and more.")
    items: list[Answers] = Field(description="The failed, then the refused, the most frequent first; twelve at most.")


class Health(BaseModel):
    """How this server does now."""

    now: datetime
    version: str
    database_version: str
    schema_version: str = Field(description="The last migration of the database.")
    work: Work
    events: Events
    mail: Letters
    disk: Disk
    storage_answers: bool = Field(description="Whether the storage of videos answered the worker that asked last.")
    requests: Requests
    needs: list[Need] = Field(description="What needs the operator, the most urgent first.")
