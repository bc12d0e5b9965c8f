"""House rules that no linter knows, each with what to do instead. The exemptions only shrink."""

import ast
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src" / "nonet").rglob("*.py"))
CODE = [p for p in SOURCES if "versions" not in p.parts]
LINES_MOST = 300
FUNCTION_MOST = 45
FORBIDDEN_NAMES = re.compile(r"(Manager|Helper|Util|Utils|Impl)$")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_a_file_that_passes_300_lines_is_split_by_noun() -> None:
    long = [p.relative_to(ROOT) for p in CODE if len(p.read_text("utf-8").splitlines()) > LINES_MOST]
    assert long == []


def test_a_function_that_passes_45_lines_is_split() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_MOST
    ]
    assert long == []


def test_classes_are_named_by_what_they_are() -> None:
    bad = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in CODE
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and FORBIDDEN_NAMES.search(node.name)
    ]
    assert bad == []


def test_the_time_of_day_is_asked_of_the_clock_port_alone() -> None:
    asks = re.compile(r"datetime\.(now|utcnow|today)\(|date\.today\(")
    bad = [p.relative_to(ROOT) for p in CODE if p.name != "clock.py" and asks.search(p.read_text("utf-8"))]
    assert [str(p) for p in bad] == []


def test_no_unfinished_work_is_committed() -> None:
    marks = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error"]))
    bad = [
        str(p.relative_to(ROOT))
        for p in tracked()
        if p.suffix in {".py", ".ts", ".svelte", ".css"} and marks.search(p.read_text("utf-8"))
    ]
    assert bad == []


def test_no_registry_address_is_committed() -> None:
    hosts = re.compile("|".join(["pypi" + r"\.org", "python" + r"hosted\.org", "registry" + r"\.npmjs\.org"]))
    kinds = {".lock", ".json", ".toml", ".txt", ".cfg", ".npmrc", ".sh", ".py", ""}
    bad = [
        str(p.relative_to(ROOT))
        for p in tracked()
        if p.suffix in kinds and hosts.search(p.read_text("utf-8", errors="ignore"))
    ]
    assert bad == []
