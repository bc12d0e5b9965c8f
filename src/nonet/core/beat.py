"""The sign of life of a role that doesn't listen: a file of the data folder, touched when it reached the database.

By the machine's own time: whoever looks at it asks the machine too, and no virtual clock.
"""

from nonet.core.settings import Settings

NAME = "worker.beat"


def now(conf: Settings) -> None:
    """Note that the role is alive."""
    (conf.folder("run") / NAME).touch(mode=0o600)


def last(conf: Settings) -> float:
    """Return when that was noted last, in seconds since 1970; 0 when it never was."""
    try:
        return (conf.data_dir / "run" / NAME).stat().st_mtime
    except FileNotFoundError:
        return 0.0
