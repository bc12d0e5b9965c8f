"""The files that put Nonet on servers: what they say is so, and their steps are taken here without their engines."""

import configparser
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from apart import Machine, ended, status
from corpus import clip
from packaging.requirements import Requirement
from person import Person
from running import Product, wait_for

import seaweed
from nonet import role
from nonet.core.settings import Settings
from ports import free_ports

pytestmark = pytest.mark.product

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
EXAMPLE = (ROOT / "deploy" / "env.example").read_text()


def ours(*paths: str) -> list[str]:
    """Return the files of the checkout that git doesn't ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *paths]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as ``make wheel`` does, in a folder with our sources and the web app of ``make web``."""
    assert (ROOT / "src/nonet/site/index.html").exists(), "Run: make web"
    folder = tmp_path_factory.mktemp("checkout")
    for name in ours("src", "pyproject.toml", "README.md", "LICENSE", "NOTICE", ".gitignore"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    shutil.copytree(ROOT / "src/nonet/site", folder / "src/nonet/site")
    (command,) = re.findall(r"^\t@\$\(PY\) (-m hatchling .*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    subprocess.run([sys.executable, *command.split()], cwd=folder, check=True, capture_output=True)
    (made,) = (folder / "dist").glob("nonet-*.whl")
    return made


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Install the wheel into an empty environment, which borrows what it depends on from the one of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    pip = [str(Path(sysconfig.get_path("scripts")) / "uv"), "pip", "install", "--offline", "--no-deps"]
    subprocess.run([*pip, "--python", folder / "bin/python", wheel], check=True, capture_output=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    asked = [folder / "bin/python", "-c", "import nonet; print(nonet.__file__)"]
    said = subprocess.run(asked, check=True, capture_output=True, text=True, cwd=folder).stdout
    assert Path(said.strip()).is_relative_to(folder), said
    return str(folder / "bin/nonet")


def test_the_wheel_carries_the_package_with_the_built_web_app_and_nothing_else(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if not name.startswith("nonet-")}
    site = {f"nonet/{p.relative_to(ROOT / 'src/nonet')}" for p in (ROOT / "src/nonet/site").rglob("*") if p.is_file()}
    assert held == {name.removeprefix("src/") for name in ours("src/nonet")} | site
    assert {"nonet/site/index.html", "nonet/site/pages.json", "nonet/site/service-worker.js"} <= held


def test_every_dependency_of_the_wheel_is_locked(wheel: Path) -> None:
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    (name,) = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".dist-info/METADATA")]
    meta = Parser().parsestr(zipfile.ZipFile(wheel).read(name).decode())
    needed = [Requirement(line) for line in meta.get_all("Requires-Dist") or [] if "extra ==" not in line]
    assert len(needed) > 15
    for each in needed:
        assert each.specifier.contains(locked[each.name.lower()]), each


def test_up_from_the_wheel_serves_the_web_app_without_node(product: Product, program: str) -> None:
    product.program = (program,)
    product.start(PATH=str(Path(program).parent))
    page = httpx.get(product.address)
    assert page.status_code == 200
    script = re.search(r'href="[./]*(_app/immutable/entry/[^"]+\.js)"', page.text)
    assert script, page.text
    assert status(f"{product.address}/{script[1]}") == 200
    assert product.stop() == 0


def test_the_image_is_made_by_our_own_commands_and_runs_as_nobody_special() -> None:
    build, image = re.split(r"^FROM .*\n", DOCKERFILE, flags=re.MULTILINE)[1:]
    steps = re.findall(r"^([A-Z]+) (.+?)(?<!\\)$", image.replace("\\\n", " "), re.MULTILINE)
    said = {word: rest for word, rest in steps if word != "RUN"}
    assert "RUN make wheel\n" in build
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["build"]
    (removed,) = re.findall(r"pip uninstall --yes (.+)", build)
    assert set(removed.split()) == {Requirement(each).name for each in extra}
    assert said["USER"] == "nonet"
    assert [word for word, _ in steps].index("USER") < [word for word, _ in steps].index("ENTRYPOINT")
    assert said["ENTRYPOINT"] == '["nonet"]'
    assert said["HEALTHCHECK"].endswith('CMD ["nonet", "health"]')
    assert said["COPY"] == "--from=build /opt/nonet /opt/nonet"
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".env", "data", "src/nonet/site"} <= set(ignored)
    assert not [name for name in ours() if name.split("/")[0] in ignored]


