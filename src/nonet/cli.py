"""The command ``nonet``: it reads what was asked for, and each command's own module does it. One composition root."""

import os
import signal
import sys
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError

import nonet
from nonet import terminal
from nonet.core import parent, settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Nonet: short videos and live, on a server that a community owns.",
)


def _version(asked: bool) -> None:  # noqa: FBT001 - typer's signature
    if asked:
        typer.echo(f"nonet {nonet.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def refuse(sentence: str) -> NoReturn:
    """End the command with a sentence that says what is wrong."""
    terminal.trouble(sentence)
    raise typer.Exit(1)


def configured() -> settings.Settings:
    """Read the settings, or say which one is wrong and why."""
    try:
        return settings.load()
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            name = f"NONET_{str(problem['loc'][0]).upper()}: " if problem["loc"] else ""
            lines.append(name + str(problem["msg"]).removeprefix("Value error, "))
        refuse("\n".join(lines))


@app.command()
def up(
    *,
    https: Annotated[bool, typer.Option("--https", help="Serve https by a local authority made on first use.")] = False,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")] = "",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the web app and the API.")] = 0,
    public_url: Annotated[str, typer.Option(help="The one address people use, like https://videos.example.")] = "",
    empty: Annotated[bool, typer.Option("--empty", help="Don't fill an empty database with a demo community.")] = False,
    follow_parent: Annotated[bool, typer.Option("--follow-parent", hidden=True)] = False,
) -> None:
    """Start the database and every role, print the address, and run until Ctrl-C."""
    asked = {"HOST": host, "PORT": str(port or ""), "PUBLIC_URL": public_url, "DEMO": "none" if empty else ""}
    os.environ.update({f"NONET_{name}": value for name, value in asked.items() if value})
    from nonet import launch  # noqa: PLC0415 - only this command needs certificates and networks

    try:
        environment = launch.environment(configured(), https=https)
    except launch.ContradictionError as error:
        refuse(str(error))
    if follow_parent and (ask := parent.end_with_parent(signal.SIGTERM)):
        ask()
    # The supervisor takes this process over, without what reading settings needed: it has to be small.
    os.execve(sys.executable, [sys.executable, "-P", "-m", "nonet.supervisor"], os.environ | environment)  # noqa: S606


@app.command()
def role(name: Annotated[str, typer.Argument(help="api, media or worker")]) -> None:
    """Run one role by itself, to spread them over processes and machines; SIGTERM ends it."""
    from nonet import alone  # noqa: PLC0415 - it imports the database
    from nonet import role as roles  # noqa: PLC0415 - each role imports what it needs

    if name not in roles.ROLES:
        refuse(f"There is no role {name}. The roles are: {', '.join(roles.ROLES)}.")
    _needs_database("A role by itself")
    try:
        alone.prepare(configured(), name)
    except alone.CannotStartError as error:
        refuse(str(error))
    # The role takes this process over, without what looking at the database needed.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "nonet.role", name])  # noqa: S606


@app.command()
def migrate() -> None:
    """Bring the database that NONET_DATABASE_URL names up to date, before roles start by themselves."""
    _needs_database("nonet migrate")
    from nonet import prepare  # noqa: PLC0415 - it imports every slice

    raise typer.Exit(prepare.migrate())


@app.command()
def health() -> None:
    """Say how each role that runs on this data folder is; fail when one is not well, or none runs."""
    from nonet import health as visit  # noqa: PLC0415 - only this command asks

    found = visit.look(configured())
    for name, wrong in found.items():
        typer.echo(f"{name}: {wrong or 'well'}")
    if not found:
        typer.echo("No role runs on this data folder.")
    raise typer.Exit(0 if found and not any(found.values()) else 1)


def _needs_database(what: str) -> None:
    if not configured().database_url:
        refuse(f"{what} needs NONET_DATABASE_URL; the embedded database belongs to `nonet up`.")


@app.command()
def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="Write the findings as JSON.")] = False) -> None:
    """Say what is missing, wrong or old here, and the one command that mends it."""
    from nonet import doctor as visit  # noqa: PLC0415 - it imports a little of everything

    found = visit.examine(configured())
    typer.echo(visit.as_json(found) if as_json else visit.as_text(found))
    raise typer.Exit(0 if visit.healthy(found) else 1)


def _groups() -> None:
    """Add the commands on rows; they import the database and are left out of starting and of what is asked often."""
    from nonet import cli_backup, cli_demo, cli_jobs, cli_user  # noqa: PLC0415 - 60 MB

    app.add_typer(cli_user.app, name="user")
    app.add_typer(cli_jobs.app, name="jobs")
    app.add_typer(cli_demo.app, name="demo")
    app.command("backup")(cli_backup.backup)
    app.command("restore")(cli_backup.restore)


def main() -> None:
    """Run the command line."""
    if not {"up", "role", "health"}.intersection(sys.argv[1:2]):
        _groups()
    app(prog_name="nonet")
