"""The JSON of a person who was found."""

from dataclasses import asdict
from typing import Any

from nonet.people import relations
from nonet.people import service as people


def person(author: people.Author, relation: relations.Relation | None) -> dict[str, Any]:
    """Shape a person with how the viewer stands to them; null for visitors, and for oneself."""
    return {
        "id": str(author.id),
        "handle": author.handle,
        "name": author.name,
        "avatar_url": author.avatar_url,
        "relation": asdict(relation) if relation else None,
    }