def test_every_role_is_a_service_that_has_the_keys_and_starts_after_the_database() -> None:
    roles = {name: each for name, each in SERVICES.items() if each.get("command", [])[:1] == ["role"]}
    assert {each["command"][1] for each in roles.values()} == set(role.ROLES)
    for each in roles.values():
        assert {"keys:/data/keys", "spool:/data/spool"} <= set(each["volumes"])
        assert each["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    ports = [port for each in SERVICES.values() for port in each.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert {port.rsplit(":", 1)[1] for port in ports} == {"8080", "8081"}


def test_no_file_for_servers_names_a_setting_that_does_not_exist() -> None:
    known = {f"NONET_{name.upper()}" for name in Settings.model_fields}
    for path in (ROOT / "compose.yaml", ROOT / "Dockerfile", ROOT / "deploy/env.example", *UNITS):
        named = set(re.findall(r"\bNONET_[A-Z0-9_]+", path.read_text()))
        assert named <= known, f"{path.name} names {sorted(named - known)}"


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_command_of_ours_as_nobody_special(path: Path, tmp_path: Path) -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(path.read_text())
    service = unit["Service"]
    assert re.fullmatch(r"/opt/nonet/bin/nonet (up|migrate|role %i)", service["ExecStart"])
    assert (service["User"], service["NoNewPrivileges"], service["ProtectSystem"]) == ("nonet", "yes", "strict")
    assert service["EnvironmentFile"] == "/etc/nonet/nonet.env"
    if verify := shutil.which("systemd-analyze"):
        for each in UNITS:
            copy = tmp_path / each.name.replace("@", "@api")
            copy.write_text(each.read_text().replace("/opt/nonet/bin/nonet", "/bin/true"))
        named = tmp_path / path.name.replace("@", "@api")
        done = subprocess.run([verify, "verify", "--man=no", named], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def container(service: str, given: dict[str, str]) -> dict[str, str]:
    """Return the environment of a service: of the image, of .env, of compose.yaml, the later before the earlier."""
    lines = re.findall(r"^(?:ENV|   ) (NONET_\w+)=(\S+)", DOCKERFILE, re.MULTILINE)
    own = {name: interpolated(text, given) for name, text in SERVICES[service]["environment"].items()}
    return dict(lines) | given | own


def interpolated(text: str, given: dict[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        assert given.get(name) or kind == ":-", f"{name}: {rest}"
        return given.get(name) or rest

    return re.sub(r"\$\{(\w+)(:-|:\?)([^}]*)\}", value, text)


@pytest.mark.s3
def test_the_steps_of_compose_start_every_role_and_a_video_goes_from_upload_to_playing(
    tmp_path: Path, own_database: str, program: str
) -> None:
    api, media = free_ports(2)
    given = dict(re.findall(r"^#?([A-Z0-9_]+)=(.*)$", EXAMPLE, re.MULTILINE)) | {
        "NONET_PUBLIC_URL": f"http://localhost:{api}",
        "NONET_MEDIA_URL": f"http://localhost:{media}",
        "POSTGRES_PASSWORD": "secret",
        "NONET_STORAGE_URL": f"s3://{seaweed.BUCKET}/compose",
        "NONET_S3_ENDPOINT": seaweed.server().endpoint,
        "NONET_S3_ACCESS_KEY": seaweed.ACCESS_KEY,
        "NONET_S3_SECRET_KEY": seaweed.SECRET_KEY,
        "NONET_SMTP_URL": "",
    }
    # What an engine maps: the name of the database's machine, the addresses, the ports.
    mapped = {"NONET_HOST": "127.0.0.1", "NONET_PORT": str(api), "NONET_MEDIA_PORT": str(media)}
    mapped |= {"NONET_DATABASE_URL": own_database, "PATH": str(Path(program).parent)}
    machines = {}
    for name in ("migrate", "api", "media", "worker"):
        told = container(name, given)
        assert (told["NONET_DATABASE_URL"], told["NONET_LOG_TO"], told["NONET_DATA_DIR"]) == (
            "postgresql://nonet:secret@postgres/nonet",
            "terminal",
            "/data",
        )
        machines[name] = Machine(tmp_path / name, tmp_path / "volumes", told | mapped, (program,))
    migrated = machines.pop("migrate").run(*SERVICES["migrate"]["command"])
    assert migrated.returncode == 0, migrated.stderr
    with ended(*machines.values()):
        for name, machine in machines.items():
            machine.start(SERVICES[name]["command"][1])
        wait_for(lambda: all(machine.well() for machine in machines.values()), "every role")
        _upload_and_play(given["NONET_PUBLIC_URL"], given["NONET_MEDIA_URL"])
        for machine in machines.values():
            machine.stop()


def _upload_and_play(address: str, media_address: str) -> None:
    person = Person(address, handle="boxed")
    person.sign_up()
    video = person.wait(person.upload(clip().read_bytes(), caption="In a box"), "complete", "failed")
    assert video["upload"]["state"] == "complete", video["upload"]
    assert video["card"]["mp4_url"].startswith(f"{media_address}/m/")
    assert httpx.get(video["card"]["mp4_url"]).status_code == 200
    person.http.close()
