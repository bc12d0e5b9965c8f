"""Children of the pipeline: what they write is read whole, and nothing of ours is closed in their place."""

import asyncio
import errno
import os
import threading

import pytest
import uvloop

from nonet.media import child

pytestmark = pytest.mark.media

CHILDREN = 60


SAY = ("/bin/sh", "-c", "echo heard; echo seen >&2")


def test_no_file_of_another_thread_is_closed_when_a_child_has_ended() -> None:
    twice: list[int] = []

    async def many() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: twice.append(context["message"]))
        for _ in range(CHILDREN):
            done = await child.run(SAY, limits=child.Limits())
            assert (done.stdout, done.stderr) == (b"heard\n", "seen\n")

    over, lost = threading.Event(), []

    def others() -> None:
        while not over.is_set():
            handles = [os.open("/dev/null", os.O_RDONLY) for _ in range(20)]
            for handle in handles:
                try:
                    os.close(handle)
                except OSError as error:
                    lost.append(error.errno)

    threads = [threading.Thread(target=others) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        uvloop.run(many())
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert lost.count(errno.EBADF) == 0
    assert not twice
