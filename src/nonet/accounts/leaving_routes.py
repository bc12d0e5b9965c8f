"""Routes of taking one's data along and of leaving; open to someone suspended, too."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse

from nonet.accounts import door, exports, leaving, passwords, schemas, web
from nonet.accounts.tables import Export
from nonet.accounts.web import AnyPersonDep
from nonet.core import db, errors, ids, limits
from nonet.core.db import SessionDep

router = APIRouter(tags=["accounts"])


def _shaped(export: Export) -> schemas.Export:
    url = f"/api/v1/me/export/{export.id}/archive" if export.state == "ready" else None
    return schemas.Export(
        id=export.id,
        state=export.state,
        size_bytes=export.size_bytes,
        done=export.done,
        total=export.total,
        created_at=export.created_at,
        expires_at=export.expires_at,
        archive_url=url,
    )


@router.post(
    "/me/export",
    status_code=202,
    operation_id="ask_for_export",
    responses=errors.refusals(errors.SignInNeeded, limits.TooOften),
)
async def ask_for_export(session: SessionDep, person: AnyPersonDep) -> schemas.Export:
    """Have an archive made of all that I have here; the event stream and the inbox tell when it is ready."""
    await limits.take(f"export:{person.id}", rate_per_h=0.25, burst=4)
    return _shaped(await exports.ask(session, person.id))


@router.get("/me/export", operation_id="list_exports", responses=errors.refusals(errors.SignInNeeded))
async def list_exports(session: SessionDep, person: AnyPersonDep) -> schemas.ExportList:
    """List my archives, the latest first."""
    return schemas.ExportList(items=[_shaped(each) for each in await exports.mine(session, person.id)])


@router.get(
    "/me/export/{export_id}/archive",
    operation_id="fetch_export",
    response_class=StreamingResponse,
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound, exports.ArchiveNotReady)
    | {
        200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}},
        206: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}},
    },
)
async def fetch_export(
    person: AnyPersonDep, request: Request, export_id: Annotated[str, Path(max_length=40)]
) -> StreamingResponse:
    """Send one of my archives; a Range header goes on where a broken line ended."""
    async with db.transaction() as session:
        found = await exports.ready(session, person.id, ids.known(export_id))
    part = exports.piece(found.size_bytes, request.headers.get("range"))
    headers = {
        "accept-ranges": "bytes",
        "cache-control": "no-store",
        "content-disposition": f'attachment; filename="nonet-{person.handle}-{found.created_at:%Y-%m-%d}.zip"',
        "content-length": str(part.end - part.start),
    }
    whole = part.end - part.start == part.size
    if not whole:
        headers["content-range"] = f"bytes {part.start}-{part.end - 1}/{part.size}"
    sent = exports.read(found.id, part)
    return StreamingResponse(sent, 200 if whole else 206, headers, media_type="application/zip")


@router.delete(
    "/me",
    operation_id="leave",
    responses=errors.refusals(
        errors.SignInNeeded, door.WrongPassword, leaving.NobodyElseOperates, passwords.TooBusy, limits.TooOften
    ),
)
async def leave(person: AnyPersonDep, response: Response, form: schemas.Leave) -> schemas.Leaving:
    """Take my account out of sight and have it removed after some days; signing in before takes that back."""
    leaves_at = await door.leave(person, form.password)
    web.forget(response)
    return schemas.Leaving(leaves_at=leaves_at)
