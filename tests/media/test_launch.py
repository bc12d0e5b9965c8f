"""What a child of the pipeline is before it becomes ffmpeg."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nonet.media import child

pytestmark = pytest.mark.media


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="this kernel shares cores without sessions")
def test_the_session_of_an_encoder_weighs_as_little_as_the_encoder() -> None:
    said = ("memory=1000000000", "cpu=10", "file=0", "idle=1", "read=/proc", f"parent={os.getpid()}")
    command = [sys.executable, "-I", "-S", str(child.LAUNCH), *said, "--", "/bin/cat", "/proc/self/autogroup"]
    answer = subprocess.run(command, start_new_session=True, capture_output=True, text=True, check=True)
    assert answer.stdout.endswith("nice 19\n")
