import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from nonet.core import initdb, postgres, postmaster


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> postgres.Cluster:
    """Make one cluster that the tests of this module copy."""
    return initdb.open_cluster(tmp_path_factory.mktemp("made"))


@pytest.fixture
def cluster(made: postgres.Cluster, tmp_path: Path) -> postgres.Cluster:
    subprocess.run(["cp", "-a", f"{made.data_dir}/.", tmp_path], check=True)
    return initdb.open_cluster(tmp_path)


@pytest.fixture
def server(cluster: postgres.Cluster) -> Iterator[postmaster.Server]:
    """Give a server that isn't started; it is stopped at the end."""
    held = postmaster.Server(cluster)
    yield held
    held.stop(time.monotonic() + 5)


async def _ask(url: str, question: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval(question))
    finally:
        await connection.close()


async def test_only_our_role_gets_in_and_only_by_its_password(server: postmaster.Server) -> None:
    server.start_and_wait(time.sleep)
    url = postgres.url(server.cluster.data_dir)
    assert await _ask(url, "SELECT current_user") == "nonet"
    assert await _ask(url, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "False"
    assert await _ask(url, "SELECT count(*) FROM pg_settings WHERE name = 'fsync' AND setting = 'on'") == "1"
    secret = postgres.password(server.cluster.data_dir)
    for wrong in (url.replace(secret, "guess"), url.replace("nonet:", "postgres:")):
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            await _ask(wrong, "SELECT 1")


async def test_a_lost_password_mends_itself(server: postmaster.Server) -> None:
    data_dir = server.cluster.data_dir
    (data_dir / "keys" / "postgres").unlink()
    initdb.open_cluster(data_dir)
    server.start_and_wait(time.sleep)
    assert await _ask(postgres.url(data_dir), "SELECT 1") == "1"


async def test_what_was_committed_survives_a_killed_server(server: postmaster.Server) -> None:
    server.start_and_wait(time.sleep)
    url = postgres.url(server.cluster.data_dir)
    await _ask(url, "CREATE TABLE kept (n int)")
    await _ask(url, "INSERT INTO kept VALUES (9)")
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    server.start_and_wait(time.sleep)
    assert await _ask(url, "SELECT n FROM kept") == "9"


def test_a_server_that_a_killed_parent_left_is_ended_and_no_other_program(server: postmaster.Server) -> None:
    server.start_and_wait(time.sleep)
    assert server.process is not None
    assert postmaster.leftover(server.cluster) == server.process.pid
    postmaster.stop_leftover(server.cluster)
    server.process.wait(10)
    assert postmaster.leftover(server.cluster) is None


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="needs /proc")
def test_a_number_that_another_program_has_by_now_blocks_nothing(server: postmaster.Server) -> None:
    who = {"user": server.cluster.uid, "group": server.cluster.gid} if server.cluster.uid is not None else {}
    with subprocess.Popen(["sleep", "60"], cwd="/", **who) as other:  # type: ignore[call-overload]
        pid_file = server.cluster.folder / "postmaster.pid"
        pid_file.write_text(f"{other.pid}\n{server.cluster.folder}\n1\n5432\n.\n\n  1  1\nready   \n")
        shutil.chown(pid_file, *(server.cluster.uid, server.cluster.gid)) if who else None
        assert postmaster.leftover(server.cluster) is None
        server.start_and_wait(time.sleep)
        assert other.poll() is None
        assert postmaster.ready(server.cluster)
        other.send_signal(signal.SIGTERM)


def test_half_a_cluster_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres.new" / "base").mkdir(parents=True)
    cluster = initdb.open_cluster(tmp_path)
    assert (cluster.folder / "PG_VERSION").exists()
    assert not (tmp_path / "postgres.new").exists()


def test_a_cluster_of_another_version_is_refused_and_left_alone(cluster: postgres.Cluster) -> None:
    (cluster.folder / "PG_VERSION").write_text("15\n")
    with pytest.raises(postgres.PostgresError, match="was made by PostgreSQL 15"):
        initdb.open_cluster(cluster.data_dir)


def test_an_operators_own_settings_are_kept_and_win(cluster: postgres.Cluster) -> None:
    own = cluster.folder / "operator.conf"
    own.write_text("work_mem = '9MB'\n")
    own.chmod(0o644)
    initdb.open_cluster(cluster.data_dir)
    asked = cluster.command("postgres", cluster.folder, "-C", "work_mem")
    said = subprocess.run(asked, capture_output=True, text=True, check=True, **cluster.process(cluster.folder))
    assert said.stdout.strip() == "9216"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_programs_that_the_other_user_cannot_walk_to_are_copied_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "COPIES", tmp_path / "copies")
    installed = postgres.find_bindir().parents[1]
    hidden = tmp_path / "hidden"
    hidden.mkdir(mode=0o700)
    for part in (installed, installed.with_name(installed.name + ".libs")):
        if part.is_dir():
            shutil.copytree(part, hidden / part.name, symlinks=True)
    cluster = postgres.run_by(tmp_path, hidden / installed.name / "pginstall" / "bin")
    assert cluster.bindir.is_relative_to(tmp_path / "copies")
    assert postgres.version(cluster.bindir) >= postgres.OLDEST


def test_a_socket_too_deep_for_the_system_is_reached_by_a_link_of_our_own(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 20) / "postgres"
    deep.mkdir(parents=True)
    link = postgres.socket_folder(deep.parent)
    assert len(bytes(link / postgres.SOCKET)) <= postgres.SOCKET_PATH_MOST
    assert link.resolve() == deep
    link.parent.chmod(0o755)
    with pytest.raises(postgres.PostgresError, match="is not ours alone"):
        postgres.socket_folder(deep.parent)
    shutil.rmtree(link.parent)
