"""``nonet media``: what the videos take, and the policies' work done now instead of by and by."""

import typer

from nonet import cli_database
from nonet.backup import size
from nonet.core import db, prefs
from nonet.media import tally, usage
from nonet.videos import cold

app = typer.Typer(no_args_is_help=True, help="The videos' files: what they take, what may go.")
KINDS = {
    "original": "uploads",
    "copy": "pictures as uploaded",
    "1080": "sizes up to 1080",
    "720": "sizes up to 720",
    "540": "sizes up to 540",
    "sound": "sound beside the sizes",
    "pictures": "covers and previews",
    "captions": "captions",
    "playlists": "playlists of sizes",
}


@app.command("usage")
def show() -> None:
    """Count all files, and say what they take by kind."""

    async def step(session: db.Session) -> usage.Everything:
        await tally.count(session)
        return await usage.everything(session)

    found = cli_database.work(step)
    for kind, kept in found.kinds.items():
        if kept.files:
            typer.echo(f"{size(kept.size_bytes):>10}  {KINDS[kind]}, {kept.files} files")
    typer.echo(f"{size(found.size_bytes):>10}  together")


@app.command()
def sweep() -> None:
    """Let go now of the larger sizes that nobody watched for as long as cold_after_days says."""
    with cli_database.bar("Dropping") as told:

        async def act() -> tuple[int, int] | None:
            async with db.transaction() as session:
                days = await prefs.get(session, cold.COLD_AFTER_DAYS)
            return await cold.drop(told) if days else None

        done = cli_database.run(act)
    if done is None:
        typer.echo("Every size stays: cold_after_days is 0. It is among the operator's preferences.")
        return
    dropped, size_bytes = done
    videos = "1 video keeps" if dropped == 1 else f"{dropped} videos keep"
    typer.echo(f"{videos} the smallest size alone now. {size(size_bytes)} leave the storage in some minutes.")
