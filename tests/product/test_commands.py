import json
import subprocess
import sys
import urllib.request

import pytest
from running import Product

pytestmark = pytest.mark.product

PASSWORD = "fish on a bicycle"


def _nonet(product: Product, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nonet", *arguments]
    return subprocess.run(
        command, env=product.environment(**environment), capture_output=True, text=True, check=False, timeout=60
    )


def _create(product: Product, handle: str, *more: str) -> subprocess.CompletedProcess[str]:
    asked = ("--email", f"{handle}@example.org", "--born", "1990-12-31", "--password", PASSWORD)
    return _nonet(product, "user", "create", handle, *asked, *more)


def _signs_in(product: Product, handle: str) -> dict[str, str]:
    body = json.dumps({"login": handle, "password": PASSWORD}).encode()
    headers = {"Content-Type": "application/json", "Origin": product.address}
    request = urllib.request.Request(f"{product.address}/api/v1/session", body, headers)  # noqa: S310 - http
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - http
        me: dict[str, str] = json.load(answer)
        return me


def test_accounts_are_made_and_promoted_whether_or_not_nonet_runs(product: Product) -> None:
    assert _create(product, "juno").stdout == "@juno can sign in now.\n"
    again = _create(product, "juno")
    assert again.returncode == 1
    assert again.stderr.startswith("This address belongs to another account here.")
    product.start()
    promoted = _nonet(product, "user", "promote", "juno@example.org")
    assert promoted.stdout == "@juno is operator now.\n", promoted.stderr
    assert _signs_in(product, "juno")["role"] == "operator"
    link = _nonet(product, "user", "reset", "juno")
    assert f"{product.address}/" in link.stdout, link.stderr
    nobody = _nonet(product, "user", "reset", "nobody")
    assert (nobody.returncode, nobody.stderr) == (1, "There is no account nobody.\n")
    listed = _nonet(product, "jobs", "list")
    assert " failed" in listed.stdout.splitlines()[0], listed.stderr
    missing = _nonet(product, "jobs", "retry", "5")
    assert (missing.returncode, missing.stderr) == (1, "There is no failed or waiting job 5.\n")
    assert product.stop() == 0


def test_the_doctor_finds_a_healthy_machine_healthy(product: Product) -> None:
    visit = _nonet(product, "doctor", "--json")
    told = json.loads(visit.stdout)
    assert told["ok"], [finding for finding in told["findings"] if not finding["ok"]]
    assert visit.returncode == 0


def test_the_doctor_names_what_is_wrong_and_what_mends_it(product: Product) -> None:
    product.data_dir.mkdir(mode=0o755)
    product.data_dir.chmod(0o755)
    wrong = {"NONET_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none", "NONET_FFMPEG": "/bin/true"}
    visit = _nonet(product, "doctor", **wrong)
    assert visit.returncode == 1
    lines = visit.stdout.splitlines()
    for name, mend in (
        ("note  Data folder", f"chmod 700 {product.data_dir}"),
        ("BAD   Database", "check NONET_DATABASE_URL"),
        ("BAD   ffmpeg", "leave NONET_FFMPEG unset"),
    ):
        found = next(number for number, line in enumerate(lines) if line.startswith(name))
        assert mend in lines[found + 1]


def test_a_role_by_itself_says_what_it_needs(product: Product) -> None:
    unknown = _nonet(product, "role", "painter")
    assert unknown.stderr == "There is no role painter. The roles are: api, media, worker.\n"
    for alone in (_nonet(product, "role", "worker"), _nonet(product, "migrate")):
        assert "needs NONET_DATABASE_URL" in alone.stderr
        assert alone.returncode == unknown.returncode == 1


def test_a_wrong_setting_is_named_without_a_traceback(product: Product) -> None:
    refused = _nonet(product, "up", NONET_LOG_LEVEL="loud")
    assert refused.returncode == 1
    assert refused.stderr.startswith("NONET_LOG_LEVEL: ")
    assert "Traceback" not in refused.stderr
