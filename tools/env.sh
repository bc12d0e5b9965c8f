#!/bin/sh
# Makes .venv and installs what the lock names, by hash: "tools/env.sh" to run, "tools/env.sh dev" to test as well.
# Does nothing, in a tenth of a second, when nothing changed.
set -eu
cd "$(dirname "$0")/.."
kind="${1:-run}"
lock=requirements.lock
[ "$kind" = dev ] && lock=requirements-dev.lock

say() { printf '%s\n' "$*" >&2; }

# The command that installs packages of this system's own: Debian's names, then Fedora's, then Homebrew's.
how_to_get() {
    if command -v apt-get >/dev/null; then say "    sudo apt-get install $1"
    elif command -v dnf >/dev/null; then say "    sudo dnf install $2"
    elif command -v brew >/dev/null; then say "    brew install $3"
    else say "    install $3 by your system's means"; fi
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.14 python3.11 python3; do
        if command -v "$candidate" >/dev/null && new_enough "$candidate"; then command -v "$candidate"; return; fi
    done
    say "Nonet needs Python 3.11 or newer, and there is none here. Install it:"
    how_to_get "python3.11 python3.11-venv" python3.11 python@3.13
    say "or name one: make run PYTHON=/path/to/python3"
    exit 1
}

# Packages are installed into .venv by its own pip; without ensurepip (Debian's python3-venv), by the system's.
make_venv() {
    rm -rf .venv
    if "$python" -c 'import ensurepip' 2>/dev/null && "$python" -m venv .venv; then return; fi
    rm -rf .venv
    if "$python" -m pip --version >/dev/null 2>&1 && "$python" -m venv --without-pip .venv; then return; fi
    rm -rf .venv
    version="$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')"
    say "$python can't make a virtual environment: its modules venv and ensurepip are a package of their own here. Install it:"
    how_to_get "$version-venv" "$version" "${version%.*}@${version#python}"
    say "and start again."
    exit 1
}

pip() {
    if .venv/bin/python -m pip --version >/dev/null 2>&1; then
        .venv/bin/python -m pip --disable-pip-version-check --no-input "$@"
    else
        "$python" -m pip --disable-pip-version-check --no-input --python .venv/bin/python "$@"
    fi
}

# A .venv belongs to its folder and its Python: programs in it name both.
place() { printf '%s %s' "$PWD" "$(readlink -f .venv/bin/python)"; }
want="$(cat "$lock" pyproject.toml | cksum)"
if [ -x .venv/bin/python ] && [ "$(cat .venv/where 2>/dev/null)" = "$(place)" ]; then
    [ "$(cat ".venv/installed-$kind" 2>/dev/null)" != "$want" ] || exit 0
    python="$(find_python)"
else
    python="$(find_python)"
    say "Making .venv with $("$python" --version)"
    make_venv
    place >.venv/where
fi

say "Installing the packages of $lock; this happens once, and again when it changes"
quiet=--quiet
[ -t 2 ] && quiet=
# shellcheck disable=SC2086 # no option is none
pip install $quiet --require-hashes --requirement "$lock"
pip install --quiet --no-deps --no-build-isolation --editable .
printf '%s' "$want" >".venv/installed-$kind"
# What tests need contains what running needs.
[ "$kind" = run ] || cat requirements.lock pyproject.toml | cksum | tr -d '\n' >.venv/installed-run
