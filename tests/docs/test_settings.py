import re
from pathlib import Path

from nonet.core.settings import Settings

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "settings.md"
ELSEWHERE = {"NONET_BROWSER", "NONET_TEST_SEED", "NONET_LIFELINE", "NONET_DEV_API"}


def _shown(default: object) -> str:
    if default is None or default == "":
        return "empty"
    return f"`./{default}`" if isinstance(default, Path) else f"`{default}`"


def test_every_setting_is_documented_with_its_default_and_what_it_does() -> None:
    rows = re.findall(r"^\| `(NONET_\w+)` \| (.+?) \| (.+?) \|$", PAGE.read_text(), re.MULTILINE)
    fields = Settings.model_fields
    wanted = [(f"NONET_{name.upper()}", _shown(field.default), field.description) for name, field in fields.items()]
    assert sorted(rows) == sorted(wanted)


def test_no_page_and_no_module_names_a_setting_that_does_not_exist() -> None:
    known = {f"NONET_{name.upper()}" for name in Settings.model_fields} | ELSEWHERE
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/nonet/**/*.py"), ROOT / "Makefile"]
    for page in pages:
        named = set(re.findall(r"\bNONET_[A-Z0-9]+(?:_[A-Z0-9]+)*\b", page.read_text()))
        assert named <= known, f"{page.relative_to(ROOT)} names {sorted(named - known)}"
