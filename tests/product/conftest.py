"""A product for each test of this folder."""

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Product


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
