"""Routes of the inbox: its pages, what is read, and the browsers it is pushed to."""

from typing import Annotated

from fastapi import APIRouter, Query

from nonet.accounts.web import PersonDep
from nonet.core import cursors, errors, limits
from nonet.core.db import SessionDep
from nonet.inbox import page, push, schemas, service, webpush

router = APIRouter(prefix="/api/v1", tags=["inbox"])

MINE = errors.refusals(errors.SignInNeeded)


@router.get("/inbox", operation_id="read_inbox", responses=errors.refusals(errors.SignInNeeded, cursors.CursorInvalid))
async def read_inbox(
    session: SessionDep,
    person: PersonDep,
    cursor: cursors.Cursor = None,
    which: Annotated[page.Filter, Query(alias="filter")] = "all",
) -> schemas.NotificationPage:
    """Return what happened to me, the latest first."""
    items, following = await page.page(session, person.id, which, cursors.read_time_cursor(cursor))
    return schemas.NotificationPage(
        items=[schemas.Notification.model_validate(each) for each in items],
        next=cursors.write_cursor(following[0].isoformat(), following[1]) if following else None,
    )


@router.post("/inbox/read", operation_id="mark_inbox_read", responses=MINE)
async def mark_inbox_read(session: SessionDep, person: PersonDep, form: schemas.ReadUpTo) -> schemas.Unread:
    """Mark everything up to a row as read; what happens from now on gathers anew."""
    await service.read(session, person.id, form.up_to)
    return schemas.Unread.model_validate(await page.unread(session, person.id))


@router.get("/inbox/unread", operation_id="count_unread", responses=MINE)
async def count_unread(session: SessionDep, person: PersonDep) -> schemas.Unread:
    """Say how much I have not seen."""
    return schemas.Unread.model_validate(await page.unread(session, person.id))


@router.get("/push/key", operation_id="get_push_key")
async def get_push_key() -> schemas.PushKey:
    """Return the key that a browser subscribes with."""
    return schemas.PushKey(key=webpush.public_key())


@router.post(
    "/push/subscriptions",
    status_code=204,
    operation_id="subscribe_to_push",
    responses=errors.refusals(errors.SignInNeeded, push.PushInvalid, limits.TooOften),
)
async def subscribe_to_push(session: SessionDep, person: PersonDep, form: schemas.PushSubscription) -> None:
    """Push my news to this browser while it is signed in."""
    await limits.take(f"push:{person.id}", rate_per_h=60, burst=30)
    await push.subscribe(session, person, form.endpoint, form.keys.p256dh, form.keys.auth)


@router.delete("/push/subscriptions", status_code=204, operation_id="unsubscribe_from_push", responses=MINE)
async def unsubscribe_from_push(session: SessionDep, person: PersonDep, form: schemas.PushEnd) -> None:
    """Push to a browser of mine no more."""
    await push.unsubscribe(session, person.id, form.endpoint)


@router.get("/push/choices", operation_id="get_push_choices", responses=MINE)
async def get_push_choices(session: SessionDep, person: PersonDep) -> schemas.PushChoices:
    """Say which news are not pushed to me."""
    return schemas.PushChoices.model_validate({"quiet": await push.quiet(session, person.id)})


@router.put("/push/choices", operation_id="choose_push", responses=MINE)
async def choose_push(session: SessionDep, person: PersonDep, form: schemas.PushChoices) -> schemas.PushChoices:
    """Choose which news are not pushed to me."""
    await push.keep_quiet(session, person.id, form.quiet)
    return schemas.PushChoices.model_validate({"quiet": await push.quiet(session, person.id)})
