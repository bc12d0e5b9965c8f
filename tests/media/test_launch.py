"""What a child of the pipeline is before it becomes ffmpeg."""

import asyncio
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


async def test_a_child_that_wants_more_memory_than_it_may_have_ends_alone() -> None:
    copy = ("/bin/dd", "if=/dev/zero", "of=/dev/null", "count=1")
    allowed, reads = child.Limits(memory_mb=256), [Path("/dev/zero")]
    await child.run((*copy, "bs=1M"), limits=allowed, reads=reads)
    with pytest.raises(child.ToolError, match="memory exhausted"):
        await child.run((*copy, "bs=512M"), limits=allowed, reads=reads)


@pytest.mark.skipif(not Path("/proc/self/oom_score_adj").exists(), reason="this kernel doesn't rank who is killed")
async def test_a_child_is_killed_before_us_when_memory_runs_out() -> None:
    ours = await asyncio.to_thread(Path("/proc/self/oom_score_adj").read_text)
    done = await child.run(("/bin/cat", "/proc/self/oom_score_adj"), limits=child.Limits(), reads=[Path("/proc")])
    assert int(done.stdout) > int(ours)
