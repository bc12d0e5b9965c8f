"""A whole server in one file: its rows, keys and objects, written while it runs, and read back into an empty one.

``tar`` knows the file, ``manifest`` what it says of itself, ``rows`` the database; ``making``, ``restoring`` and
``upgrade`` are what is done with them. None of them knows what a row or an object means.
"""

FORMAT = 1
"""What ``manifest.json`` and the members mean; a reader refuses a greater one."""


class BackupError(Exception):
    """A backup can't be made or restored; the text is a sentence for the terminal."""


class NoRoomError(BackupError):
    """The disk is too full; nothing was left on it."""


class ArchiveError(BackupError):
    """The file is no backup, is damaged, or was made by a newer version."""


class NotEmptyError(BackupError):
    """The instance has something already that a restore would mix with."""


def size(count: int) -> str:
    """Say so many bytes for people: ``12.3 GB``."""
    shown = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if shown < 1000:  # noqa: PLR2004 - kilo
            return f"{shown:.0f} {unit}" if unit == "bytes" else f"{shown:.1f} {unit}"
        shown /= 1000
    return f"{shown:.1f} TB"
