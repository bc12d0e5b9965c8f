"""Routes of conversations and messages."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Path

from nonet.accounts.web import PersonDep
from nonet.core import cursors, db, errors, ids, limits
from nonet.core.db import SessionDep
from nonet.people import service as people
from nonet.people.following import NotYourself
from nonet.people.schemas import Author
from nonet.social import admission, groups, messages, opening, schemas, threads, wording
from nonet.social.tables import Message, ThreadMember

router = APIRouter(prefix="/api/v1", tags=["messages"])

PAGE = 20
IdPath = Annotated[str, Path(max_length=40)]
OWN = (errors.SignInNeeded, errors.NotFound)
ADMITTED = (
    admission.MessagesClosed,
    admission.FollowFirst,
    admission.RequestWaits,
    admission.RequestTextOnly,
    wording.WordsInvalid,
    limits.TooOften,
)


@router.get(
    "/threads", operation_id="list_threads", responses=errors.refusals(errors.SignInNeeded, cursors.CursorInvalid)
)
async def list_threads(
    session: SessionDep, person: PersonDep, state: Literal["in", "asked"] = "in", cursor: cursors.Cursor = None
) -> schemas.ThreadPage:
    """List my conversations, or the requests to me, the last one that was written in first."""
    found = await threads.page(session, person.id, state, cursors.read_id_cursor(cursor), PAGE + 1)
    more = cursors.write_cursor(found[PAGE - 1].thread.last_id) if len(found) > PAGE else None
    return schemas.ThreadPage(items=await _threads(session, person.id, found[:PAGE]), next=more)


@router.post(
    "/threads",
    operation_id="open_thread",
    responses=errors.refusals(*OWN, NotYourself, opening.TooManyPeople, *ADMITTED),
)
async def open_thread(person: PersonDep, form: schemas.ThreadForm) -> schemas.Thread:
    """Open the conversation with one person, which is always the same one, or make a group."""
    thread_id = await opening.open_with(person.id, form.handles, form.title)
    async with db.transaction() as session:
        return await _thread(session, person.id, thread_id)


@router.get("/threads/{thread_id}", operation_id="read_thread", responses=errors.refusals(*OWN))
async def read_thread(session: SessionDep, person: PersonDep, thread_id: IdPath) -> schemas.Thread:
    """Return a conversation of mine."""
    return await _thread(session, person.id, ids.known(thread_id))


@router.patch(
    "/threads/{thread_id}",
    operation_id="name_thread",
    responses=errors.refusals(*OWN, groups.NotAGroup, messages.AcceptFirst, wording.WordsInvalid, limits.TooOften),
)
async def name_thread(
    session: SessionDep, person: PersonDep, thread_id: IdPath, form: schemas.ThreadChange
) -> schemas.Thread:
    """Give a group that I am in another name; a line says so to all."""
    await opening.limit(person.id)
    await groups.name(session, person.id, ids.known(thread_id), form.title)
    return await _thread(session, person.id, ids.known(thread_id))


@router.post(
    "/threads/{thread_id}/people",
    operation_id="add_to_thread",
    responses=errors.refusals(
        *OWN,
        groups.NotAGroup,
        messages.AcceptFirst,
        opening.TooManyPeople,
        admission.MessagesClosed,
        admission.FollowFirst,
        limits.TooOften,
    ),
)
async def add_to_thread(
    session: SessionDep, person: PersonDep, thread_id: IdPath, form: schemas.ThreadPeople
) -> schemas.Thread:
    """Add people to a group that I am in; they see what is said from now on, and a line says so to all."""
    await opening.limit(person.id)
    await groups.add(session, person.id, ids.known(thread_id), form.handles)
    return await _thread(session, person.id, ids.known(thread_id))


@router.get(
    "/threads/{thread_id}/messages",
    operation_id="list_messages",
    responses=errors.refusals(*OWN, cursors.CursorInvalid),
)
async def list_messages(
    session: SessionDep, person: PersonDep, thread_id: IdPath, cursor: cursors.Cursor = None
) -> schemas.MessagePage:
    """List a conversation's messages, the newest first."""
    found, more = await messages.page(session, person.id, ids.known(thread_id), cursors.read_id_cursor(cursor))
    named = {each.author_id for each in found} | {each.about_id for each in found if each.about_id}
    known = await people.authors(session, named)
    items = [_message(each, known, person.id) for each in found]
    return schemas.MessagePage(items=items, next=cursors.write_cursor(more) if more else None)


