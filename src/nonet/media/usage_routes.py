"""What a person's own files take, and how much they may."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from nonet.accounts.web import PersonDep
from nonet.core import errors, prefs
from nonet.core.db import SessionDep
from nonet.media import uploads, usage

router = APIRouter(tags=["uploads"])


class Usage(BaseModel):
    """The room a person has here."""

    used_bytes: int = Field(description="What their files take, and will with their uploads under way.")
    quota_bytes: int = Field(description="What they may take.")
    upload_max_bytes: int = Field(description="The largest file this server takes.")


@router.get("/api/v1/me/usage", operation_id="get_my_usage", responses=errors.refusals(errors.SignInNeeded))
async def get_my_usage(session: SessionDep, person: PersonDep) -> Usage:
    """Say how much room my files take, and how much I have."""
    return Usage(
        used_bytes=await usage.person_bytes(session, person.id),
        quota_bytes=await usage.quota_bytes(session, person.id),
        upload_max_bytes=await prefs.get(session, uploads.UPLOAD_MAX_BYTES),
    )
