"""Routes of how I stand to others: follow, let in, remove, block, mute, restrict."""

from typing import Annotated

from fastapi import APIRouter, Path

from nonet.accounts import names
from nonet.accounts.web import PersonDep
from nonet.core import db, errors, ids, limits
from nonet.core.db import SessionDep
from nonet.people import relations, schemas

router = APIRouter(tags=["people"])

HandlePath = Annotated[str, Path(max_length=200)]
PUT = errors.refusals(errors.SignInNeeded, errors.NotFound, relations.NotYourself, limits.TooOften)
DELETE = errors.refusals(errors.SignInNeeded, errors.NotFound)


async def _other(session: db.Session, handle: str) -> int:
    """Return whose a handle is, in whatever state their account is, so that a block can always be taken back."""
    found = await names.find(session, handle, active=False)
    if found is None:
        raise errors.NotFound
    return found.account_id


async def _stand(session: db.Session, account_id: int, other_id: int) -> schemas.Relation:
    known = await relations.between(session, account_id, [other_id])
    return schemas.Relation.model_validate(known.get(other_id, relations.Relation()))


async def _not_too_often(account_id: int) -> None:
    await limits.take(f"relations:{account_id}", rate_per_h=600, burst=200)


@router.put("/people/{handle}/follow", operation_id="follow", responses=PUT)
async def follow(session: SessionDep, person: PersonDep, handle: HandlePath) -> schemas.Relation:
    """Follow someone, or ask a private one to let me in."""
    await _not_too_often(person.id)
    other_id = await _other(session, handle)
    await relations.follow(session, person.id, other_id)
    return await _stand(session, person.id, other_id)


@router.delete("/people/{handle}/follow", operation_id="unfollow", responses=DELETE)
async def unfollow(session: SessionDep, person: PersonDep, handle: HandlePath) -> schemas.Relation:
    """Stop following someone, or take my request back."""
    other_id = await _other(session, handle)
    await relations.unfollow(session, person.id, other_id)
    return await _stand(session, person.id, other_id)


@router.delete("/people/{handle}/follower", operation_id="remove_follower", responses=DELETE)
async def remove_follower(session: SessionDep, person: PersonDep, handle: HandlePath) -> schemas.Relation:
    """Take a follower away, who isn't told."""
    other_id = await _other(session, handle)
    await relations.remove_follower(session, person.id, other_id)
    return await _stand(session, person.id, other_id)


@router.put("/people/{handle}/block", operation_id="block", responses=PUT)
async def block(session: SessionDep, person: PersonDep, handle: HandlePath) -> schemas.Relation:
    """Make someone and me invisible to each other; follows between us end."""
    await _not_too_often(person.id)
    other_id = await _other(session, handle)
    await relations.block(session, person.id, other_id)
    return await _stand(session, person.id, other_id)


@router.delete("/people/{handle}/block", operation_id="unblock", responses=DELETE)
async def unblock(session: SessionDep, person: PersonDep, handle: HandlePath) -> schemas.Relation:
    """Take my block back; follows that it ended stay ended."""
    other_id = await _other(session, handle)
    await relations.unblock(session, person.id, other_id)
    return await _stand(session, person.id, other_id)


@router.put(
    "/people/{handle}/mute", operation_id="mute_person", responses=PUT | errors.refusals(relations.TooManyMuted)
)
async def mute_person(session: SessionDep, person: PersonDep, handle: HandlePath) -> schemas.Relation:
    """Keep someone out of my feed, my inbox and the comments I read, who isn't told."""
    await _not_too_often(person.id)
    other_id = await _other(session, handle)
    await relations.mute(session, person.id, "person", str(other_id))
    return await _stand(session, person.id, other_id)


@router.delete("/people/{handle}/mute", operation_id="unmute_person", responses=DELETE)
async def unmute_person(session: SessionDep, person: PersonDep, handle: HandlePath) -> schemas.Relation:
    """Take my mute of someone back."""
    other_id = await _other(session, handle)
    await relations.unmute(session, person.id, "person", str(other_id))
    return await _stand(session, person.id, other_id)


@router.put("/people/{handle}/restrict", operation_id="restrict", responses=PUT)
async def restrict(session: SessionDep, person: PersonDep, handle: HandlePath) -> schemas.Relation:
    """Hold back what someone writes to me, who isn't told."""
    await _not_too_often(person.id)
    other_id = await _other(session, handle)
    await relations.restrict(session, person.id, other_id)
    return await _stand(session, person.id, other_id)


@router.delete("/people/{handle}/restrict", operation_id="unrestrict", responses=DELETE)
async def unrestrict(session: SessionDep, person: PersonDep, handle: HandlePath) -> schemas.Relation:
    """Take my restriction of someone back."""
    other_id = await _other(session, handle)
    await relations.unrestrict(session, person.id, other_id)
    return await _stand(session, person.id, other_id)


@router.put("/me/requests/{account_id}", operation_id="accept_request", responses=PUT)
async def accept_request(
    session: SessionDep, person: PersonDep, account_id: Annotated[str, Path(max_length=40)]
) -> schemas.Relation:
    """Let in someone who asked to follow me."""
    await _not_too_often(person.id)
    other_id = ids.known(account_id)
    await relations.accept(session, person.id, other_id)
    return await _stand(session, person.id, other_id)


@router.delete("/me/requests/{account_id}", status_code=204, operation_id="decline_request", responses=DELETE)
async def decline_request(
    session: SessionDep, person: PersonDep, account_id: Annotated[str, Path(max_length=40)]
) -> None:
    """Turn away someone who asked to follow me, who isn't told."""
    await relations.decline(session, person.id, ids.known(account_id))


@router.put(
    "/me/mutes/{kind}/{value:path}",
    status_code=204,
    operation_id="mute",
    responses=errors.refusals(
        errors.SignInNeeded, relations.MuteInvalid, relations.NotYourself, relations.TooManyMuted, limits.TooOften
    ),
)
async def mute(
    session: SessionDep, person: PersonDep, kind: schemas.MuteKind, value: Annotated[str, Path(max_length=300)]
) -> None:
    """Keep a hashtag, a sound, a person (by number) or a word out of my feed."""
    await _not_too_often(person.id)
    await relations.mute(session, person.id, kind, value)


@router.delete(
    "/me/mutes/{kind}/{value:path}",
    status_code=204,
    operation_id="unmute",
    responses=errors.refusals(errors.SignInNeeded, relations.MuteInvalid),
)
async def unmute(
    session: SessionDep, person: PersonDep, kind: schemas.MuteKind, value: Annotated[str, Path(max_length=300)]
) -> None:
    """Take a mute back."""
    await relations.unmute(session, person.id, kind, value)
