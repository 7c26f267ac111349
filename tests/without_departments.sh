#!/usr/bin/env bash
# Deleting a department (its folder, its configuration, its own tests) breaks nothing else: each is deleted in a copy
# of the tree, where the checks and the tests of what is left must pass. Names as arguments limit it to those.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Compiled once for all copies, which keep the times of their files.
unset PYTHONPYCACHEPREFIX PYTHONDONTWRITEBYTECODE
mkdir "$scratch/tree"
git ls-files -z --cached --others --exclude-standard |
    xargs -0 cp --parents --preserve=timestamps -t "$scratch/tree"
python -m compileall -q -j 2 "$scratch/tree"

without() {
    local name=$1 copy=$scratch/$1
    cp --archive "$scratch/tree" "$copy"
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
    lint-imports --no-logo
    python -m gateway check
    # Every test module is imported; assertions are rewritten only where they are to be run.
    python -m pytest -q -p no:cacheprovider --assert=plain --collect-only -q tests
    # Not under graphql-core's executor: which one executes does not depend on the departments.
    python -m pytest -q -p no:cacheprovider -k "not reference" tests/resolvers tests/end_to_end/test_home_screen.py \
        tests/conformance/test_departments.py::test_{departments_are_found,manifest_agrees_with_the_ports,every_operation_has_a_case_that_succeeds}
}

names=("$@")
[[ ${#names[@]} == 0 ]] && mapfile -t names < <(basename -a adapters/departments/[!_]*/)
export -f without
export scratch
try() {
    # In a shell of its own, for what is asked by `if` does not end at its first error.
    if bash -euo pipefail -c 'without "$1"' without "$1" >"$scratch/$1.log" 2>&1; then
        echo "without $1: $(tail -n 1 "$scratch/$1.log")"
    else
        echo "without $1: FAILED"
        cat "$scratch/$1.log"
        return 1
    fi
}
export -f try
printf '%s\n' "${names[@]}" | xargs --max-procs 2 --replace bash -c 'try {}'
