"""Scratch copies of the tree, in which mutations are applied, checked and undone."""

import compileall
import os
import py_compile
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from tests.mutations import forked
from tests.mutations.entries import Mutation, StaleError

CHECK_TIMEOUT = 120.0
"""Seconds a single check may take."""

_CACHES = (".mypy_cache", ".ruff_cache")
_REWRITTEN = re.compile(r"/(test_\w+|conftest)\.py$")


class Scratch:
    """A copy of `root` that checks are run in."""

    def __init__(self, root: Path, copy: Path) -> None:
        self._root = root
        self._copy = copy

    def verdict(self, mutation: Mutation) -> str:
        """`red` when the check fails and says why; otherwise what is wrong, in words."""
        try:
            for edit in mutation.edits:
                edit.apply(self._copy)
            check = mutation.narrow_check(self._root)
            code, output = self.run(f"{check} -x" if mutation.says_a_test else check)
        except StaleError as stale:
            return f"STALE: {stale}"
        finally:
            self._undo(mutation)
        if code == 0:
            return "GREEN"
        if mutation.says not in " ".join(output.split()):
            return f"RED FOR ANOTHER REASON (exit {code}):\n{output}"
        return "red"

    def run(self, check: str) -> tuple[int, str]:
        """Exit code and output of a check in the copy, with this interpreter's tools first on the PATH."""
        words = shlex.split(check)
        if words[0] == "pytest":
            return self._run_pytest(words[1:])
        env = os.environ | {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        try:
            done = subprocess.run(
                words,
                check=False,
                cwd=self._copy,
                env=env,
                timeout=CHECK_TIMEOUT,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        except subprocess.TimeoutExpired:
            return -1, f"no answer within {CHECK_TIMEOUT:g} s"
        return done.returncode, done.stdout

    def _run_pytest(self, arguments: list[str]) -> tuple[int, str]:
        output = self._copy.with_suffix(".out")
        code = forked.run(arguments, self._copy, output, CHECK_TIMEOUT)
        return code, output.read_text() if code >= 0 else f"no answer within {CHECK_TIMEOUT:g} s"

    def _undo(self, mutation: Mutation) -> None:
        for edit in mutation.edits:
            if (self._root / edit.file).exists():
                _restore(self._root / edit.file, self._copy / edit.file)
            else:
                _remove(self._copy / edit.file)


class Scratches:
    """`count` scratch copies of `root` in `folder`, each lent to one thread at a time."""

    def __init__(self, root: Path, folder: Path, count: int) -> None:
        self._free: SimpleQueue[Scratch] = SimpleQueue()
        first, *others = (folder / str(number) for number in range(count))
        _copy_tree(root, first)
        for other in others:
            shutil.copytree(first, other)
        for copy in (first, *others):
            self._free.put(Scratch(root, copy))

    @contextmanager
    def lend(self) -> Iterator[Scratch]:
        """A scratch copy of one's own; waits for one to come free."""
        scratch = self._free.get()
        try:
            yield scratch
        finally:
            self._free.put(scratch)


def _copy_tree(root: Path, copy: Path) -> None:
    """Copy what git tracks or would track, with warm caches and with bytecode."""
    for name in _files(root):
        _restore(root / name, copy / name)
    for cache in _CACHES:
        if (root / cache).is_dir():
            shutil.copytree(root / cache, copy / cache)
    # By a hash of the source, for a mutation may keep size and second. What pytest rewrites has its own bytecode.
    checked = py_compile.PycInvalidationMode.CHECKED_HASH
    compileall.compile_dir(copy, quiet=2, rx=_REWRITTEN, workers=0, invalidation_mode=checked)


def _restore(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy2(source, target)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if any(folder.iterdir()):
            return
        folder.rmdir()


def _files(root: Path) -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [name for name in listed.split("\0") if name and (root / name).exists()]
