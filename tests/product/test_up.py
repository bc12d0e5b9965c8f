import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from running import Product, wait_for

pytestmark = pytest.mark.product


def test_ctrl_c_ends_everything_and_leaves_a_folder_of_ones_own(product: Product) -> None:
    product.start()
    assert product.ready()
    folders = [product.data_dir, *(path for path in product.data_dir.iterdir() if path.is_dir())]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}
    assert {stat.S_IMODE(key.stat().st_mode) for key in (product.data_dir / "keys").iterdir()} == {0o600}
    product.signal(signal.SIGINT)
    assert product.end() == 0
    assert product.processes() == {}


def test_a_killed_supervisor_blocks_no_next_start(product: Product) -> None:
    product.start()
    left_behind = {name: product.pid(name) for name in ("up", "api", "media", "worker", "postgres")}
    product.signal(signal.SIGKILL)
    product.end()
    product.start()
    assert product.ready()
    assert not set(left_behind.values()) & set(product.processes())
    product.signal(signal.SIGKILL)
    product.end()
    wait_for(lambda: not product.processes(), "everything to end by itself")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_a_killed_make_takes_everything_with_it(product: Product) -> None:
    make = subprocess.Popen(
        ["sh", "-c", '"$@" & wait', "make", sys.executable, "-m", "nonet", "up", "--follow-parent"],
        env=product.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(product.ready, "the first answer")
    make.kill()
    make.wait()
    wait_for(lambda: not product.processes(), "everything to end by itself")


def test_whatever_is_killed_comes_back(product: Product) -> None:
    product.start()
    for name in ("api", "media", "worker", "postgres"):
        before = product.pid(name)
        assert before, "a signal to process 0 would end the tests"
        os.kill(before, signal.SIGKILL)
        wait_for(lambda name=name, before=before: _pid(product, name) not in {0, before}, f"a new {name}")
        wait_for(product.ready, f"an answer after {name} was killed")
    assert product.stop() == 0


def _pid(product: Product, name: str) -> int:
    try:
        return product.pid(name)
    except (OSError, ValueError, IndexError):
        return 0


def test_a_second_up_on_the_same_folder_says_where_the_first_is(product: Product) -> None:
    product.start()
    second = product.command(NONET_PORT="1")
    said, _ = second.communicate()
    assert second.returncode == 1
    assert product.address in said
    assert product.ready()
    assert product.stop() == 0


def test_a_request_in_flight_is_answered_before_the_end(product: Product) -> None:
    product.start()
    with _half_a_request(product) as connection:
        product.signal(signal.SIGTERM)
        wait_for(lambda: not product.ready(), "readiness to go")
        connection.sendall(b"}")
        answer = connection.makefile("rb").readline()
    assert answer.startswith(b"HTTP/1.1 4")
    assert product.end() == 0
    assert product.processes() == {}


def test_a_second_signal_ends_at_once_and_loses_nothing(product: Product) -> None:
    product.start()
    with _half_a_request(product):
        product.signal(signal.SIGTERM)
        wait_for(lambda: not product.ready(), "readiness to go")
        product.signal(signal.SIGTERM)
        assert product.end() == 0
    assert product.processes() == {}
    product.start()
    assert product.stop() == 0


def _half_a_request(product: Product) -> socket.socket:
    """Open a sign-in whose body lacks its last byte."""
    connection = socket.create_connection(("localhost", product.port))
    head = f"POST /api/v1/session HTTP/1.1\r\nHost: localhost:{product.port}\r\nOrigin: {product.address}\r\n"
    connection.sendall(head.encode() + b'Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{"login":')
    return connection


def test_a_taken_port_is_named(product: Product) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", product.port))
        other.listen()
        refused = product.command()
        said, _ = refused.communicate()
    assert refused.returncode == 1
    assert f"Port {product.port} is taken by another program. Set NONET_PORT to a free one." in said


def test_plain_http_on_a_public_address_is_refused(product: Product) -> None:
    refused = product.command(NONET_PUBLIC_URL="http://videos.example")
    said, _ = refused.communicate()
    assert refused.returncode == 1
    assert "NONET_PUBLIC_URL is plain http on videos.example: use https" in said
    assert not product.data_dir.exists()


def test_a_data_folder_deep_down_is_no_trouble_for_the_socket(product: Product, tmp_path: Path) -> None:
    product.data_dir = tmp_path / ("deep" * 20) / ("down" * 20)
    product.start()
    assert product.ready()
    assert product.stop() == 0
