"""Which browsers are told while the app is closed, of what, and how a message reaches one of them."""

import asyncio
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from nonet.accounts import instance
from nonet.accounts.sessions import Person
from nonet.core import clock, db, errors, ids, jobs, prefs, realtime
from nonet.inbox import service, webpush, words
from nonet.inbox.tables import Notification, PushSubscription, QuietKind
from nonet.people import service as people

SEND = "inbox.push_sealed"
BROWSERS_MOST = 12
GONE = {404, 410}
TAKEN, REFUSED = range(200, 300), range(400, 500)
PATIENCE = {429, 503}
REFUSED_MOST = 5
"""After so many refusals in a row a browser is given up."""


class PushInvalid(errors.Refusal):
    """Not a subscription that the server may push to."""

    code = "push_invalid"
    sentence = "This browser's push service isn't one that this server pushes to. News stays in the inbox."


class PushAwayError(Exception):
    """A push service can't take a message at the moment."""


async def subscribe(session: db.Session, person: Person, endpoint: str, p256dh: str, auth: str) -> None:
    """Push a person's news to a browser while it is signed in; whoever it was subscribed for before, it isn't now."""
    _check(endpoint, p256dh, auth)
    account_id = person.id
    given = {"account_id": account_id, "session_id": person.session_id, "p256dh": p256dh, "auth": auth, "failures": 0}
    await session.execute(
        insert(PushSubscription)
        .values(id=ids.new(), endpoint=endpoint, created_at=clock.now(), **given)
        .on_conflict_do_update(index_elements=["endpoint"], set_=given)
    )
    kept = (
        select(PushSubscription.id)
        .where(PushSubscription.account_id == account_id)
        .order_by(PushSubscription.id.desc())
        .limit(BROWSERS_MOST)
    )
    await session.execute(
        delete(PushSubscription).where(PushSubscription.account_id == account_id, PushSubscription.id.not_in(kept))
    )


def _check(endpoint: str, p256dh: str, auth: str) -> None:
    try:
        webpush.point(p256dh)
        well_formed = len(webpush.from_b64(auth)) == webpush.AUTH_BYTES
    except ValueError:
        raise PushInvalid from None
    if not well_formed or not webpush.allowed(endpoint):
        raise PushInvalid


async def unsubscribe(session: db.Session, account_id: int, endpoint: str) -> None:
    """Push to a browser of a person no more."""
    mine = PushSubscription.account_id == account_id, PushSubscription.endpoint == endpoint
    await session.execute(delete(PushSubscription).where(*mine))


async def quiet(session: db.Session, account_id: int) -> list[str]:
    """Return the kinds that a person doesn't want pushed."""
    return sorted(await session.scalars(select(QuietKind.kind).where(QuietKind.account_id == account_id)))


async def keep_quiet(session: db.Session, account_id: int, kinds: list[service.Kind]) -> None:
    """Push these kinds no more, and all others."""
    await session.execute(delete(QuietKind).where(QuietKind.account_id == account_id))
    chosen = [{"account_id": account_id, "kind": kind} for kind in sorted(set(kinds))]
    if chosen:
        await session.execute(insert(QuietKind).on_conflict_do_nothing(), chosen)


async def spread(session: db.Session, notification_id: int) -> None:
    """Make one job of each browser that is to be told of a row which isn't read yet."""
    row = await session.get(Notification, notification_id)
    if row is None or row.read_at is not None:
        return
    mine = select(PushSubscription.id).where(PushSubscription.account_id == row.account_id)
    for subscription_id in await session.scalars(mine):
        told = {"notification_id": str(row.id), "subscription_id": str(subscription_id)}
        await jobs.enqueue(session, SEND, told, key=f"{row.id} {subscription_id}")


async def deliver(args: dict[str, Any]) -> None:
    """Push one row to one browser; a browser that is gone is forgotten. Raises what makes a job try again."""
    async with db.transaction() as session:
        row = await session.get(Notification, int(args["notification_id"]))
        browser = await session.get(PushSubscription, int(args["subscription_id"]))
        if row is None or browser is None or row.read_at is not None or row.account_id != browser.account_id:
            return
        message = await _message(session, row)
    if not webpush.allowed(browser.endpoint):
        await _forget(browser.id)
        return
    sealed = webpush.encrypt(message, browser.p256dh, browser.auth)
    said = await asyncio.to_thread(webpush.send, browser.endpoint, sealed, f"n{row.id}")
    if said.status in TAKEN:
        await _counted(browser.id, None)
    elif said.status in GONE:
        await _forget(browser.id)
    elif said.status in PATIENCE and said.retry_after_s:
        raise jobs.Later(said.retry_after_s)
    elif said.status in REFUSED and said.status not in PATIENCE:
        await _counted(browser.id, 1)
    else:
        raise PushAwayError(f"the push service answered {said.status}")


async def _message(session: db.Session, row: Notification) -> bytes:
    """Write what a browser shows: a title, one sentence, where it leads, and what it takes the place of."""
    handles = [each.handle for each in (await people.authors(session, row.actor_ids[:1])).values()]
    shown = {
        "title": await prefs.get(session, instance.NAME) or instance.NAME.default,
        "body": words.sentence(row.kind, handles, row.count),
        "url": words.address(row.kind, row.subject_kind, row.subject_id, row.details, handles),
        "tag": str(row.id),
    }
    return realtime.dump(shown).encode()


async def _forget(subscription_id: int) -> None:
    async with db.transaction() as session:
        await session.execute(delete(PushSubscription).where(PushSubscription.id == subscription_id))


async def _counted(subscription_id: int, failed: int | None) -> None:
    """Count refusals in a row; a browser that was refused too often is forgotten."""
    async with db.transaction() as session:
        browser = await session.get(PushSubscription, subscription_id, with_for_update=True)
        if browser is not None:
            browser.failures = browser.failures + failed if failed else 0
            if browser.failures >= REFUSED_MOST:
                await session.delete(browser)
