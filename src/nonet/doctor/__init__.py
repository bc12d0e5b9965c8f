"""``nonet doctor``: what is missing, wrong or old on this machine, each with the one command that mends it.

It changes nothing and needs nothing of ours to run. A check that crashes is itself a finding, not the end of the visit.
"""

import dataclasses
import json
from collections.abc import Callable, Iterable

from nonet.core.settings import Settings
from nonet.doctor import database, files, machine, programs
from nonet.doctor.finding import Finding

CHECKS: tuple[Callable[[Settings], Iterable[Finding]], ...] = (
    machine.python,
    machine.packages,
    machine.clock,
    files.data_folder,
    files.disk,
    files.storage,
    machine.ports,
    programs.media,
    database.postgres,
    programs.web_app,
    programs.browser,
)


def examine(conf: Settings) -> list[Finding]:
    """Run every check, one after the other."""
    found: list[Finding] = []
    for check in CHECKS:
        try:
            found += check(conf)
        except Exception as error:  # noqa: BLE001 - what a broken machine does to a check is what we came to learn
            name = check.__name__.replace("_", " ").capitalize()
            found.append(Finding(name, f"the check itself failed: {type(error).__name__}: {error}", ok=False))
    return found


def as_text(found: list[Finding]) -> str:
    """Write a line for each finding, and below a bad one what mends it."""
    lines = []
    for each in found:
        mark = "ok  " if each.ok else "BAD " if each.needed else "note"
        lines.append(f"{mark}  {each.name}: {each.said}")
        if not each.ok and each.mend:
            lines.append(f"      → {each.mend}")
    bad = sum(1 for each in found if not each.ok and each.needed)
    lines += ["", f"{bad} of {len(found)} need mending before Nonet can run." if bad else "Nonet can run here."]
    return "\n".join(lines)


def as_json(found: list[Finding]) -> str:
    """Write the findings for another program."""
    return json.dumps({"ok": healthy(found), "findings": [dataclasses.asdict(each) for each in found]}, indent=1)


def healthy(found: list[Finding]) -> bool:
    """Tell whether nothing that is needed is bad."""
    return all(each.ok or not each.needed for each in found)
