"""``nonet up`` after its settings are known: the database, the roles, how they start and how they stop together.

It runs in a process of its own that imports the standard library alone, so that watching costs 10 MB: ``nonet.cli``
decides every setting, puts it into the environment and becomes this program. The schema is brought up to date by a
short child, ``nonet.prepare``. Stopping has one order: roles drain, then PostgreSQL shuts down fast. A second signal
ends everything at once and loses nothing that was confirmed, since nothing is confirmed before it is durable.
"""

import errno
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from nonet import instance, terminal
from nonet.children import Filler, LeftoverError, Role
from nonet.core import initdb, parent, postgres, postmaster

FOLDERS = ("objects", "spool", "logs", "cache", "keys", "run")
ROLES = ("api", "media", "worker")
DRAIN_S = 9.0
STOP_S = 10.0
START_FAILURES = 3


class StoppedError(Exception):
    """We were told to stop."""


class CannotStartError(Exception):
    """The product can't start; the text is a sentence for the terminal."""


class Supervisor:
    """Everything one ``nonet up`` runs. ``environment`` holds every setting; roles get it and the database URL."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.data_dir = Path(environment["NONET_DATA_DIR"])
        self.roles = [Role(name, self.data_dir) for name in ROLES]
        self.filler = Filler()
        self.database: postmaster.Server | None = None
        self.log = terminal.Log(self.data_dir / "logs" / "supervisor.log")
        self.signals: list[int] = []
        self._wake = _listen(self.signals)

    def run(self) -> int:
        """Start everything, keep it running and stop it when told to; return the exit code."""
        try:
            make_folders(self.data_dir)
            with instance.claim(self.data_dir, self.environment["NONET_PUBLIC_URL"], self.pause) as claim:
                try:
                    self._start(claim)
                    while True:
                        self._turn()
                finally:
                    claim.tell("stopping")
                    self._stop()
        except StoppedError:
            return 0
        except (CannotStartError, LeftoverError, postgres.PostgresError, instance.AlreadyRunningError) as error:
            terminal.trouble(str(error))
            return 1
        except OSError as error:
            terminal.trouble(f"{error.filename or self.data_dir}: {error.strerror or error}. Run: nonet doctor")
            return 1

    def _start(self, claim: instance.Claim) -> None:
        began = time.monotonic()
        for role in self.roles:
            role.end_leftover()
        for setting in ("NONET_PORT", "NONET_MEDIA_PORT"):
            check_port(self.environment["NONET_HOST"], setting, int(self.environment[setting]))
        news = self._prepare()
        if news["demo"]:
            self.environment["NONET_CLOCK"] = news["demo"]
        for role in self.roles:
            self._start_role(role)
        while not all(role.ready for role in self.roles):
            self._turn()
            for role in self.roles:
                if role.failures >= START_FAILURES:
                    raise CannotStartError(f"The {role.name} role does not start:\n{role.last_words()}")
        claim.tell("running")
        self.log.event("up", seconds=round(time.monotonic() - began, 2))
        for line in news["lines"]:
            terminal.say(terminal.lit(line))
        if news["demo"]:
            self.filler.start(self.environment)

    def _prepare(self) -> dict[str, Any]:
        """Start the embedded database, unless another is set, and bring the schema up to date; return what to say."""
        if not self.environment.get("NONET_DATABASE_URL"):
            if not (self.data_dir / "postgres").exists():
                terminal.say("Making the database.")
            cluster = initdb.open_cluster(self.data_dir, self.environment.get("NONET_PG_BINDIR", ""))
            self.environment["NONET_DATABASE_URL"] = postgres.url(self.data_dir)
            self.database = postmaster.Server(cluster)
        # Its imports take longer than the database's start, so both happen at once; it goes on when its input ends.
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "nonet.prepare"],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=parent.end_with_parent(signal.SIGKILL),  # noqa: PLW1509 - it only calls prctl
        )
        with child:
            try:
                if self.database is not None:
                    self.database.start_and_wait(self.pause)
                said = self._finish(child)
            except BaseException:
                child.kill()
                raise
        if child.returncode != 0:
            raise CannotStartError("The database could not be brought up to date. Nothing else was started.")
        news: dict[str, Any] = json.loads(said)
        return news

    def _finish(self, child: subprocess.Popen[bytes]) -> bytes:
        """Let the child go on, and return what it wrote until its end."""
        if child.stdin is None or child.stdout is None:
            return b""
        child.stdin.close()
        os.set_blocking(child.stdout.fileno(), False)
        said = b""
        while child.poll() is None:
            self.pause(0.02)
            said += child.stdout.read() or b""
        return said + (child.stdout.read() or b"")

    def _start_role(self, role: Role) -> None:
        role.start(self.environment)
        self.log.event("role.started", role=role.name, pid=role.process.pid if role.process else None)

    def _turn(self) -> None:
        """Wait until something happens or is due, then start again what has ended."""
        due = [role.due_at for role in self.roles if role.process is None]
        if self.database is not None and self.database.process is None:
            due.append(self.database.due_at)
        self.pause(max(0.0, min(due) - time.monotonic()) if due else 60.0)
        for role in self.roles:
            self._again(role)
        if self.filler.failed():
            self.log.event("demo.failed")
            self.filler.start(self.environment)
        if self.database is not None:
            self._database_again(self.database)

    def _again(self, role: Role) -> None:
        code = role.ended()
        if code is not None:
            self.log.event("role.ended", role=role.name, code=code)
            terminal.say(f"The {role.name} role ended ({how(code)}). It is being started again.")
        if role.process is None and time.monotonic() >= role.due_at:
            self._start_role(role)

    def _database_again(self, database: postmaster.Server) -> None:
        """Start PostgreSQL again when it ended. While children of a killed one linger it refuses, and is tried anew."""
        code = database.ended()
        if code is not None:
            self.log.event("postgres.ended", code=code)
            terminal.say(
                f"PostgreSQL ended ({how(code)}). It is being started again; nothing that was confirmed is lost."
            )
        if database.process is None and time.monotonic() >= database.due_at:
            database.start()
            self.log.event("postgres.started")

    def pause(self, seconds: float) -> None:
        """Wait for a signal, a role's word or the time to pass; raise StoppedError when told to stop."""
        self._wait(seconds)
        if self.signals:
            raise StoppedError

    def _wait(self, seconds: float) -> None:
        waiting = select.poll()
        waiting.register(self._wake, select.POLLIN)
        lines = {role.line.fileno(): role for role in self.roles if role.line is not None}
        for handle in lines:
            waiting.register(handle, select.POLLIN)
        for handle, _ in waiting.poll(seconds * 1000):
            if handle in lines:
                lines[handle].hear()
            else:
                os.read(handle, 512)

    def _stop(self) -> None:
        """Drain the roles, then shut PostgreSQL down, within STOP_S; at once when a second signal comes."""
        began, already = time.monotonic(), len(self.signals)
        if not any(role.running() for role in self.roles) and self.database is None:
            return
        terminal.say("Stopping: what is in flight finishes first. Ctrl-C again stops at once.")

        def hurried() -> bool:
            return len(self.signals) > max(1, already)

        self.filler.end()
        for role in self.roles:
            role.ask_to_end()
        while any(role.running() for role in self.roles) and time.monotonic() < began + DRAIN_S and not hurried():
            self._wait(0.05)
        for role in self.roles:
            role.end_group()
        if self.database is not None:
            self.database.stop(max(began + STOP_S, time.monotonic() + 1), hurried)
        self.log.event("down", seconds=round(time.monotonic() - began, 2))
        terminal.say("Stopped.")


def make_folders(data_dir: Path) -> None:
    """Make the data folder and its parts, all of mode 0700, whatever the mode of one that exists."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    data_dir.chmod(0o700)
    for name in FOLDERS:
        (data_dir / name).mkdir(mode=0o700, exist_ok=True)


def check_port(host: str, setting: str, port: int) -> None:
    """Raise CannotStartError when a port can't be listened on, before anything is started for nothing."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStartError(f"Port {port} is taken by another program. Set {setting} to a free one.") from None
        raise CannotStartError(f"Can't listen on {host}, port {port}: {error.strerror or error}.") from None


def how(code: int) -> str:
    """Say how a process ended: its exit code, or the signal that ended it."""
    return f"code {code}" if code >= 0 else signal.Signals(-code).name


def _listen(received: list[int]) -> int:
    """Collect the signals that stop us, and return a file that becomes readable when any signal comes."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    for order in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if order != signal.SIGHUP or signal.getsignal(order) != signal.SIG_IGN:  # nohup asks to outlive the terminal
            signal.signal(order, lambda number, _: received.append(number))
    return reading


if __name__ == "__main__":
    sys.exit(Supervisor(dict(os.environ)).run())
