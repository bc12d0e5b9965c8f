"""Viewers: a process that plays one rung of a playlist many times at once, at the speed of a clock, and reads it all.

``python -m bench.viewers URL COUNT SECONDS`` prints JSON. A viewer begins at a moment of its own within the first
segment's length, asks for each segment when the one before has played, and is late when one comes later than that.
"""

import asyncio
import http.client
import json
import re
import socket
import sys
import time
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

_MASTER = re.compile(r"#EXT-X-STREAM-INF:[^\n]*?BANDWIDTH=(\d+)[^\n]*\n(\S+)")
_SEGMENT = re.compile(r"#EXTINF:([\d.]+),[^\n]*\n#EXT-X-BYTERANGE:(\d+)(?:@(\d+))?\n(\S+)")


@dataclass(frozen=True)
class Segment:
    """A piece of a rung's file."""

    url: str
    start: int
    size: int
    seconds: float


def rung(master_url: str) -> list[Segment]:
    """Return the segments of a master playlist's largest rung."""
    found = [(int(b), uri) for b, uri in _MASTER.findall(fetch(master_url).decode())]
    url = urljoin(master_url, max(found)[1])
    segments: list[Segment] = []
    for seconds, size, start, uri in _SEGMENT.findall(fetch(url).decode()):
        at = int(start) if start else segments[-1].start + segments[-1].size
        segments.append(Segment(urljoin(url, uri), at, int(size), float(seconds)))
    return segments


def fetch(url: str) -> bytes:
    """Read a whole file over http."""
    place = urlsplit(url)
    line = http.client.HTTPConnection(place.netloc, timeout=60)
    try:
        line.request("GET", place.path)
        answer = line.getresponse()
        if answer.status != http.HTTPStatus.OK:
            sys.exit(f"{url}: {answer.status}")
        return answer.read()
    finally:
        line.close()


class Viewer(asyncio.BufferedProtocol):
    """One player: a kept connection and a clock."""

    def __init__(self, segments: list[Segment]) -> None:
        self.segments = segments
        self.loop = asyncio.get_running_loop()
        self.buffer = memoryview(bytearray(256 << 10))
        self.read_bytes = self.due = self.asked = self.late = 0
        self.head = b""
        self.done: asyncio.Future[None] = self.loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self.transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's signature
        """Lend the buffer."""
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Count what came; the head of an answer is taken off first."""
        if self.due == 0:
            self.head += bytes(self.buffer[:nbytes])
            head, end, rest = self.head.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 206 " not in head.split(b"\r\n", 1)[0]:
                sys.exit(head.decode(errors="replace"))
            self.due = self.segments[self.asked % len(self.segments)].size - len(rest)
            self.read_bytes += len(rest)
            self.head = b""
        else:
            self.due -= nbytes
            self.read_bytes += nbytes
        if self.due == 0:
            self.done.set_result(None)

    async def watch(self, until: float) -> None:
        """Play until a moment of the loop's clock."""
        playhead = self.loop.time()
        while playhead < until:
            segment = self.segments[self.asked % len(self.segments)]
            url = urlsplit(segment.url)
            wanted = f"bytes={segment.start}-{segment.start + segment.size - 1}"
            self.done = self.loop.create_future()
            self.transport.write(  # type: ignore[attr-defined] - a TCP transport
                f"GET {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nRange: {wanted}\r\n\r\n".encode()
            )
            await self.done
            playhead += segment.seconds
            self.asked += 1
            self.late += self.loop.time() > playhead
            await asyncio.sleep(playhead - self.loop.time())


async def watch(url: str, count: int, seconds: float) -> dict[str, float]:
    """Let viewers play the largest rung; return what they read and how many segments came late."""
    segments = rung(url)
    loop = asyncio.get_running_loop()
    place = urlsplit(segments[0].url)
    viewers = []
    for _ in range(count):
        line = socket.create_connection((place.hostname or "", place.port or 80))
        _, viewer = await loop.create_connection(lambda: Viewer(segments), sock=line)
        viewers.append(viewer)
    began, used = time.monotonic(), time.process_time()
    until = loop.time() + seconds

    async def play(number: int, viewer: Viewer) -> None:
        await asyncio.sleep(segments[0].seconds * number / count)
        await viewer.watch(until)

    print("playing", flush=True)
    await asyncio.gather(*[play(number, viewer) for number, viewer in enumerate(viewers)])
    return {
        "mb_s": sum(v.read_bytes for v in viewers) / 1e6 / (time.monotonic() - began),
        "segments": sum(v.asked for v in viewers),
        "late": sum(v.late for v in viewers),
        "segment_mb": sum(s.size for s in segments) / 1e6 / len(segments),
        "cpu_s": time.process_time() - used,
    }


def main() -> None:
    """Run as a process of its own."""
    url, count, seconds = sys.argv[1:]
    run = asyncio.run
    try:
        import uvloop  # noqa: PLC0415 - not there on every platform

        run = uvloop.run
    except ImportError:
        pass
    print(json.dumps(run(watch(url, int(count), float(seconds)))))


if __name__ == "__main__":
    main()
