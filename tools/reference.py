"""Writes what is generated from the code: the OpenAPI description, the refusals and the preferences.

``python tools/reference.py`` writes them into docs/reference; with ``--check`` it only says what differs.
"""

import inspect
import json
import os
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "docs" / "reference"


def openapi() -> str:
    """Return the API's description, the web client's source."""
    from nonet import web  # noqa: PLC0415 - settings are read from the environment set in main

    return json.dumps(web.create_app().openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def refusals() -> str:
    """Return the table of every code the API and the media role refuse with."""
    from nonet.core import errors  # noqa: PLC0415 - as above
    from nonet.media.delivery import access, app  # noqa: F401, PLC0415 - whose refusals the API doesn't load

    lines = [
        "# Refusals",
        "",
        'Every refusal is `{"error": {code, sentence, details, request_id}}`. Codes are stable; sentences may improve.',
        "",
        "| code | status | when | sentence |",
        "|---|---|---|---|",
    ]
    for code, kind in sorted(errors.ALL.items()):
        when = (inspect.getdoc(kind) or "").splitlines()[0]
        lines.append(f"| `{code}` | {kind.status} | {when} | {kind.sentence} |")
    lines += ["", "Besides these: `server_fault` (500).", ""]
    return "\n".join(lines)


def preferences() -> str:
    """Return the table of what an operator changes while the product runs."""
    from nonet.core import prefs  # noqa: PLC0415 - as above

    lines = [
        "# Preferences",
        "",
        "Changed on the operator's page while the product runs; the machine's side is in [settings](settings.md).",
        "",
        "| name | default | takes | what it does |",
        "|---|---|---|---|",
    ]
    for name, pref in sorted(prefs.ALL.items()):
        default = json.dumps(pref.default) if pref.kind != "choice" else pref.default
        lines.append(f"| `{name}` | {default} | {pref.expected} | {pref.help} |")
    return "\n".join([*lines, ""])


def main() -> int:
    """Write the pages, or compare them with what stands."""
    for name in [n for n in os.environ if n.startswith("NONET_")]:
        del os.environ[name]
    os.environ["NONET_DATA_DIR"] = tempfile.mkdtemp()
    pages = {"openapi.json": openapi(), "refusals.md": refusals(), "preferences.md": preferences()}
    FOLDER.mkdir(parents=True, exist_ok=True)
    stale = [n for n, text in pages.items() if not (FOLDER / n).exists() or (FOLDER / n).read_text("utf-8") != text]
    if "--check" in sys.argv:
        for name in stale:
            print(f"docs/reference/{name} is not what the code says: run `make client`.")
        return 1 if stale else 0
    for name in stale:
        (FOLDER / name).write_text(pages[name], "utf-8")
        print(f"wrote docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
