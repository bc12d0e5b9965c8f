"""Alerts: a mail to every operator when something begins to need them, and one when it is over.

What was told is kept in rows, so a restart tells nothing twice, and two workers never tell the same. ``news`` is pure.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from nonet.accounts import instance
from nonet.accounts.tables import Account
from nonet.core import db, mail, prefs, settings
from nonet.vitals import schemas
from nonet.vitals.schemas import Need
from nonet.vitals.tables import Alert

BY_MAIL = prefs.flag(
    "alerts_by_mail",
    default=True,
    help="Whether operators get a mail when something needs them, and when it is over; needs a mail server.",
)
LASTS = timedelta(minutes=8)
"""How long something must go on before it is told: what mends itself needs nobody."""

AT_ONCE: frozenset[Need] = frozenset({"disk_full", "storage_away"})

SENTENCES: dict[Need, str] = {
    "disk_full": "The disk has no room: uploads are refused. Watching goes on.",
    "storage_away": "The storage of videos does not answer. Uploads that arrive are safe and wait.",
    "disk_soon": "If it goes on as in these days, the disk is full on {full_on}.",
    "work_failed": "Work failed and waits for someone to try it again: {topics}.",
    "behind_first": "First versions of videos stand in line. `nonet health` on the server says whether a worker runs.",
    "behind_light": "Short work stands in line. `nonet health` on the server says whether a worker runs.",
    "behind_encode": "Other sizes of videos stand in line for over an hour.",
    "mail_failed": "Mails could not be delivered. The outbox has each with its reason.",
    "counters_behind": "Counters are behind. Nothing is lost; pages with counts are slower until then.",
}


@dataclass(frozen=True, slots=True)
class Known:
    """Something that went on when it was last looked: since when, and whether it was told."""

    began_at: datetime
    told: bool


@dataclass(frozen=True, slots=True)
class News:
    """What is to be told now, and what goes on afterwards."""

    begun: list[Need]
    over: list[Need]
    known: dict[Need, Known]


def news(before: dict[Need, Known], found: Collection[Need], now: datetime) -> News:
    """Compare what went on with what goes on now. Each thing is told once when it has lasted, and once when it ends."""
    known: dict[Need, Known] = {}
    begun: list[Need] = []
    for code in found:
        since = before.get(code, Known(now, told=False))
        # A clock that was set back must not silence anything.
        lasted = code in AT_ONCE or now - since.began_at >= LASTS or since.began_at > now
        if lasted and not since.told:
            begun.append(code)
        known[code] = Known(since.began_at, since.told or lasted)
    over = [code for code, was in before.items() if code not in known and was.told]
    return News(begun, over, known)


async def look(session: db.Session, health: schemas.Health) -> News:
    """Write to the operators what is new, with what is known kept in the same transaction."""
    await session.execute(text("LOCK TABLE alerts IN EXCLUSIVE MODE"))
    rows = {row.code: row for row in await session.scalars(select(Alert))}
    before = {cast("Need", code): Known(row.began_at, row.told_at is not None) for code, row in rows.items()}
    told = news(before, health.needs, health.now)
    for code, row in rows.items():
        if code not in told.known:
            await session.delete(row)
    for code, each in told.known.items():
        kept = rows[code].told_at if code in rows else None
        values = {"began_at": each.began_at, "told_at": (kept or health.now) if each.told else None}
        await session.execute(
            insert(Alert).values(code=code, **values).on_conflict_do_update(index_elements=["code"], set_=values)
        )
    if (told.begun or told.over) and settings.load().smtp_url and await prefs.get(session, BY_MAIL):
        await _write(session, health, told)
    return told


async def _write(session: db.Session, health: schemas.Health, told: News) -> None:
    name = await prefs.get(session, instance.NAME) or instance.NAME.default
    words = {
        "full_on": health.disk.full_on or "",
        "topics": ", ".join(each.topic for each in health.work.failed_topics),
    }
    parts = [
        (title, [f"- {SENTENCES[code].format(**words)}" for code in codes])
        for title, codes in (("New", told.begun), ("Over", told.over))
        if codes
    ]
    goes_on = [code for code, each in told.known.items() if each.told and code not in told.begun]
    if goes_on:
        parts.append(("Still going on", [f"- {SENTENCES[code].format(**words)}" for code in goes_on]))
    body = "\n\n".join(f"{title}:\n" + "\n".join(lines) for title, lines in parts)
    subject = f"{name}: {_counted(len(told.begun))}" if told.begun else f"{name}: what needed you is over"
    operators = select(Account).where(Account.role == "operator", Account.state == "active")
    for each in await session.scalars(operators):
        body_for = f"{body}\n\n{settings.load().origin}/operator\n\nSettings, Alerts by mail, turns this off.\n"
        await mail.send(session, each.email, subject, body_for)


def _counted(many: int) -> str:
    return "1 thing needs you" if many == 1 else f"{many} things need you"
