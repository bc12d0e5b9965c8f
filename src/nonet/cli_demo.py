"""``nonet demo``: fill a server that nobody uses yet, sign in as someone of the demo, let all of it leave."""

import os
import subprocess
import sys
from typing import Annotated
from urllib.parse import urlsplit

import typer

from nonet import instance, terminal
from nonet.cli_database import work
from nonet.core import network, settings
from nonet.demo import service

app = typer.Typer(invoke_without_command=True, help="The demo community: fill, sign in, remove.")


@app.callback()
def fill(context: typer.Context) -> None:
    """Fill a running server that nobody uses yet with the demo, in real time."""
    if context.invoked_subcommand is not None:
        return
    conf = settings.load()
    running = instance.running(conf.data_dir)
    if running is None and not conf.database_url:
        terminal.trouble("Nonet does not run on this data folder. Start it with: nonet up")
        raise typer.Exit(1)
    size = conf.demo if conf.demo != "none" else "full"
    work(lambda session: service.begin(session, size))
    told = {"NONET_DATABASE_URL": settings.load().database_url, "NONET_CLOCK": conf.clock}
    if running is not None:
        told["NONET_PUBLIC_URL"] = running["address"]
    ended = subprocess.run([sys.executable, "-P", "-m", "nonet.demo"], env=os.environ | told, check=False)
    raise typer.Exit(ended.returncode)


@app.command("sign-in")
def sign_in(name: Annotated[str, typer.Argument(help="A handle of the demo, or how it begins.")]) -> None:
    """Print a link that signs one browser of this machine in as someone of the demo, once."""
    link = work(lambda session: service.sign_in_link(session, name))
    if not network.is_loopback(urlsplit(link).hostname or ""):
        terminal.trouble("Demo accounts open on this machine alone: start Nonet at localhost to sign in as one.")
        raise typer.Exit(1)
    typer.echo(f"For one browser of this machine, within an hour: {link}")


@app.command()
def remove() -> None:
    """Let all of the demo's people leave, with everything they published, said and watched."""
    gone = work(service.remove)
    typer.echo(f"{gone} people of the demo are leaving. Their accounts and videos are out of sight now.")
