"""What a check found, and where the checkout is when there is one."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's: what was looked at, what was seen, and the command that mends it when it is bad."""

    name: str
    said: str
    ok: bool
    mend: str = ""
    needed: bool = True


def checkout() -> Path | None:
    """Return the folder of the checkout this runs from; None for an installed package."""
    folder = Path(__file__).resolve().parents[3]
    return folder if (folder / "web" / "package.json").exists() else None
