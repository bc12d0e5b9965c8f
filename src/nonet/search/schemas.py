"""Shapes of what search and discover answer."""

from pydantic import BaseModel

from nonet.cards.schemas import Card, Sound, Tag
from nonet.people.schemas import Author, Relation


class FoundPerson(Author):
    """Someone who was found, and how I stand to them; null for visitors, and for myself."""

    relation: Relation | None


class FoundPeople(BaseModel):
    """Some of the people found, the best first."""

    items: list[FoundPerson]
    next: str | None


class FoundTag(Tag):
    """A hashtag of public videos, and how many have it."""

    video_count: int


class FoundTags(BaseModel):
    """The hashtags found, the best first."""

    items: list[FoundTag]


class DiscoveredTag(FoundTag):
    """A hashtag with a few of its videos."""

    cards: list[Card]


class Discovered(BaseModel):
    """What is worth discovering now."""

    tags: list[DiscoveredTag]
    sounds: list[Sound]
    people: list[FoundPerson]
    videos: list[Card]
