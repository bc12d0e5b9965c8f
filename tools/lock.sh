#!/bin/sh
# Renews both lock files. They carry hashes and no address of a registry.
set -eu
cd "$(dirname "$0")/.."
uv="${UV:-.venv/bin/uv}"
"$uv" pip compile -q --universal --generate-hashes --no-header --python-version 3.11 \
    pyproject.toml --extra build -o requirements.lock "$@"
"$uv" pip compile -q --universal --generate-hashes --no-header --python-version 3.11 \
    pyproject.toml --extra build --extra dev -o requirements-dev.lock "$@"
