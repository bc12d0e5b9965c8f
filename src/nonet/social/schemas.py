"""Shapes of what people do together, on the wire. Times are UTC."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from nonet.core import ids
from nonet.people.schemas import Author

Written = Annotated[str, Field(max_length=8000)]
"""A text someone wrote; what it may hold is checked where its refusal is known."""


class VideoCounts(BaseModel):
    """What people did with a video."""

    views: int
    likes: int
    comments: int
    saves: int
    shares: int
    reposts: int


class VideoViewer(BaseModel):
    """What the viewer did with a video, and whether they follow its author."""

    liked: bool
    saved: bool
    reposted: bool
    following: Literal["none", "requested", "accepted"]


class Acted(BaseModel):
    """How a video stands after an act."""

    counts: VideoCounts
    viewer: VideoViewer


class Named(BaseModel):
    """A person whom a comment names."""

    handle: str
    id: ids.Id


class CommentForm(BaseModel):
    """What to say; ``parent_id`` is the comment that is answered."""

    text: Written
    parent_id: ids.Id | None = None


class Comment(BaseModel):
    """A comment as one viewer sees it; ``parent_id`` is the comment of the first level that it stands under.

    A deleted one with answers stays, without author and text. A held one waits for the video's author to show it.
    """

    id: ids.Id
    video_id: ids.Id
    parent_id: ids.Id | None
    author: Author | None
    text: str
    created_at: datetime
    likes: int
    replies: int
    liked: bool
    pinned: bool
    state: Literal["shown", "held", "deleted"]
    by_creator: bool
    liked_by_creator: bool
    mine: bool
    may_delete: bool
    mentions: list[Named]


class CommentPage(BaseModel):
    """Some comments."""

    items: list[Comment]
    next: str | None


class ShareLink(BaseModel):
    """An address to send; with a ``code`` its opens are counted for who made it."""

    url: str
    code: str | None


class PlaylistForm(BaseModel):
    """A list to make."""

    title: Written
    visibility: Literal["public", "private"] = "public"


class PlaylistChange(BaseModel):
    """What to change; a field that is missing stays."""

    title: Written | None = None
    visibility: Literal["public", "private"] | None = None


class PlaylistOrder(BaseModel):
    """Videos of a list in the order they shall have; those left out follow in the order they had."""

    video_ids: Annotated[list[ids.Id], Field(max_length=500)]


class Playlist(BaseModel):
    """A person's list of videos."""

    id: ids.Id
    title: str
    visibility: Literal["public", "private"]
    owner: Author
    video_count: int
    created_at: datetime
    updated_at: datetime
    mine: bool


class PlaylistPage(BaseModel):
    """Some lists, the newest first."""

    items: list[Playlist]
    next: str | None


class ThreadForm(BaseModel):
    """With whom to talk: one other person, or up to nine."""

    handles: Annotated[list[Annotated[str, Field(max_length=200)]], Field(min_length=1, max_length=9)]
    title: Written = ""


class ThreadPeople(BaseModel):
    """Whom to add to a group."""

    handles: Annotated[list[Annotated[str, Field(max_length=200)]], Field(min_length=1, max_length=9)]


class ThreadChange(BaseModel):
    """What a group is called from now on; nothing for no name."""

    title: Written


MessageKind = Literal["said", "added", "titled"]


class MessageForm(BaseModel):
    """What to send: a text, a video, or both."""

    text: Written = ""
    video_id: ids.Id | None = None


class ReadMark(BaseModel):
    """The last message that was seen."""

    up_to: ids.Id


class Message(BaseModel):
    """A message as one of a conversation sees it; a deleted one has neither text nor video.

    A group's own lines are ``added`` (the author added ``about``, null when they are gone) and ``titled`` (the author
    called it ``text``).
    """

    id: ids.Id
    thread_id: ids.Id
    kind: MessageKind
    author: Author | None
    about: Author | None
    text: str
    video_id: ids.Id | None
    created_at: datetime
    deleted: bool
    mine: bool


class MessagePage(BaseModel):
    """Some messages, the newest first."""

    items: list[Message]
    next: str | None


class ThreadPerson(Author):
    """Someone in a conversation; ``read_up_to`` is the last message they saw, once they have accepted."""

    state: Literal["in", "asked"]
    read_up_to: ids.Id | None


class Thread(BaseModel):
    """A conversation as one of it sees it; ``state`` asked is a request that they haven't accepted.

    So is what someone they restricted writes to them: it counts as unread once they accept.
    """

    id: ids.Id
    group: bool
    title: str
    people: list[ThreadPerson]
    state: Literal["in", "asked"]
    muted: bool
    unread: int = Field(description="Messages of others not read yet, counted up to 100.")
    last: Message | None
    created_at: datetime


class ThreadPage(BaseModel):
    """Some conversations, the last one that was written in first."""

    items: list[Thread]
    next: str | None
