"""The tables of accounts. Tokens are kept as SHA-256; a handle belongs to who holds the claim on its skeleton."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import clock, db, ids


class Account(db.Base):
    """A person's account; ``role`` is person, moderator or operator.

    ``state`` is active, suspended, leaving or, while its rows are being removed, gone. One with ``leaves_at`` is
    removed then unless its owner signs in before; a suspended one that leaves stays suspended meanwhile. One of the
    ``demo`` is nobody's: it has no password, and its address leads nowhere.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        Index(
            "uq_accounts_email_verified",
            "email_key",
            unique=True,
            postgresql_where=text("email_verified_at IS NOT NULL"),
        ),
        Index("ix_accounts_email_key", "email_key"),
        Index(
            "ix_accounts_handle_words",
            "handle",
            postgresql_using="gin",
            postgresql_ops={"handle": "gin_trgm_ops"},
        ),
        Index("ix_accounts_leaving", "leaves_at", postgresql_where=text("leaves_at IS NOT NULL")),
        Index("ix_accounts_operators", "id", postgresql_where=text("role = 'operator'")),
        Index("ix_accounts_moderators", "id", postgresql_where=text("role <> 'person'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    handle: Mapped[str] = mapped_column(Text, unique=True)
    email: Mapped[str] = mapped_column(Text)
    email_key: Mapped[str] = mapped_column(Text)
    email_verified_at: Mapped[datetime | None]
    pending_email: Mapped[str | None] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    birth_date: Mapped[date]
    role: Mapped[str] = mapped_column(Text, default="person")
    state: Mapped[str] = mapped_column(Text, default="active")
    leaves_at: Mapped[datetime | None]
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitations.id"))
    demo: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)


class HandleClaim(db.Base):
    """Who may use handles of a shape: while ``until`` is empty the holder does, afterwards nobody else before it."""

    __tablename__ = "handle_claims"

    skeleton: Mapped[str] = mapped_column(Text, primary_key=True)
    # No foreign key: the claim is taken before the account is written and outlives it by ninety days.
    account_id: Mapped[int] = mapped_column(index=True)
    until: Mapped[datetime | None]


class HandleHistory(db.Base):
    """A handle that someone had: it leads to them until ``until``."""

    __tablename__ = "handle_history"

    handle: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    until: Mapped[datetime]


class LoginSession(db.Base):
    """One browser that is signed in; ``device`` is two or three words, never the whole User-Agent."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    device: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    last_seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Link(db.Base):
    """A single-use link; ``kind`` is verify, email, reset, setup or demo.

    ``used_at`` is also set when it was taken back.
    """

    __tablename__ = "links"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    kind: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class Invitation(db.Base):
    """A code that lets ``uses`` people in; kept readable, so that whoever made it can send it again."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    code: Mapped[str] = mapped_column(Text, unique=True)
    made_by: Mapped[int] = mapped_column(index=True)
    uses: Mapped[int] = mapped_column(default=1)
    used: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime]


class Export(db.Base):
    """An archive of all that a person has here; ``state`` is waiting, ready or failed. It goes when it expires.

    ``done`` and ``total`` count the files of the archive while it is made.
    """

    __tablename__ = "exports"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(Text, default="waiting")
    size_bytes: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    total: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime | None]
