#!/usr/bin/env bash
# Deleting a department (its folder, its configuration, its own tests) breaks nothing else: each is deleted in a copy
# of the tree, where the checks and the tests of what is left must pass. Names as arguments limit it to those.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

without() {
    local name=$1 copy=$scratch/$1
    mkdir "$copy"
    git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$copy"
    cd "$copy"
    rm -r "adapters/departments/$name"
    python - "$name" <<'PY'
import pathlib, re, sys
path = pathlib.Path("config/departments.yaml")
entry = re.compile(rf"^  {sys.argv[1]}:.*\n(?:    .*\n|\n)*", re.M)
text, count = entry.subn("", path.read_text())
assert count == 1, f"{path} has no entry {sys.argv[1]}"
path.write_text(text)
PY
    find tests -depth -path "*test_$name*" -exec rm -r {} +
    lint-imports --no-logo >/dev/null
    python -m gateway check >/dev/null
    python -m pytest -q -p no:cacheprovider --collect-only tests >/dev/null
    python -m pytest -q -p no:cacheprovider tests/conformance/test_departments.py -k "manifest or found or every_operation"
    python -m pytest -q -p no:cacheprovider tests/resolvers tests/end_to_end/test_home_screen.py
}

names=("$@")
[[ ${#names[@]} == 0 ]] && mapfile -t names < <(basename -a adapters/departments/[!_]*/)
export -f without
export scratch
try() {
    if (set -euo pipefail; without "$1") >"$scratch/$1.log" 2>&1; then
        echo "without $1: $(tail -n 1 "$scratch/$1.log")"
    else
        echo "without $1: FAILED"
        cat "$scratch/$1.log"
        return 1
    fi
}
export -f try
printf '%s\n' "${names[@]}" | xargs --max-procs 2 --replace bash -c 'try {}'
