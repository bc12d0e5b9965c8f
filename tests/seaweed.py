"""A real S3 server for the tests that need one: SeaweedFS from the development lock, one a test process."""

import atexit
import ctypes
import functools
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import obstore
from obstore.store import S3Store

from nonet.core import settings
from ports import free_ports

ACCESS_KEY = "AKNONETTEST"
SECRET_KEY = "a-secret-of-the-tests"
BUCKET = "nonet-test"
START_S = 60
SERVICES = ("master", "volume", "filer", "s3")


@dataclass(frozen=True)
class Server:
    """Where the server listens; ``settings_for`` gives what makes the product use it."""

    endpoint: str

    def settings_for(self, data_dir: Path, prefix: str) -> settings.Settings:
        return settings.Settings(
            data_dir=data_dir,
            storage_url=f"s3://{BUCKET}/{prefix}",
            s3_endpoint=self.endpoint,
            s3_access_key=ACCESS_KEY,
            s3_secret_key=SECRET_KEY,
        )


@functools.cache
def server() -> Server:
    """Start the server on first use; it ends with this process."""
    folder = Path(tempfile.mkdtemp(prefix="nonet-s3-"))
    ports = free_ports(2 * len(SERVICES))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(_command(folder, ports), stdout=log, stderr=log, preexec_fn=_die_with_us)  # noqa: PLW1509

    def stop() -> None:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    started = Server(f"http://127.0.0.1:{ports[SERVICES.index('s3')]}")
    _wait(started, process, folder / "log")
    return started


def _command(folder: Path, ports: list[int]) -> list[str]:
    identity = {
        "name": "nonet",
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin", "Read", "List", "Tagging", "Write"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    (folder / "data").mkdir()
    listening = [f"-{name}.port={port}" for name, port in zip(SERVICES, ports, strict=False)]
    listening += [f"-{name}.port.grpc={port}" for name, port in zip(SERVICES, ports[len(SERVICES) :], strict=True)]
    return [
        str(Path(sys.executable).with_name("weed")),
        "-logtostderr=true",
        "server",
        f"-dir={folder / 'data'}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-master.telemetry=false",
        "-master.volumeSizeLimitMB=64",
        "-volume.max=20",
        "-filer",
        f"-filer.localSocket={folder / 'filer.sock'}",
        "-s3",
        f"-s3.config={folder / 's3.json'}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        *listening,
    ]


def _die_with_us() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _wait(started: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until an object can be written; the bucket is made by that."""
    store = S3Store(
        BUCKET,
        config={
            "endpoint": started.endpoint,
            "region": "us-east-1",
            "access_key_id": ACCESS_KEY,
            "secret_access_key": SECRET_KEY,
        },
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )
    deadline = time.monotonic() + START_S
    while True:
        try:
            obstore.put(store, "ready", b"yes")
        except obstore.exceptions.BaseError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"SeaweedFS did not start:\n{log.read_text()[-3000:]}") from None
            time.sleep(0.1)
        else:
            return
