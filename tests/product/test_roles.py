"""Roles by themselves: what they refuse before they start, how they are asked how they are, how they end."""

import asyncio
import os
import signal
import time
from pathlib import Path

import asyncpg
import pytest
from apart import Machine, ended, status
from running import Product, wait_for

from nonet import health, schema
from nonet.core import beat, settings
from ports import free_ports

pytestmark = pytest.mark.product


@pytest.fixture
def machine(tmp_path: Path, own_database: str) -> Machine:
    api, media = free_ports(2)
    told = {
        "NONET_DATABASE_URL": own_database,
        "NONET_PORT": str(api),
        "NONET_MEDIA_PORT": str(media),
        "NONET_STORAGE_URL": (tmp_path / "objects").as_uri(),
        "NONET_LOG_TO": "terminal",
    }
    return Machine(tmp_path / "machine", tmp_path / "shared", told)


def execute(url: str, sql: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(sql)
        await connection.close()

    asyncio.run(run())


def refusal(machine: Machine) -> str:
    done = machine.run("role", "worker")
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr


def test_a_role_refuses_a_database_that_is_empty_older_newer_or_half_restored(
    machine: Machine, own_database: str
) -> None:
    known = schema.revisions()
    assert refusal(machine) == f"This database is empty; this Nonet needs {known[-1]}. Run once: nonet migrate\n"
    schema.migrate(own_database, to=known[-2])
    assert f"This database is at {known[-2]}; this Nonet needs {known[-1]}." in refusal(machine)
    assert machine.run("migrate").returncode == 0
    execute(own_database, "CREATE TABLE restore_unfinished (id int)")
    assert "A restore into this database was not finished" in refusal(machine)
    execute(own_database, "DROP TABLE restore_unfinished; UPDATE alembic_version SET version_num = '9999'")
    assert refusal(machine) == "This database is at 9999, made by a newer Nonet. Start that version instead.\n"
    assert machine.run("migrate").stderr == refusal(machine)


def test_roles_by_themselves_are_well_until_they_are_told_to_end(machine: Machine) -> None:
    migrated = machine.run("migrate")
    assert migrated.stdout.startswith("The database is up to date.\n\nNobody runs this server yet."), migrated.stderr
    assert "Nobody runs this server yet." in machine.run("migrate").stdout
    nobody = machine.run("health")
    assert (nobody.returncode, nobody.stdout) == (1, "No role runs on this data folder.\n")
    with ended(machine):
        for role in ("api", "media", "worker"):
            machine.start(role)
        wait_for(machine.well, "three roles")
        assert status(f"http://localhost:{machine.told['NONET_PORT']}/") == 200
        again = machine.run("role", "api")
        assert again.stderr.startswith(f"The api role already runs on {machine.folder}.")
        os.kill(machine.roles["api"].pid, signal.SIGSTOP)
        wrong = machine.run("health")
        assert (wrong.returncode, "api: does not answer: timed out" in wrong.stdout) == (1, True)
        os.kill(machine.roles["api"].pid, signal.SIGCONT)
        machine.stop()
    assert not (machine.folder / "logs").exists()


def test_a_worker_is_well_while_it_reaches_the_database(machine: Machine) -> None:
    assert machine.run("migrate").returncode == 0
    conf = settings.Settings(data_dir=machine.folder)
    with ended(machine):
        machine.start("worker")
        wait_for(machine.well, "the worker")
        silent = time.time() - 100
        machine.roles["worker"].send_signal(signal.SIGSTOP)
        os.utime(machine.folder / "run" / beat.NAME, (silent, silent))
        assert health.look(conf)["worker"].startswith("has not reached the database for 1")
        machine.roles["worker"].send_signal(signal.SIGCONT)
        machine.stop()
    assert health.look(conf) == {}


def test_a_role_by_itself_keeps_off_the_folder_of_a_product_that_runs(product: Product, machine: Machine) -> None:
    product.start()
    beside = Machine(machine.folder.parent / "beside", machine.folder.parent, machine.told)
    beside.told["NONET_DATA_DIR"] = str(product.data_dir)
    assert f"`nonet up` runs on {product.data_dir} with every role." in refusal(beside)
    told = beside.told | {"NONET_PORT": str(product.port), "NONET_MEDIA_PORT": str(product.port + 1)}
    beside.told = told
    assert beside.run("health").stdout == "api: well\nmedia: well\nworker: well\n"
    assert product.stop() == 0
