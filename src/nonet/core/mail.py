"""Mail through a port: every mail is a row of the outbox, and a job delivers it when NONET_SMTP_URL names a server.

Without a server the outbox is where mails end; the operator's page shows it, so links in them can still be used.
"""

import asyncio
import smtplib
import ssl
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from sqlalchemy import Index, Text, delete, select, text
from sqlalchemy.orm import Mapped, mapped_column

from nonet.core import clock, db, ids, jobs, settings

KEEP = timedelta(days=30)


class Mail(db.Base):
    """A mail: ``state`` is kept (no server is set), waiting, sent or failed."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_open", "state", postgresql_where=text("state IN ('waiting', 'failed')")),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=ids.new)
    recipient: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]


async def send(session: db.Session, recipient: str, subject: str, body: str) -> None:
    """Put a mail into the outbox, to be delivered after the caller's commit.

    Addresses under .invalid lead nowhere (RFC 2606); nothing is written to them.
    """
    if recipient.endswith(".invalid"):
        return
    deliver_it = bool(settings.load().smtp_url)
    mail = Mail(recipient=recipient, subject=subject, body=body, state="waiting" if deliver_it else "kept")
    session.add(mail)
    await session.flush()
    if deliver_it:
        await jobs.enqueue(session, "mail.written", {"id": str(mail.id)}, key=str(mail.id))


async def outbox(session: db.Session, before: int | None, most: int = 50) -> list[Mail]:
    """Return the newest mails, older than ``before``."""
    query = select(Mail).order_by(Mail.id.desc()).limit(most)
    if before is not None:
        query = query.where(Mail.id < before)
    return list(await session.scalars(query))


async def forget(session: db.Session, recipients: list[str]) -> None:
    """Forget every mail to these addresses."""
    await session.execute(delete(Mail).where(Mail.recipient.in_(recipients)))


async def sweep(session: db.Session) -> None:
    """Forget mails older than KEEP: their links have expired long before."""
    await session.execute(delete(Mail).where(Mail.created_at < clock.now() - KEEP))


async def _failed(session: db.Session, args: dict[str, object], error: str) -> None:
    mail = await session.get(Mail, int(str(args["id"])))
    if mail:
        mail.state, mail.error = "failed", error


@jobs.handler("mail.written", attempts=8, backoff_s=15, failed=_failed)
async def deliver(job: jobs.Running) -> None:
    """Hand a mail to the SMTP server; at worst, after a crash between the two, twice with the same Message-ID."""
    async with db.transaction() as session:
        mail = await session.get(Mail, int(job.args["id"]))
    if mail is None or mail.state == "sent":
        return
    await asyncio.to_thread(_smtp, mail)
    async with db.transaction() as session:
        kept = await session.get(Mail, mail.id)
        if kept:
            kept.state, kept.sent_at, kept.error = "sent", clock.now(), None
        await job.finish(session)


def _smtp(mail: Mail) -> None:
    config = settings.load()
    url = urlsplit(config.smtp_url)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = config.mail_from, mail.recipient, mail.subject
    message["Date"] = formatdate(mail.created_at.timestamp())
    message["Message-ID"] = make_msgid(idstring=str(mail.id), domain=urlsplit(config.origin).hostname)
    message.set_content(mail.body)
    kind = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
    with kind(url.hostname or "localhost", url.port or (465 if url.scheme == "smtps" else 25), timeout=20) as server:
        server.ehlo()
        if url.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        if url.username:
            server.login(unquote(url.username), unquote(url.password or ""))
        server.send_message(message)
