"""What an event may say, and the number it is kept by. Numbers are never used twice."""

from enum import IntEnum


class Kind(IntEnum):
    """Below 32 what a viewer's browser alone can know; from 32 on acts, which only the server writes."""

    IMPRESSION = 1
    START = 2
    HEARTBEAT = 3
    PAUSE = 4
    FINISH = 5
    LOOP = 6
    SKIP = 7
    PROFILE = 8
    COMMENTS = 9
    HIDE = 10

    LIKED = 32
    UNLIKED = 33
    SAVED = 34
    UNSAVED = 35
    SHARED = 36
    COMMENTED = 37
    UNCOMMENTED = 38
    REPOSTED = 39
    UNREPOSTED = 40
    FOLLOWED = 41
    REPORTED = 42
    REFUSED = 43
    UNFOLLOWED = 44


ACTS_FROM = 32
"""The first number of an act."""

SEEN = {kind.name.lower(): kind for kind in Kind if kind < ACTS_FROM}
"""What a browser may send, by its word."""

ACTS = {kind.name.lower(): kind for kind in Kind if kind >= ACTS_FROM}
"""What the server writes with an act, by its word."""
