"""``make bench``: runs one part, or all of them, each ending in one JSON line."""

import importlib
import sys

PARTS = ("start", "bytes", "media", "encoding", "feed", "events", "web", "social")
LONG = ("faults", "soak")


def main() -> None:
    """Run the parts that were asked for."""
    asked = [part for part in sys.argv[1:] if part] or list(PARTS)
    for part in asked:
        if part not in PARTS + LONG:
            sys.exit(f"There is no part {part}. The parts are: {', '.join(PARTS + LONG)}.")
        importlib.import_module(f"bench.{part}").main()


main()