@router.post(
    "/threads/{thread_id}/messages",
    status_code=201,
    operation_id="send_message",
    responses=errors.refusals(*OWN, messages.AcceptFirst, messages.NobodyLeft, *ADMITTED),
)
async def send_message(
    session: SessionDep, person: PersonDep, thread_id: IdPath, form: schemas.MessageForm
) -> schemas.Message:
    """Write in a conversation: a text, a video, or both. Who sees the video is decided when it is looked at."""
    sent = await messages.send(session, person.id, ids.known(thread_id), form.text, form.video_id)
    return _message(sent, await people.authors(session, [person.id]), person.id)


@router.post(
    "/threads/{thread_id}/read", status_code=204, operation_id="read_messages", responses=errors.refusals(*OWN)
)
async def read_messages(session: SessionDep, person: PersonDep, thread_id: IdPath, form: schemas.ReadMark) -> None:
    """Note the last message I have seen."""
    await threads.read(session, person.id, ids.known(thread_id), form.up_to)


@router.put("/threads/{thread_id}/accept", operation_id="accept_thread", responses=errors.refusals(*OWN))
async def accept_thread(session: SessionDep, person: PersonDep, thread_id: IdPath) -> schemas.Thread:
    """Accept a request."""
    await threads.accept(session, person.id, ids.known(thread_id))
    return await _thread(session, person.id, ids.known(thread_id))


@router.put("/threads/{thread_id}/mute", operation_id="mute_thread", responses=errors.refusals(*OWN))
async def mute_thread(session: SessionDep, person: PersonDep, thread_id: IdPath) -> schemas.Thread:
    """Tell me no more of what is written in a conversation."""
    await threads.mute(session, person.id, ids.known(thread_id), muted=True)
    return await _thread(session, person.id, ids.known(thread_id))


@router.delete("/threads/{thread_id}/mute", operation_id="unmute_thread", responses=errors.refusals(*OWN))
async def unmute_thread(session: SessionDep, person: PersonDep, thread_id: IdPath) -> schemas.Thread:
    """Tell me of it again."""
    await threads.mute(session, person.id, ids.known(thread_id), muted=False)
    return await _thread(session, person.id, ids.known(thread_id))


@router.delete("/threads/{thread_id}", status_code=204, operation_id="leave_thread", responses=errors.refusals(*OWN))
async def leave_thread(session: SessionDep, person: PersonDep, thread_id: IdPath) -> None:
    """Leave a conversation, or decline a request."""
    await threads.leave(session, person.id, ids.known(thread_id))


@router.delete(
    "/messages/{message_id}", status_code=204, operation_id="delete_message", responses=errors.refusals(*OWN)
)
async def delete_message(session: SessionDep, person: PersonDep, message_id: IdPath) -> None:
    """Empty a message of mine, for everyone."""
    await messages.delete_one(session, person.id, ids.known(message_id))


async def _thread(session: db.Session, account_id: int, thread_id: int) -> schemas.Thread:
    taken = await threads.take(session, account_id, thread_id)
    return (await _threads(session, account_id, [taken]))[0]


async def _threads(session: db.Session, account_id: int, found: Sequence[threads.Taken]) -> list[schemas.Thread]:
    """Shape conversations as one of each sees them."""
    members = await threads.members(session, [each.thread.id for each in found])
    told = await messages.last_and_unread(session, account_id, found)
    writers = {last.author_id for last, _ in told.values() if last}
    known = await people.authors(session, writers | {each.account_id for each in members})
    shaped = []
    for each in found:
        last, unread = told[each.thread.id]
        here = [member for member in members if member.thread_id == each.thread.id and member.account_id in known]
        thread = schemas.Thread.model_validate(
            {
                "id": each.thread.id,
                "group": each.thread.pair is None,
                "title": each.thread.title,
                "people": [_person(member, known) for member in here],
                "state": "asked" if each.asked else "in",
                "muted": each.me.muted,
                "unread": 0 if each.held else unread,
                "last": _message(last, known, account_id) if last else None,
                "created_at": each.thread.created_at,
            }
        )
        shaped.append(thread)
    return shaped


def _person(member: ThreadMember, known: dict[int, people.Author]) -> schemas.ThreadPerson:
    read_up_to = member.read_id or None if member.state == "in" else None
    shown = asdict(known[member.account_id])
    return schemas.ThreadPerson.model_validate(shown | {"state": member.state, "read_up_to": read_up_to})


def _message(message: Message, known: dict[int, people.Author], account_id: int) -> schemas.Message:
    author, about = known.get(message.author_id), known.get(message.about_id or 0)
    return schemas.Message(
        id=message.id,
        thread_id=message.thread_id,
        kind=cast("schemas.MessageKind", message.kind),
        author=Author.model_validate(author) if author else None,
        about=Author.model_validate(about) if about else None,
        text=message.text,
        video_id=message.video_id,
        created_at=message.created_at,
        deleted=message.deleted,
        mine=message.author_id == account_id,
    )
