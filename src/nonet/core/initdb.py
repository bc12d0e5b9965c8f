"""Makes the embedded database's cluster and writes its configuration. Nothing it starts outlives the call."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from nonet.core import durable, postgres
from nonet.core.postgres import OLDEST, Cluster, PostgresError


def open_cluster(data_dir: Path, bindir_setting: str = "") -> Cluster:
    """Return the data folder's cluster, made when there is none, its configuration and password in place."""
    cluster = postgres.run_by(data_dir, postgres.find_bindir(bindir_setting))
    made_by = cluster.folder / "PG_VERSION"
    new = not made_by.exists()
    known = postgres.version(cluster.bindir)
    if not new and made_by.read_text().strip() != str(known):
        raise PostgresError(
            f"The database in {cluster.folder} was made by PostgreSQL {made_by.read_text().strip()}, "
            f"and this is {known}. Set NONET_PG_BINDIR to the programs of that version."
        )
    lost = not postgres.password_file(data_dir).exists()
    secret = postgres.password(data_dir)
    if new:
        _make(cluster, secret)
    elif lost:
        _sql(cluster, cluster.folder, f"ALTER ROLE nonet PASSWORD '{secret}'")
    _configure(cluster, cluster.folder, known)
    return cluster


def _make(cluster: Cluster, secret: str) -> None:
    """Make the cluster beside its place and move it there whole, so that a kill leaves nothing half made."""
    unfinished = cluster.data_dir / "postgres.new"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if cluster.uid is not None and cluster.gid is not None:
        os.chown(unfinished, cluster.uid, cluster.gid)
    known = postgres.version(cluster.bindir)
    locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if known > OLDEST else ["--locale=C"]
    options = ["--username=postgres", "--auth=reject", "--encoding=UTF8", "--data-checksums", "--no-instructions"]
    _run(cluster, cluster.command("initdb", unfinished, *options, *locale), unfinished)
    _configure(cluster, unfinished, known)
    _sql(cluster, unfinished, f"CREATE ROLE nonet LOGIN PASSWORD '{secret}'", "CREATE DATABASE nonet OWNER nonet")
    unfinished.rename(cluster.folder)
    durable.sync(cluster.data_dir)


def _sql(cluster: Cluster, folder: Path, *statements: str) -> None:
    """Run statements, none longer than a line, with no server: as the superuser, who cannot connect to one."""
    _run(cluster, [*cluster.command("postgres", folder, "--single"), "postgres"], folder, "\n".join((*statements, "")))


def _run(cluster: Cluster, command: list[str], folder: Path, text: str = "") -> None:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, **cluster.process(folder))
    said = done.stderr.strip()
    if done.returncode or re.search(r"^\S.*(ERROR|FATAL): ", said, re.MULTILINE):
        raise PostgresError(f"{Path(command[0]).name} failed: {said[-800:]}")


def _configure(cluster: Cluster, folder: Path, known: int) -> None:
    """Write our configuration; the operator's own file, read after it, stays as it is."""
    _write(cluster, folder / "pg_hba.conf", "# Written by Nonet.\nlocal nonet nonet scram-sha-256\n")
    ours = SETTINGS | ({"io_method": "sync"} if known >= 18 else {})  # noqa: PLR2004 - a version of PostgreSQL
    lines = [f"{name} = '{value}'" for name, value in ours.items()]
    _write(
        cluster,
        folder / "nonet.conf",
        "# Written by Nonet at every start; yours is operator.conf.\n" + "\n".join(lines),
    )
    if not (folder / "operator.conf").exists():
        _write(cluster, folder / "operator.conf", "# Yours: PostgreSQL's settings, read after Nonet's.\n")
    main = folder / "postgresql.conf"
    wanted = "include 'nonet.conf'\ninclude 'operator.conf'\n"
    if wanted not in main.read_text():
        _write(cluster, main, main.read_text() + "\n" + wanted)


SETTINGS: dict[str, str] = {
    "listen_addresses": "",
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "96MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "max_worker_processes": "4",
    "max_parallel_workers_per_gather": "0",
    "max_logical_replication_workers": "0",
    "autovacuum_max_workers": "2",
    "wal_compression": "on",
    "random_page_cost": "1.5",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # Errors of statements reach the caller. The log gets none: their details hold people's words and addresses.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
"""Small on purpose: the whole product idles in 400 MB. Durability is PostgreSQL's default, which is all of it."""


def _write(cluster: Cluster, path: Path, text: str) -> None:
    if path.exists() and path.read_text() == text:
        return
    durable.replace(path, text, owner=(cluster.uid, cluster.gid))
