"""A product for each test of this folder."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Product

from nonet.core import initdb, postgres, postmaster


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """Give a product that isn't started; whatever is left of it at the end is killed."""
    made = Product(tmp_path / "data")
    try:
        yield made
    finally:
        if made.up is not None and made.up.poll() is None:
            made.up.send_signal(signal.SIGKILL)
            made.end()
        for pid in made.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def own_database(tmp_path: Path) -> Iterator[str]:
    """Start a PostgreSQL with nothing in it, for roles that are started by themselves; gives its address."""
    folder = tmp_path / "database"
    folder.mkdir(mode=0o700)
    server = postmaster.Server(initdb.open_cluster(folder))
    try:
        server.start_and_wait(time.sleep)
        yield postgres.url(folder)
    finally:
        server.stop(time.monotonic() + 5)
