"""No line of a log has a value of a request or an exception's text, whoever writes it."""

from __future__ import annotations

import asyncio
import io
import logging
import logging.config
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import uvicorn.config
from opentelemetry.trace import use_span

from adapters.contract.yaml_file import Misconfigured
from gateway import logs
from gateway.faults import outline
from gateway.settings import ROOT
from gateway.spans import LeanTracer

SECRET = "Zhang Wei 110101199003078515"


def written(log: Callable[[logging.Logger], None], name: str = "library") -> str:
    """What a logger's lines come to."""
    stream = io.StringIO()
    handler = logs.Handler(stream)
    handler.setFormatter(logs.Formatter())
    logger = logging.Logger(name)  # noqa: LOG001  # apart from everybody's
    logger.addHandler(handler)
    log(logger)
    return stream.getvalue()


def failing() -> None:
    hidden = SECRET
    try:
        int(hidden)
    except ValueError as exc:
        raise LookupError(SECRET) from exc


def failed() -> LookupError:
    with pytest.raises(LookupError) as caught:
        failing()
    return caught.value


def test_an_exception_is_told_by_type_cause_and_place() -> None:
    text = outline(failed())
    assert text.startswith("unexpected LookupError from ValueError\n")
    assert f"File {__file__}, line " in text
    assert "in failing" in text
    assert SECRET not in text


def test_and_by_its_trace() -> None:
    with use_span(LeanTracer(1, lambda span: None).root("POST /graphql", None, ())) as span:
        text = outline(failed())
    assert f"in trace {span.get_span_context().trace_id:032x}\n" in text


@pytest.mark.parametrize("name", ["library", "gateway.x"])
def test_a_logged_exception_loses_its_text(name: str) -> None:
    def log(logger: logging.Logger) -> None:
        try:
            failing()
        except LookupError:
            logger.exception("It failed")

    assert written(log, name).startswith("It failed\nunexpected LookupError from ValueError\n  File ")
    assert SECRET not in written(log, name)


@pytest.mark.parametrize(
    ("log", "line"),
    [
        (lambda logger: logger.warning("a value: %s, %d %%, %r", SECRET, 7, 123_456), "a value: …, 7 %, …\n"),
        (lambda logger: logger.warning("named %(who)s %(n)d", {"who": SECRET, "n": 7}), "named … 7\n"),
        (lambda logger: logger.warning("it was " "told"), "it was told\n"),
        (lambda logger: logger.warning('a "quoted" %s', SECRET), 'a "quoted" …\n'),
    ],
)  # fmt: skip
def test_a_library_s_line_is_shown_without_values(log: Callable[[logging.Logger], None], line: str) -> None:
    assert written(log) == line


@pytest.mark.parametrize(
    "log",
    [
        lambda logger: logger.warning(SECRET),
        lambda logger: logger.warning(f"about {SECRET}"),  # noqa: G004  # as a library may
        lambda logger: logger.warning(f"about {SECRET} %s", 1),  # noqa: G004
        lambda logger: logger.warning(ValueError(SECRET)),
        lambda logger: logger.warning(bytes(SECRET, "utf-8")),
        lambda logger: logger.warning(" ".join(("about", SECRET))),
    ],
)
def test_a_text_that_is_no_literal_of_the_program_is_not_shown(log: Callable[[logging.Logger], None]) -> None:
    assert written(log).startswith(f"warning of library: {__file__}, line ")
    assert SECRET not in written(log)


def test_an_exception_among_our_own_arguments_is_named_only() -> None:
    text = written(lambda logger: logger.warning("%s and %s", ValueError(SECRET), 7), "gateway.x")
    assert text == "ValueError and 7\n"
    text = written(lambda logger: logger.warning("%s", Misconfigured("a key is unknown")), "gateway.x")
    assert text == "a key is unknown\n"


def test_a_line_that_cannot_be_written_tells_nothing() -> None:
    text = written(lambda logger: logger.warning("%d", SECRET), "gateway.x")
    assert text.startswith(f"a log line cannot be written: {__file__}, line ")
    assert SECRET not in text


def test_the_server_s_access_log_would_have_no_values() -> None:
    """It is off; whoever switches it on gets no query strings by it."""

    def log(logger: logging.Logger) -> None:
        logger.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", f"/graphql?query={SECRET}", "1.1", 200)

    assert written(log, "uvicorn.access") == '… - "… … HTTP/…" 200\n'


async def test_what_a_task_dies_of_loses_its_text(caplog: pytest.LogCaptureFixture) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(logs.on_loop_error)

    async def task(_about: str) -> None:
        failing()

    running = asyncio.create_task(task(SECRET), name=SECRET)
    await asyncio.wait([running])
    del running
    loop.call_exception_handler({"message": SECRET})
    await asyncio.sleep(0)
    assert "unexpected LookupError" in caplog.text
    assert "unexpected event in the event loop" in caplog.text
    assert SECRET not in caplog.text


DYING = """
import sys, threading
from gateway import logs
logs.install()

def die():
    raise ValueError({secret!r})

class Last:
    def __del__(self):
        die()

thread = threading.Thread(target=die)
thread.start()
thread.join()
Last()
die()
"""


def test_a_dying_process_says_where_and_not_what() -> None:
    done = subprocess.run(
        [sys.executable, "-c", DYING.format(secret=SECRET)], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.count("unexpected ValueError\n") == 3
    assert SECRET not in done.stderr


def test_the_lines_that_the_page_names_are_literals_of_the_server() -> None:
    """They pass because they stand in the server's source: else only their place would be logged."""
    package = Path(uvicorn.config.__file__).parent
    source = "".join(path.read_text("utf-8") for path in package.rglob("*.py"))
    for line in ("Exceeded concurrency limit.", "Invalid HTTP request received."):
        assert f'"{line}"' in source
