"""``python -m nonet`` is the command ``nonet``."""

from nonet.cli import main

main()
