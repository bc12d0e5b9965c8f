"""``nonet jobs``: what waits, runs, is done or failed and why, and how to try it again."""

from enum import StrEnum
from typing import Annotated

import typer
from sqlalchemy import select

from nonet.accounts import operations
from nonet.cli_database import work
from nonet.core import db, errors, jobs
from nonet.core.jobs import Job

app = typer.Typer(no_args_is_help=True, help="Work in the background: list, retry.")


class State(StrEnum):
    """Where a job is in its life."""

    waiting = "waiting"
    running = "running"
    done = "done"
    failed = "failed"


class NothingToRetry(errors.NotFound):
    """No such job, or one that runs or is done."""

    code = "nothing_to_retry"
    sentence = "There is no failed or waiting job {job}."


@app.command("list")
def show(
    state: Annotated[State | None, typer.Option(help="Only jobs of one state.")] = None,
    most: Annotated[int, typer.Option(min=1, max=1000, help="How many to show, the newest first.")] = 20,
) -> None:
    """Count the jobs by state and show the newest, failed ones with their reason."""

    async def step(session: db.Session) -> list[str]:
        counts = await operations.work_counts(session)
        lines = [", ".join(f"{count} {name}" for name, count in counts.items())]
        for job in await operations.work(session, state.value if state else None, None, most):
            lines.append(f"{job.id}  {job.state:8} {job.topic} → {job.handler}, attempt {job.attempts}, {_when(job)}")
            if job.error:
                lines.append(f"    {job.error}")
        return lines

    typer.echo("\n".join(work(step)))


def _when(job: Job) -> str:
    if job.state == "waiting":
        return f"due {job.run_at:%Y-%m-%d %H:%M:%S}"
    at = job.finished_at or job.started_at
    return f"{'since' if job.state == 'running' else 'ended'} {at:%Y-%m-%d %H:%M:%S}" if at else "not begun"


@app.command()
def retry(
    job_id: Annotated[int, typer.Argument(help="The job's number in the list.")] = 0,
    *,
    failed: Annotated[bool, typer.Option("--failed", help="Every failed job.")] = False,
) -> None:
    """Make a job due now, its attempts counted anew."""
    if bool(job_id) == failed:
        raise typer.BadParameter("name one job, or --failed for all of them")

    async def step(session: db.Session) -> int:
        chosen = list(await session.scalars(select(Job.id).where(Job.state == "failed"))) if failed else [job_id]
        for each in chosen:
            if not await jobs.retry(session, each):
                raise NothingToRetry(job=each)
        return len(chosen)

    typer.echo(f"{work(step)} due now.")
