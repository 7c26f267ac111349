#!/usr/bin/env bash
# Apply each deliberate violation in tests/mutations/*.toml to a copy of the tree and see its check turn red.
# Arguments pick entries by a part of their name: tests/mutations.sh aiohttp
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=.venv/bin/python
[[ -x $python ]] || python=python
exec "$python" -m tests.mutations "$@"
