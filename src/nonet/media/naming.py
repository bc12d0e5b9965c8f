"""Names of finished files by their content: the same bytes have the same name, whenever a step writes them."""

import hashlib
from pathlib import Path


def by_content(path: Path, stem: str) -> Path:
    """Rename a finished file to ``<stem>-<12 hex of its SHA-256>`` and return where it stands."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:12]
    return path.rename(path.with_name(f"{stem}-{digest}{path.suffix}"))
