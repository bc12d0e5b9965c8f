"""The long work of people: removing pictures that no profile shows any more."""

from nonet.core import jobs
from nonet.people import avatar


@jobs.handler(avatar.LEFT, attempts=8, backoff_s=10)
async def remove_left(job: jobs.Running) -> None:
    """Remove an object; one that is gone already is fine, so a second run does no harm."""
    await avatar.remove_left(job.args)
