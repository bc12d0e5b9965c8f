"""What ``nonet up`` shows a person and writes to its own log. Standard library alone: it lives in the supervisor."""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from nonet.core import clock

LOG_MOST = 10 * 1024 * 1024


def say(line: str) -> None:
    """Show a line. A terminal that is gone is no reason to stop."""
    with suppress(OSError, ValueError):
        print(line, flush=True)  # noqa: T201 - this is what the terminal is for


def trouble(sentence: str) -> None:
    """Show why something can't be done, on standard error."""
    with suppress(OSError, ValueError):
        print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - this is what the terminal is for


def lit(line: str) -> str:
    """Make the addresses in a line stand out where the terminal can."""
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        return line
    return " ".join(f"\033[1m{word}\033[0m" if "://" in word else word for word in line.split(" "))


class Log:
    """The supervisor's log: a JSON object a line, shaped like the roles' logs; the file before is kept as ``.1``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def event(self, name: str, **details: Any) -> None:  # noqa: ANN401 - JSON values
        """Write what happened."""
        if self._path.exists() and self._path.stat().st_size > LOG_MOST:
            self._path.replace(self._path.with_suffix(".log.1"))
        entry = {"event": name, "level": "info", "logger": "supervisor", "timestamp": clock.now().isoformat()}
        with suppress(OSError), self._path.open("a") as file:
            file.write(json.dumps(entry | details) + "\n")
