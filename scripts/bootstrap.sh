#!/bin/sh
# Make the two environments from their lock files: .venv (the product) and .venv-rasa (the dialogue server).
# Usage: scripts/bootstrap.sh run | dev | locks
# Nothing is downloaded when the environments already match the lock files.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }
die() { say ""; say "Arrêt : $*"; exit 1; }

# --- uv: on PATH, else installed under .cache (never system-wide) --------------------------------------------
find_uv() {
    for uv in uv .cache/uv/bin/uv "$HOME/.local/bin/uv"; do
        if "$uv" --version >/dev/null 2>&1; then echo "$uv"; return; fi
    done
    for python in python3 python; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' >/dev/null 2>&1 || continue
        say "uv est absent : installation dans .cache/uv"
        rm -rf .cache/uv
        if "$python" -m venv .cache/uv >/dev/null 2>&1 && .cache/uv/bin/python -m pip install --quiet uv >&2; then
            echo .cache/uv/bin/uv; return
        fi
        # Debian without python3-venv: pip alone is enough.
        rm -rf .cache/uv
        if "$python" -m pip install --quiet --target .cache/uv uv >&2; then echo .cache/uv/bin/uv; return; fi
    done
    die "uv ne peut pas être installé. Installez-le (paquet « python3-venv » ou « python3-pip », puis relancez make)."
}

# --- Python X.Y: on PATH (a pyenv shim may be there and not run), under pyenv, else by uv ----------------------
find_python() {
    for python in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
        if "$python" -c 'import sys, ensurepip' >/dev/null 2>&1; then "$python" -c 'import sys; print(sys.executable)'; return; fi
    done
    if ! "$uv" python find --managed-python "$1" >/dev/null 2>&1; then
        say "Python $1 est absent : installation par uv"
        "$uv" python install "$1" >&2 || die "Python $1 est introuvable. Installez-le (système, pyenv ou uv), puis relancez make."
    fi
    "$uv" python find --managed-python "$1"
}

# --- environment DIR, Python X.Y, lock file: synced only when the lock is not the one it was made from ---------
sync() {
    if ! "$1/bin/python" --version >/dev/null 2>&1; then
        say "Environnement $1 : création (Python $2)"
        python=$(find_python "$2")
        "$uv" venv --quiet --clear --python "$python" "$1"
    fi
    cmp -s "$3" "$1/.jalon-lock" && return
    say "Environnement $1 : installation des paquets de $3"
    "$uv" pip sync --quiet --require-hashes --compile-bytecode --python "$1/bin/python" "$3" ||
        die "les paquets de $3 ne peuvent pas être installés. Voir le message au-dessus."
    cp "$3" "$1/.jalon-lock"
    rm -f "$1/.jalon-editable"
}

install_product() {
    cmp -s pyproject.toml .venv/.jalon-editable && return
    # Built with the locked setuptools: nothing outside the lock is asked for.
    "$uv" pip install --quiet --no-deps --no-build-isolation --python .venv/bin/python --editable . ||
        die "le projet ne peut pas être installé dans .venv."
    cp pyproject.toml .venv/.jalon-editable
}

compile() { # PYTHON_VERSION OUTPUT INPUTS...
    version=$1 output=$2; shift 2
    "$uv" pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
        --python-version "$version" --output-file "$output" "$@"
}

uv=$(find_uv)
case "${1:-}" in
run)
    # An environment that already serves the tests holds everything the product needs.
    if ! cmp -s requirements-dev.lock .venv/.jalon-lock; then sync .venv 3.13 requirements.lock; fi
    install_product
    sync .venv-rasa 3.10 assistant/requirements.lock
    ;;
dev)
    sync .venv 3.13 requirements-dev.lock
    install_product
    sync .venv-rasa 3.10 assistant/requirements.lock
    ;;
locks)
    compile 3.13 requirements.lock pyproject.toml --group build
    compile 3.13 requirements-dev.lock pyproject.toml --group build --group dev --constraint requirements.lock
    compile 3.10 assistant/requirements.lock assistant/pyproject.toml
    ;;
*)
    die "usage : scripts/bootstrap.sh run | dev | locks"
    ;;
esac
