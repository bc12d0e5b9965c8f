"""The tus 1.0.0 server: core, creation, creation-with-upload, expiration, checksum, termination (tus.io/protocols).

A PATCH is the written exception to one transaction a request: it commits its offset for each synced piece, so that
what a dying line or process leaves behind is counted. A newer PATCH takes the lease from an older one.
"""

import base64
import hashlib
import re
from email.utils import format_datetime

from fastapi import APIRouter, Request, Response

from nonet.accounts import web as accounts
from nonet.core import db, errors, ids, limits, prefs
from nonet.media import spool, uploads
from nonet.media.tables import Upload

router = APIRouter(prefix="/api/v1/uploads", tags=["uploads"])

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
HEADERS = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
_SHA256 = re.compile(r"[0-9a-f]{64}")


class TusInvalid(errors.Refusal):
    """A header of the protocol is missing or malformed."""

    status = 400
    code = "tus_invalid"
    sentence = "The upload's {header} header is missing or can't be read."


class UploadVersion(errors.Refusal):
    """The client speaks another version of tus."""

    status = 412
    code = "tus_version"
    sentence = "This server speaks tus 1.0.0."


@router.options("", operation_id="describe_uploads", status_code=204)
async def describe() -> Response:
    """Say what this tus server can do."""
    async with db.transaction() as session:
        most = await prefs.get(session, uploads.UPLOAD_MAX_BYTES)
    return _answer(
        204,
        **{
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(most),
            "Tus-Checksum-Algorithm": "sha256",
        },
    )


@router.post(
    "",
    operation_id="begin_upload",
    status_code=201,
    responses=errors.refusals(
        errors.SignInNeeded,
        uploads.StorageFull,
        uploads.QuotaExceeded,
        uploads.UploadTooLarge,
        TusInvalid,
        UploadVersion,
        limits.TooOften,
    ),
)
async def begin(request: Request, person: accounts.PersonDep) -> Response:
    """Begin an upload (tus creation); with a body, its first bytes come along."""
    _check_version(request)
    size = _number(request, "Upload-Length")
    meta = metadata(request.headers.get("Upload-Metadata", ""))
    sha256 = meta.get("sha256", "").lower() or None
    if sha256 is not None and not _SHA256.fullmatch(sha256):
        raise TusInvalid(header="Upload-Metadata")
    async with db.transaction() as session:
        await uploads.limit(session, person.id)
    async with db.transaction() as session:
        upload = await uploads.begin(
            session, person.id, filename=filename(meta.get("filename", "")), size_bytes=size, sha256=sha256
        )
    offset = 0
    if request.headers.get("Content-Type") == "application/offset+octet-stream":
        offset = await _receive(request, person.id, upload.id, 0)
    return _answer(201, Location=f"/api/v1/uploads/{upload.id}", **_state(upload, offset))


@router.head(
    "/{upload_id}",
    operation_id="read_upload_offset",
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound, uploads.UploadExpired),
)
async def head(person: accounts.PersonDep, upload_id: str) -> Response:
    """Say how many bytes are safe on the server."""
    async with db.transaction() as session:
        upload = await uploads.find(session, person.id, ids.known(upload_id))
    return _answer(200, **{"Upload-Length": str(upload.size_bytes)}, **_state(upload, upload.offset_bytes))


@router.patch(
    "/{upload_id}",
    operation_id="continue_upload",
    status_code=204,
    responses=errors.refusals(
        errors.SignInNeeded,
        errors.NotFound,
        uploads.UploadExpired,
        uploads.WrongOffset,
        uploads.TakenOver,
        uploads.StorageFull,
        uploads.ChecksumMismatch,
        TusInvalid,
        UploadVersion,
    ),
)
async def proceed(request: Request, person: accounts.PersonDep, upload_id: str) -> Response:
    """Add bytes at the offset; each answer's Upload-Offset is durable."""
    _check_version(request)
    if request.headers.get("Content-Type") != "application/offset+octet-stream":
        raise TusInvalid(header="Content-Type")
    number = ids.known(upload_id)
    offset = await _receive(request, person.id, number, _number(request, "Upload-Offset"))
    async with db.transaction() as session:
        upload = await session.get_one(Upload, number)
    return _answer(204, **_state(upload, offset))


@router.delete(
    "/{upload_id}",
    operation_id="end_upload",
    status_code=204,
    responses=errors.refusals(errors.SignInNeeded, errors.NotFound, uploads.UploadExpired),
)
async def end(person: accounts.PersonDep, upload_id: str) -> Response:
    """Give an upload up (tus termination)."""
    async with db.transaction() as session:
        await uploads.end(session, person.id, ids.known(upload_id))
    return _answer(204)


async def _receive(request: Request, owner_id: int, upload_id: int, offset: int) -> int:
    """Write a request's body to the spool file and return the durable offset."""
    checksum = _checksum(request)
    async with db.transaction() as session:
        upload = await uploads.lease(session, owner_id, upload_id, offset)
    uploads.check_floor(0)
    try:
        return await spool.write(request.stream(), upload, offset, checksum)
    except OSError as error:
        if error.errno in {28, 122}:  # ENOSPC, EDQUOT
            raise uploads.StorageFull from error
        raise


def metadata(text: str) -> dict[str, str]:
    """Read tus's Upload-Metadata: ``key base64,key base64``. Raises TusInvalid."""
    found: dict[str, str] = {}
    for pair in filter(None, (p.strip() for p in text.split(","))):
        key, _, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode("utf-8")
        except ValueError:
            raise TusInvalid(header="Upload-Metadata") from None
    return found


def filename(text: str) -> str:
    """Return a name to show, never to open: the last part of a path, printable, at most 120 letters."""
    last = text.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable()).strip()[:120] or "video"


def _checksum(request: Request) -> bytes | None:
    text = request.headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, value = text.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except ValueError:
        digest = b""
    if algorithm != "sha256" or len(digest) != hashlib.sha256().digest_size:
        raise TusInvalid(header="Upload-Checksum")
    return digest


def _check_version(request: Request) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise UploadVersion(headers={"Tus-Version": VERSION})


def _number(request: Request, name: str) -> int:
    text = request.headers.get(name, "")
    if not text.isascii() or not text.isdecimal() or len(text) > 16:  # noqa: PLR2004 - more is no file
        raise TusInvalid(header=name)
    return int(text)


def _state(upload: Upload, offset: int) -> dict[str, str]:
    return {"Upload-Offset": str(offset), "Upload-Expires": format_datetime(upload.expires_at, usegmt=True)}


def _answer(status: int, **headers: str) -> Response:
    return Response(status_code=status, headers=HEADERS | headers)
