"""The tables of people: what they show, and how they stand to each other.

A profile's row exists once someone has changed something; until then every field has its default.
"""

from datetime import datetime

from sqlalchemy import Boolean, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import clock, db


class Profile(db.Base):
    """What a person shows; ``avatar`` is the name of an object in the open folder.

    A ``private`` person's videos are for accepted followers. ``messages_from`` is everyone, followed or nobody.
    ``search_name`` is the name as search compares it: NFKC, case-folded.
    """

    __tablename__ = "profiles"
    __table_args__ = (
        Index(
            "ix_profiles_words",
            "search_name",
            postgresql_using="gin",
            postgresql_ops={"search_name": "gin_trgm_ops"},
        ),
    )

    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    name: Mapped[str] = mapped_column(Text, default="")
    bio: Mapped[str] = mapped_column(Text, default="")
    link: Mapped[str] = mapped_column(Text, default="")
    avatar: Mapped[str | None] = mapped_column(Text)
    private: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    messages_from: Mapped[str] = mapped_column(Text, default="everyone", server_default="everyone")
    search_name: Mapped[str] = mapped_column(Text, default="", server_default="")
    updated_at: Mapped[datetime] = mapped_column(default=clock.now, onupdate=clock.now)


class Follow(db.Base):
    """A person follows another, or asks to; ``state`` is accepted or requested."""

    __tablename__ = "follows"
    __table_args__ = (
        Index("ix_follows_followed", "followed_id", "state", "created_at", "follower_id"),
        Index("ix_follows_follower", "follower_id", "state", "created_at", "followed_id"),
    )

    follower_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    followed_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(Text, default="accepted")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class FollowCount(db.Base):
    """How many follow a person, how many they follow, and how many videos they have published."""

    __tablename__ = "follow_counts"

    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    followers: Mapped[int] = mapped_column(default=0)
    following: Mapped[int] = mapped_column(default=0)
    videos: Mapped[int] = mapped_column(default=0, server_default="0")


class Block(db.Base):
    """Neither sees the other."""

    __tablename__ = "blocks"

    blocker_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    blocked_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Mute(db.Base):
    """What a person doesn't want to meet; ``kind`` is person, tag, sound or word, ``value`` an id or folded text."""

    __tablename__ = "mutes"
    __table_args__ = (Index("ix_mutes_person", "value", postgresql_where=text("kind = 'person'")),)

    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class Restriction(db.Base):
    """What the restricted one writes to the restricter is held back, and they aren't told."""

    __tablename__ = "restrictions"

    restricter_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    restricted_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, index=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
